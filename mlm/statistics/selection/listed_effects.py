"""Fixed effects of a model as it is listed beside others: estimates and errors alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.results.coefficient import Term
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.names import coefficients
from mlm.statistics.fitting.concluding import raw_fixed_effects
from mlm.statistics.fitting.deviance_fit import DevianceFit
from mlm.statistics.fitting.refit import NEAR_AMONG_DRAWS, descended
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.fitting.starts import Start
from mlm.statistics.likelihood.making import working_statistics


@dataclass(frozen=True)
class FixedEffects:
    """Estimates with their errors, without degrees of freedom, which take a curvature.

    Attributes
    ----------
    coefficients : tuple of Term
        What each stands for.
    beta, std_errors : ndarray (p,)
        In units of the response.
    """

    coefficients: tuple[Term, ...]
    beta: np.ndarray
    std_errors: np.ndarray


def by_reml(fit: DevianceFit, stats: CrossProducts) -> FixedEffects:
    """Those of a submodel by REML, by a descent from its optimum by ML where terms have forms.

    Parameters
    ----------
    fit : DevianceFit
        The submodel by ML.
    stats : CrossProducts
        The sample.

    Raises
    ------
    StatisticsError, ModelError, FitError
        As for ``fit_model``.
    """
    start = fit.start
    if isinstance(start, Start) and start.hessian is not None:
        working = working_statistics(fit.model, stats)
        found = descended(start, working, "REML", start.hessian, NEAR_AMONG_DRAWS)
        if found is not None:
            beta, covariance = raw_fixed_effects(working, found[0].at)
            return _of(coefficients(working.fixed), beta, covariance)
    whole = fit_model(fit.model, stats, "REML", start)
    return _of(whole.coefficients, whole.beta, whole.covariance)


def _of(terms: tuple[Term, ...], beta: np.ndarray, covariance: np.ndarray) -> FixedEffects:
    return FixedEffects(terms, beta, np.sqrt(np.diagonal(covariance)))
