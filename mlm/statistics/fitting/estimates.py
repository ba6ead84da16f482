"""Estimates of a model from one much like it: no curvature, so no degrees of freedom.

Curvature takes an evaluation of the criterion for each parameter, which is more than the descent to
the optimum from that of a similar model.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mlm.nouns.model import Model
from mlm.results.coefficient import Term
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.names import coefficients
from mlm.statistics.fitting.concluding import raw_fixed_effects
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.refit import NEAR_AMONG_DRAWS, descended
from mlm.statistics.fitting.solution import fit_model, ordered_model
from mlm.statistics.fitting.starts import Start
from mlm.statistics.likelihood.evaluation import Criterion
from mlm.statistics.likelihood.making import working_statistics


@dataclass(frozen=True)
class ModelEstimates:
    """What a model says at its optimum, in units of the response.

    Attributes
    ----------
    names : tuple of str
        The p fixed effects.
    coefficients : tuple of Term
        What each stands for.
    beta, std_errors : ndarray (p,)
        Fixed effects.
    covariances : tuple of ndarray (q, q)
        Of the effects of each random term.
    sigma2 : float
        Residual variance, or the scale where a term is in its place.
    """

    names: tuple[str, ...]
    coefficients: tuple[Term, ...]
    beta: np.ndarray
    std_errors: np.ndarray
    covariances: tuple[np.ndarray, ...]
    sigma2: float

    @classmethod
    def of(cls, fit: Fit) -> ModelEstimates:
        """Those of a fit."""
        errors = np.sqrt(np.diagonal(fit.covariance))
        return cls(fit.names, fit.coefficients, fit.beta, errors, fit.covariances, fit.sigma2)


def estimates_near(
    model: Model,
    stats: CrossProducts,
    criterion: Criterion,
    start: Fit | Start,
    gain: float = NEAR_AMONG_DRAWS,
) -> ModelEstimates:
    """Estimates of a model that is near another, or whose sample is near that of another fit.

    Parameters
    ----------
    model : Model
        The claim.
    stats : CrossProducts
        The evidence.
    criterion : {"ML", "REML"}
        What is optimised.
    start : Fit or Start
        Where to begin; with curvature a descent leads from there.
    gain : float
        Deviance that a further step could gain, at which the descent ends.

    Raises
    ------
    StatisticsError, ModelError, FitError
        As for ``fit_model``.
    """
    model = ordered_model(model, stats)
    is_known = (model, criterion) in stats.fits
    if not is_known and isinstance(start, Start) and start.hessian is not None:
        working = working_statistics(model, stats)
        found = descended(start, working, criterion, start.hessian, gain)
        if found is not None:
            point, search = found
            beta, covariance = raw_fixed_effects(working, point.at)
            squared = working.response[1] ** 2
            scale = squared * point.at.sigma2 / search.share(point.theta)
            return ModelEstimates(
                tuple(column.name for column in working.fixed),
                coefficients(working.fixed),
                beta,
                np.sqrt(np.diagonal(covariance)),
                tuple(scale * each for each in search.covariances(point.theta)),
                squared * point.at.sigma2,
            )
        start = replace(start, hessian=None)  # a variance at zero: the search looks around
    return ModelEstimates.of(fit_model(model, stats, criterion, start, degrees=False))
