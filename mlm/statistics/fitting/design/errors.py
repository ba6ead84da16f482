"""Errors of a weighted fit by the design of its sample: of coefficients, variances and shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlm.errors import SamplingError, SamplingFault
from mlm.nouns.distributions import student_quantile
from mlm.nouns.levels import RESIDUAL
from mlm.nouns.model import INTERCEPT
from mlm.nouns.sampling import Sandwich
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import mean_moments
from mlm.statistics.evidence.sampling import ReplicateFactors
from mlm.statistics.fitting.design.cluster_scores import ClusterScores, cluster_scores
from mlm.statistics.fitting.design.linearised import cluster_steps, replicate_steps
from mlm.statistics.fitting.design.record import DesignErrors, DesignShare, VarianceName
from mlm.statistics.fitting.design.replicate_variance import effective_degrees
from mlm.statistics.fitting.design.sandwich import FEWEST, Strata, sandwich
from mlm.statistics.fitting.newton import Optimum
from mlm.statistics.fitting.search import Search
from mlm.statistics.likelihood.differences import jacobian, relative_steps
from mlm.statistics.likelihood.evaluation import fixed_covariance
from mlm.statistics.likelihood.working import Working

SQUARE_STEP = 1e-5  # relative, of differences of covariances, which are squares of the parameters


class DesignEstimates:
    """Fixed effects, (co)variances and shares as functions of the parameters of a search.

    Parameters
    ----------
    search : Search
        The criterion of a model.
    stats : CrossProducts
        Its sample.
    """

    def __init__(self, search: Search, stats: CrossProducts):
        working = search.working
        self._search, self._unit = search, working.response[1]
        self.names, self._places = _named(working)
        moments = mean_moments(working.model, stats)
        self.groups = tuple(dict.fromkeys(name.group for name in self.names))
        self._weights = np.zeros((len(self.groups), len(self.names)))
        for i, (name, place) in enumerate(zip(self.names, self._places, strict=True)):
            weight = 1.0
            if place is not None:
                b, row, column = place
                weight = float(moments[b][row, column]) * (1.0 if row == column else 2.0)
            self._weights[self.groups.index(name.group), i] = weight
        self.back = self._unit * np.linalg.inv(working.transform) if working.n_fixed else None

    def variances(self, theta: np.ndarray, sigma2: float) -> np.ndarray:
        """(Co)variances (v,) in squared units of the response; sigma^2 in those of the search."""
        covariances = self._search.covariances(theta)
        parts = [1.0 if at is None else covariances[at[0]][at[1:]] for at in self._places]
        return sigma2 * self._unit**2 * np.array(parts)

    def shares(self, variances: np.ndarray) -> np.ndarray:
        """Share of each group in the sum of the mean variances of all."""
        parts = self._weights @ variances
        return parts / parts.sum()

    def fixed(self, beta: np.ndarray) -> np.ndarray:
        """Raw fixed effects (p,), their response counted from its origin."""
        return beta if self.back is None else self.back @ beta

    def change(self, theta: np.ndarray, sigma2: float, free: np.ndarray) -> np.ndarray:
        """Derivative (v, f + 1) of the (co)variances by parameters that are free, log sigma^2.

        Parameters
        ----------
        theta : ndarray (t,)
            Parameters of the covariance.
        sigma2 : float
            Residual variance, in squared working units.
        free : ndarray of int (f,)
            Places of those parameters that are free.
        """
        steps = relative_steps(theta, SQUARE_STEP)
        here = self.variances(theta, sigma2)
        by = np.zeros((0, here.size))
        if theta.size:
            by = jacobian(lambda each: self.variances(each, sigma2), theta, steps)[free]
        return np.vstack([by, here]).T


def _named(working: Working) -> tuple[tuple[VarianceName, ...], list]:
    """Names of the (co)variances, and the random term, row and column of each; None: residual."""
    names, places = [], []
    for b, (term, block) in enumerate(zip(working.model.random, working.blocks, strict=True)):
        own, size = block.names, block.size
        pairs = [(i, i) for i in range(size)]
        pairs += [(i, j) for j in range(size) for i in range(j + 1, size)]
        for i, j in pairs:
            names.append(VarianceName(term.name, own[j], None if i == j else own[i]))
            places.append((b, i, j))
    return (*names, VarianceName(RESIDUAL, INTERCEPT)), [*places, None]


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
    moved = np.zeros((0, len(covariance)))
    if replicates is None:
        moved = cluster_steps(found.scores, found.information, strata) @ to_raw.T
    elif sampled.design.replicates.is_jackknife:
        moved = replicate_steps(found.scores, found.information, replicates.values) @ to_raw.T
    alone = _alone(estimates, best)
    p, variances = found.n_fixed, estimates.variances(best.theta, best.at.sigma2)
    errors = DesignErrors(
        sampling=sampled.design,
        method="linearised" if replicates is None else "replicates",
        sandwich=kind,
        n_psu=strata.codes.size,
        strata=strata.names,
        joined=strata.joined,
        df=df,
        degrees=effective_degrees(moved, np.zeros(len(covariance)), df),
        names=estimates.names,
        variances=variances,
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
    return replace(errors, shares=_linearised_shares(estimates, errors, moved[:, p:]))


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
    estimates: DesignEstimates, errors: DesignErrors, moved: np.ndarray
) -> tuple[DesignShare, ...]:
    """Shares with errors by the delta method, and what each replicate moves of the variances."""
    values, size = errors.variances, np.maximum(np.abs(errors.variances), 1e-3)
    at = estimates.shares(values)
    scale = values[-1] if values[-1] > 0.0 else float(size.max())
    slopes = jacobian(estimates.shares, values, np.full(values.size, SQUARE_STEP * scale))
    spread = np.einsum("vs,vu,us->s", slopes, errors.variance_covariance, slopes)
    degrees = effective_degrees(moved @ slopes, np.zeros(at.size), errors.df)
    return shares_with(estimates.groups, at, np.sqrt(np.maximum(spread, 0.0)), degrees)


def shares_with(
    groups: Sequence[str],
    shares: np.ndarray,
    std_errors: np.ndarray,
    degrees: np.ndarray,
    logit: np.ndarray | None = None,
) -> tuple[DesignShare, ...]:
    """Shares with intervals on the scale of logits.

    Parameters
    ----------
    groups : sequence of str
        Grouping factors, s of them.
    shares, std_errors : ndarray (s,)
    degrees : ndarray (s,)
        Degrees of freedom of each.
    logit : ndarray (s,), optional
        Standard errors of the logits; default: by the delta method.
    """
    reach = student_quantile(0.975, degrees)
    out = []
    for i, (group, share, error) in enumerate(zip(groups, shares, std_errors, strict=True)):
        told, df = (group, float(share), float(error)), float(degrees[i])
        if not 0.0 < share < 1.0:
            out.append(DesignShare(*told, float(share), float(share), df))
            continue
        odds = np.log(share / (1.0 - share))
        own = error / (share * (1.0 - share)) if logit is None else logit[i]
        with np.errstate(over="ignore"):  # of a share that is hardly above zero
            ends = [1.0 / (1.0 + np.exp(-(odds + side * reach[i] * own))) for side in (-1.0, 1.0)]
        out.append(DesignShare(*told, *map(float, ends), df))
    return tuple(out)
