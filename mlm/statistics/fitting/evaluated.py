"""A fit with its evidence and the criterion at its estimates: what effects are read from.

Equal innermost groups may be pooled: what is asked of single groups is made again, some at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.likelihood.covariance import level_matrices, working_theta
from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.evaluation import Evaluation
from mlm.statistics.likelihood.making import working_statistics
from mlm.statistics.likelihood.working import Working


@dataclass(frozen=True)
class Evaluated:
    """A fit, its evidence, and the criterion at its estimates.

    Attributes
    ----------
    fit : Fit
    stats : CrossProducts
        Its sample.
    working : Working
        The working statistics of the model.
    at : Evaluation
        The criterion at the estimates.
    """

    fit: Fit
    stats: CrossProducts
    working: Working
    at: Evaluation


def working_of(fit: Fit, stats: CrossProducts, pooled: bool = True) -> Working:
    """The working statistics of a fit's model, at its ratios of residual variances if they differ.

    Parameters
    ----------
    fit : Fit
    stats : CrossProducts
        Its sample, or another with the same columns.
    pooled : bool
        Pool equal innermost groups where that pays.
    """
    return working_statistics(fit.model, stats, pooled, fit.ratios)


def evaluation_of(
    fit: Fit, stats: CrossProducts, pooled: bool = True, working: Working | None = None
) -> Evaluated:
    """The criterion at the estimates of a fit, evaluated anew on a sample.

    Parameters
    ----------
    fit : Fit
    stats : CrossProducts
        Its sample, or another with the same columns.
    pooled : bool
        Pool equal innermost groups where that pays; what is asked of single rows needs them apart.
    working : Working, optional
        The working statistics, where they are known.
    """
    working = working_of(fit, stats, pooled) if working is None else working
    theta = working_theta(fit.omegas, working.blocks)
    at = evaluate(working, level_matrices(theta, working), fit.criterion)
    if fit.design is not None:
        to_working = working.transform / working.response[1]
        at = replace(at, fixed_spread=to_working @ fit.covariance @ to_working.T / at.sigma2)
    return Evaluated(fit, stats, working, at)
