"""A model by ML as far as comparisons of deviances need it: no curvature, no errors.

Curvature takes an evaluation of the criterion for each parameter, which is more than the descent to
the optimum from that of a larger model.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mlm.nouns.model import Model
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.descent import DESCENT_GAIN, endless
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.refit import descended
from mlm.statistics.fitting.solution import fit_model, ordered_model, told_apart
from mlm.statistics.fitting.starts import Start, start_from
from mlm.statistics.likelihood.evaluation import Criterion, InformationCriteria
from mlm.statistics.likelihood.making import working_statistics


@dataclass(frozen=True)
class DevianceFit(InformationCriteria):
    """A model at the optimum of its likelihood.

    Attributes
    ----------
    model : Model
        The claim.
    criterion : {"ML", "REML"}
        What was optimised.
    deviance : float
        The criterion at the optimum.
    n_params : int
        Fixed effects, variances, covariances and residual variances.
    n_obs : int
        Rows.
    start : Fit or Start
        Where a fit of the model by another criterion, or of a smaller one, begins.
    """

    model: Model
    criterion: Criterion
    deviance: float
    n_params: int
    n_obs: int
    start: Fit | Start

    @classmethod
    def of(cls, fit: Fit) -> DevianceFit:
        """What a fit says of its deviance."""
        return cls(fit.model, fit.criterion, fit.deviance, fit.n_params, fit.n_obs, fit)


def deviance_fit(
    model: Model,
    stats: CrossProducts,
    full: Fit,
    hessian: np.ndarray,
    start: Fit | Start | None = None,
    gain: float = DESCENT_GAIN,
    is_enough: Callable[[float, float], bool] = endless,
) -> DevianceFit:
    """A model with fewer or more fixed terms than another by ML, by a descent from that one.

    Where that one has a variance of zero, or residual variances that differ, it is fitted as any.

    Parameters
    ----------
    model : Model
        The other model with fewer fixed terms, or with more.
    stats : CrossProducts
        The sample.
    full : Fit
        The other model by ML.
    hessian : ndarray (t, t)
        Curvature of its criterion.
    start : Fit or Start, optional
        Of a model nearer than the other one.
    gain : float
        Deviance that a further step could gain, at which a descent ends.
    is_enough : callable
        As for ``descend``: whether it may end before, at a deviance that is not the least.

    Raises
    ------
    StatisticsError, ModelError, FitError
        As for ``fit_model``.
    """
    start = full if start is None else start
    model = ordered_model(model, stats)
    is_known = (model, "ML") in stats.fits
    is_at_bound = full.n_covariance is None and full.is_singular
    if is_known or is_at_bound or model.residual is not None:
        return DevianceFit.of(fit_model(model, stats, "ML", start, degrees=False))
    working = working_statistics(model, stats)
    if not {term.key for term in model.terms} <= {term.key for term in full.model.terms}:
        told_apart(working, model, stats)
    if isinstance(start, Fit):
        start = start_from(start, model, working, stats)
    found = descended(start, working, "ML", hessian, gain, is_enough)
    if found is None:  # a variance at zero: the search looks around
        start = replace(start, hessian=None)
        return DevianceFit.of(fit_model(model, stats, "ML", start, degrees=False))
    point, search = found
    return DevianceFit(
        model,
        "ML",
        point.at.deviance,
        full.n_params - full.beta.size + working.n_fixed,
        full.n_obs,
        Start(tuple(search.covariances(point.theta)), 1.0, hessian),
    )
