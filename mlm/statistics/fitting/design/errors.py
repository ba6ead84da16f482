"""Errors of a weighted fit by the design of its sample: of coefficients, variances and shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlm.errors import SamplingError, SamplingFault
from mlm.nouns.distributions import student_quantile
from mlm.nouns.levels import RESIDUAL
from mlm.nouns.sampling import Sandwich
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.sampling import ReplicateFactors
from mlm.statistics.fitting.design.cluster_scores import ClusterScores, cluster_scores
from mlm.statistics.fitting.design.estimates import SQUARE_STEP, DesignEstimates
from mlm.statistics.fitting.design.linearised import cluster_steps, replicate_steps
from mlm.statistics.fitting.design.model_errors import composite
from mlm.statistics.fitting.design.record import DesignErrors, DesignShare
from mlm.statistics.fitting.design.replicate_variance import effective_degrees
from mlm.statistics.fitting.design.sandwich import FEWEST, Strata, sandwich
from mlm.statistics.fitting.design.scaled_errors import (
    leaving_out,
    logits,
    logs,
    scaled_errors,
)
from mlm.statistics.fitting.design.skewness import skewed_reach, skewness
from mlm.statistics.fitting.newton import Optimum
from mlm.statistics.fitting.search import Search
from mlm.statistics.likelihood.differences import jacobian
from mlm.statistics.likelihood.evaluation import fixed_covariance


def design_errors(
    search: Search, best: Optimum, stats: CrossProducts, kind: Sandwich | None = None
) -> DesignErrors:
    """Linearised errors of a weighted fit.

    Parameters
    ----------
    search : Search
        The criterion of the model.
    best : Optimum
        Where it is least.
    stats : CrossProducts
        The weighted sample.
    kind : str, optional
        Formula of the sandwich; default: that of the design, or its replicates where it has any.

    Raises
    ------
    SamplingError
        When there are no clusters, or fewer than two in all strata.
    """
    sampled = stats.sampled
    strata = strata_of(stats)
    replicates = replicates_of(stats, strata.codes.size) if kind is None else None
    found = cluster_scores(search, best, stats)
    kind = kind or sampled.design.sandwich
    estimates = DesignEstimates(search, stats)
    to_raw = _to_raw(estimates, best, found)
    covariance = to_raw @ sandwich(found, strata, kind, replicates) @ to_raw.T
    df = strata.df if replicates is None else replicates.df
    steps = _Steps.of(found, strata, replicates, stats, to_raw)
    alone, normal = _alone(estimates, best), estimates.of_normal_effects(best, stats)
    p, variances = found.n_fixed, estimates.variances(best.theta, best.at.sigma2)
    shares = len(estimates.groups)
    errors = DesignErrors(
        sampling=sampled.design,
        method="linearised" if replicates is None else "replicates",
        sandwich=kind,
        n_psu=strata.codes.size,
        strata=strata.names,
        joined=strata.joined,
        df=df,
        degrees=effective_degrees(steps.resting, np.zeros(len(covariance)), df),
        names=estimates.names,
        variances=variances,
        log_errors=composite(
            steps.errors(logs, variances + steps.replicates[:, p:], variances), normal[:-shares]
        ),
        normal_errors=normal,
        skewness=skewness(steps.clusters[:, p:]),
        covariance=covariance,
        design_effect=np.diagonal(covariance)[:p] / alone,
        shares=(),
        corrected=None,
        unit=sampled.unit,
        weight=sampled.weight,
        effective=sampled.effective,
        zero=sampled.zero,
        waves=sampled.waves,
    )
    return replace(errors, shares=_linearised_shares(estimates, errors, steps))


@dataclass(frozen=True)
class _Steps:
    """What clusters and replicates add to the m fixed effects and variances, to first order.

    Attributes
    ----------
    clusters : ndarray (C, m)
        What each cluster adds, about the mean of its stratum.
    resting : ndarray (R, m)
        What degrees of freedom rest on; without rows where they are those of the design.
    replicates : ndarray (R, m)
        What a replicate, or leaving out a cluster, adds, by what the sample weighs then.
    counts : ndarray (R,)
        What each of these counts for; NaN where errors are by a formula that is not of them.
    """

    clusters: np.ndarray
    resting: np.ndarray
    replicates: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(
        cls,
        found: ClusterScores,
        strata: Strata,
        replicates: ReplicateFactors | None,
        stats: CrossProducts,
        to_raw: np.ndarray,
    ) -> _Steps:
        clusters = cluster_steps(found.scores, found.information, strata) @ to_raw.T
        weights, design = stats.sampled.clusters.weights, stats.sampled.design
        if replicates is None:
            times = leaving_out(strata.codes, strata.sizes, weights)
            counts = 1.0 - 1.0 / strata.sizes[strata.codes]
            counts = counts if design.sandwich == "joint" else np.full(counts.size, np.nan)
            return cls(clusters, clusters, -clusters * times[:, None], counts)
        moved = replicate_steps(found.scores, found.information, replicates.values) @ to_raw.T
        times = weights.sum() / (replicates.values.T @ weights)
        resting = moved if design.replicates.is_jackknife else moved[:0]
        return cls(clusters, resting, moved * times[:, None], replicates.scale)

    def errors(self, scale, each: np.ndarray, here: np.ndarray) -> np.ndarray:
        """Standard errors (k,) on a scale of what the replicates make of estimates (R, k)."""
        return scaled_errors(scale, each, here, self.counts)


def replicates_of(stats: CrossProducts, clusters: int) -> ReplicateFactors | None:
    """The replicates of a sample where its errors are to come from them; else None.

    Where they are not of whole clusters, errors come from fits to each, which rows are needed for.

    Raises
    ------
    SamplingError
        When the design names replicates that were not read with the sample.
    """
    sampled = stats.sampled
    if sampled.design.errors_of(clusters) != "replicates":
        return None
    if sampled.replicates is None:
        raise SamplingError(
            SamplingFault(
                "no_replicates",
                "the sample was made without the replicates that its design names. Give the rows "
                "to mlm.fit, or add them by mlm.with_replicates(stats, rows).",
            )
        )
    return sampled.replicates if sampled.replicates.values is not None else None


def strata_of(stats: CrossProducts) -> Strata:
    """The clusters of a sample by stratum.

    Raises
    ------
    SamplingError
        When there are no clusters, or none is beside another one in its stratum.
    """
    clusters = stats.sampled.clusters
    if clusters.size < FEWEST:
        raise SamplingError(
            SamplingFault(
                "no_clusters",
                f"{clusters.size} clusters: errors of a weighted fit come from the differences "
                "between them. Name the column of the primary sampling units: psu=...",
            )
        )
    strata = Strata.of(clusters.strata, clusters.size)
    if strata.df < 1:
        raise SamplingError(
            SamplingFault(
                "one_cluster_each",
                f"{clusters.size} clusters in {strata.sizes.size} strata leave no degree of "
                "freedom. Leave the strata out, or join them.",
            )
        )
    return strata


def _to_raw(estimates: DesignEstimates, best: Optimum, found: ClusterScores) -> np.ndarray:
    """Derivative (p + v, p + f + 1) of raw estimates by the parameters of the search."""
    p = found.n_fixed
    own = estimates.change(best.theta, best.at.sigma2, found.free)
    to_raw = np.zeros((p + len(own), len(found.information)))
    if p:
        to_raw[:p, :p] = estimates.back
    to_raw[p:, p:] = own
    return to_raw


def _alone(estimates: DesignEstimates, best: Optimum) -> np.ndarray:
    """Variances (p,) of the raw fixed effects as if the model were all, weights mean one."""
    if estimates.back is None:
        return np.ones(0)
    inner = fixed_covariance(best.at) * best.at.sigma2
    return np.diagonal(estimates.back @ inner @ estimates.back.T)


def _linearised_shares(
    estimates: DesignEstimates, errors: DesignErrors, steps: _Steps
) -> tuple[DesignShare, ...]:
    """Shares with errors by the delta method, those of their logits by one step a replicate."""
    values, size = errors.variances, np.maximum(np.abs(errors.variances), 1e-3)
    at, p = estimates.shares(values), errors.n_fixed
    has_residual = errors.names[-1].group == RESIDUAL and values[-1] > 0.0
    scale = values[-1] if has_residual else float(size.max())
    slopes = jacobian(estimates.shares, values, np.full(values.size, SQUARE_STEP * scale))
    spread = np.einsum("vs,vu,us->s", slopes, errors.variance_covariance, slopes)
    degrees = effective_degrees(steps.resting[:, p:] @ slopes, np.zeros(at.size), errors.df)
    each = estimates.shares(values + steps.replicates[:, p:])
    return shares_with(
        estimates.groups,
        at,
        np.sqrt(np.maximum(spread, 0.0)),
        degrees,
        skewness(steps.clusters[:, p:] @ slopes),
        composite(steps.errors(logits, each, at), errors.normal_errors[values.size :]),
    )


def shares_with(
    groups: Sequence[str],
    shares: np.ndarray,
    std_errors: np.ndarray,
    degrees: np.ndarray,
    skew: np.ndarray,
    of_logits: np.ndarray,
) -> tuple[DesignShare, ...]:
    """Shares with intervals on the scale of logits, by t and skewness.

    Parameters
    ----------
    groups : sequence of str
        Grouping factors, s of them.
    shares, std_errors : ndarray (s,)
    degrees : ndarray (s,)
        Degrees of freedom of each.
    skew : ndarray (s,)
        Skewness of the error of each.
    of_logits : ndarray (s,)
        Standard errors of the logits; NaN: by the delta method.
    """
    below, above = skewed_reach(student_quantile(0.975, degrees), skew)
    out = []
    for i, (group, share, error) in enumerate(zip(groups, shares, std_errors, strict=True)):
        told, df = (group, float(share), float(error)), float(degrees[i])
        if not 0.0 < share < 1.0:
            out.append(DesignShare(*told, float(share), float(share), df, 0.0, float(skew[i])))
            continue
        odds = np.log(share / (1.0 - share))
        own = error / (share * (1.0 - share)) if np.isnan(of_logits[i]) else of_logits[i]
        with np.errstate(over="ignore"):  # of a share that is hardly above zero
            ends = [1.0 / (1.0 + np.exp(-(odds + r * own))) for r in (-below[i], above[i])]
        out.append(DesignShare(*told, *map(float, ends), df, float(own), float(skew[i])))
    return tuple(out)
