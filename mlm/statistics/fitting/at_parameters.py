"""A fit with its sample at parameters other than its estimates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlm.statistics.fitting.concluding import raw_omegas, residual_ratios
from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.fitting.strata_search import search_of
from mlm.statistics.likelihood.criterion import evaluate


def evaluated_at(evaluated: Evaluated, theta: np.ndarray) -> Evaluated:
    """The criterion at some parameters, with the covariances that they stand for.

    The fixed effects and the residual variance are at their best there. What else the fit holds is
    that of its estimates.

    Parameters
    ----------
    evaluated : Evaluated
        A fit and its sample.
    theta : ndarray (m,)
        All parameters of the covariance, as the search of the model has them.

    Raises
    ------
    FitError
        When it cannot be evaluated there.
    """
    fit = evaluated.fit
    search = search_of(evaluated.working, fit.criterion)
    working = search.working_at(theta)
    at = evaluate(working, search.omegas(theta), fit.criterion)
    moved = replace(
        fit,
        omegas=raw_omegas(at, working),
        sigma2=at.sigma2 * working.response[1] ** 2,
        deviance=at.deviance,
        ratios=residual_ratios(working),
    )
    return Evaluated(moved, evaluated.stats, working, at)
