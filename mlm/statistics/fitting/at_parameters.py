"""A fit with its sample at parameters other than its estimates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.fitting.strata_search import search_of
from mlm.statistics.likelihood.covariance import block_parts, raw_omega
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
    """
    fit = evaluated.fit
    search = search_of(evaluated.working, fit.criterion)
    working, omegas = search.working_at(theta), search.omegas(theta)
    at = evaluate(working, omegas, fit.criterion)
    parts = zip(block_parts(omegas, working.blocks), working.blocks, strict=True)
    strata = working.strata
    moved = replace(
        fit,
        omegas=tuple(raw_omega(part, block) for part, block in parts),
        sigma2=at.sigma2 * working.response[1] ** 2,
        deviance=at.deviance,
        ratios=None if strata is None else strata.named(working.ratios),
    )
    return Evaluated(moved, evaluated.stats, working, at)
