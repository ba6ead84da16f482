"""Errors of a weighted fit by leaving out one cluster at a time, and variances without their bias.

A fit without a cluster is one to reweighed cross-products: the cluster has the factor 0, the others
of its stratum ``n / (n - 1)``, and no row is read. Each search begins at the estimates, with the
curvature there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from mlm.errors import FitError, SamplingError, SamplingFault
from mlm.statistics.evidence.sampling import Clusters
from mlm.statistics.fitting.descent import descend
from mlm.statistics.fitting.design.cluster_scores import clusters_of
from mlm.statistics.fitting.design.errors import shares_with, strata_of
from mlm.statistics.fitting.design.estimates import DesignEstimates
from mlm.statistics.fitting.design.model_errors import composite
from mlm.statistics.fitting.design.record import DesignErrors
from mlm.statistics.fitting.design.replicate_variance import (
    effective_degrees,
    replicate_covariance,
)
from mlm.statistics.fitting.design.sandwich import Strata
from mlm.statistics.fitting.design.scaled_errors import logits, logs, scaled_errors
from mlm.statistics.fitting.search import Point
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.fitting.strata_search import search_of
from mlm.statistics.likelihood.threads import one_thread
from mlm.statistics.likelihood.working import Working

LEFT_OF_INFORMATION = 1e-9  # share of what all rows tell of a combination of fixed effects
LEFT_TO_GAIN = 1e-9  # deviance that a further step could gain: 1e-4 of a standard error


@one_thread()
def jackknife_errors(solution: Solution) -> DesignErrors:
    """Errors of a weighted fit by the jackknife over clusters: JK1, or JKn within strata.

    Parameters
    ----------
    solution : Solution
        A weighted fit and its sample.

    Returns
    -------
    DesignErrors
        ``corrected`` holds the variances less their bias from few clusters.

    Raises
    ------
    SamplingError
        When the model cannot be fitted without one of the clusters.

    Source
    ------
    Rust and Rao (1996), Stat. Methods Med. Res. 5, 283-310; bias: Quenouille (1956), Biometrika 43,
    353-360; degrees of freedom as ``effective_degrees``.
    """
    known, best, stats = solution.fit.design, solution.best, solution.stats
    estimates = DesignEstimates(solution.search, stats)
    strata = strata_of(stats)
    here = _values(estimates, best.theta, best.at.beta, best.at.sigma2)
    found = np.array(
        [
            _values(estimates, point.theta, point.at.beta, point.at.sigma2)
            for point in _without_each(solution, strata)
        ]
    )
    sizes = strata.sizes[strata.codes]
    factors = (sizes - 1.0) / sizes
    moved = found - here
    p, v = best.at.beta.size, known.variances.size
    shares = here[p + v :]
    odds, degrees = _logit(found[:, p + v :]), effective_degrees(found, here, strata.df)
    of_normal = known.normal_errors
    of_logs = scaled_errors(logs, found[:, p : p + v], here[p : p + v], factors)
    of_logits = scaled_errors(logits, found[:, p + v :], shares, factors)
    of_logits = composite(of_logits, of_normal[v:])
    of_odds = effective_degrees(odds, _logit(shares), strata.df)
    errors = np.sqrt(factors @ moved[:, p + v :] ** 2)
    covariance = replicate_covariance(found[:, : p + v], here[: p + v], factors)
    skew = np.array([share.skewness for share in known.shares])
    effect = np.diagonal(known.covariance)[:p] / known.design_effect
    return replace(
        known,
        method="jackknife",
        df=strata.df,
        degrees=degrees[: p + v],
        covariance=covariance,
        design_effect=np.diagonal(covariance)[:p] / effect,
        shares=shares_with(estimates.groups, shares, errors, of_odds, skew, of_logits),
        log_errors=composite(of_logs, of_normal[:v]),
        corrected=known.variances - factors @ moved[:, p : p + v],
    )


def _values(estimates: DesignEstimates, theta, beta, sigma2: float) -> np.ndarray:
    """Fixed effects, (co)variances and shares, one after the other."""
    variances = estimates.variances(theta, sigma2)
    return np.concatenate([estimates.fixed(beta), variances, estimates.shares(variances)])


def _logit(shares: np.ndarray) -> np.ndarray:
    inside = np.clip(shares, 1e-12, 1.0 - 1e-12)
    return np.log(inside / (1.0 - inside))


def _without_each(solution: Solution, strata: Strata) -> Iterator[Point]:
    """The optimum without each cluster."""
    clusters = clusters_of(solution.working, solution.stats)
    matrix = solution.working.matrix
    totals = matrix.T @ clusters.totals @ matrix
    for place in range(clusters.size):
        beside = strata.codes == strata.codes[place]
        factors = np.where(beside, beside.sum() / (beside.sum() - 1.0), 1.0)
        factors[place] = 0.0
        working = reweighed(solution.working, clusters, totals, factors)
        try:
            _refuse_lost(working, solution.working)
            search = search_of(working, "ML")
            yield descend(search, solution.best.theta, solution.best.hessian, LEFT_TO_GAIN)
        except FitError as error:
            raise SamplingError(
                SamplingFault(
                    "not_without_cluster",
                    f"jackknife: the model cannot be fitted without cluster "
                    f"{clusters.names[place]} ({error}) Leave out terms that rest on one cluster, "
                    'or take standard_errors="linearised".',
                )
            ) from error


def _refuse_lost(working: Working, whole: Working) -> None:
    """Refuse statistics in which a fixed effect has nothing left that tells it but rounding.

    Raises
    ------
    FitError
    """
    p = whole.n_fixed
    root = np.linalg.cholesky(whole.total[:p, :p])
    left = np.linalg.solve(root, np.linalg.solve(root, working.total[:p, :p]).T)
    if p and np.linalg.eigvalsh(left)[0] < LEFT_OF_INFORMATION:
        raise FitError("a fixed effect is told by its rows alone.")


def reweighed(
    working: Working, clusters: Clusters, totals: np.ndarray, factors: np.ndarray
) -> Working:
    """The working statistics with each cluster (C,) so many times as often.

    Parameters
    ----------
    working : Working
        Of the whole sample.
    clusters : Clusters
        Its clusters.
    totals : ndarray (C, w, w)
        Their cross-products of the working columns.
    factors : ndarray (C,)
        Of each cluster.
    """
    return replace(
        working,
        total=np.tensordot(factors, totals, axes=1),
        structure=working.structure.reweighed(factors[clusters.of_outermost]),
        n_obs=float(factors @ clusters.weights),
    )
