"""Results of a sample without each cluster: fits to the others, each as often as it was.

To first order a cluster adds ``I^-1 s_c`` to the estimates, s_c its score. Those clusters that add
most to one of them, or least, are left out one at a time, and the model is fitted again to all
draws: what a cluster is, the cross-products know, so that no row is read.

Source
------
Cook and Weisberg (1982), Residuals and Influence in Regression, ch. 3; Pregibon (1981), Annals of
Statistics 9, 705-724 (one step).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.errors import FitError
from mlm.nouns.plan import Plan
from mlm.results.sampled.influence import (
    AnySampledInfluence,
    CoefficientWithout,
    RefusedSampledInfluence,
    SampledInfluence,
    ShareWithout,
)
from mlm.results.sampled.models import SampledCoefficient
from mlm.results.sampled.reason import NotConfigured, NotEstimable, RestsOnOneCluster
from mlm.statistics.answers.sampled.drawn_fits import DrawnFits
from mlm.statistics.evidence.names import level_record
from mlm.statistics.fitting.design.cluster_scores import cluster_scores, clusters_of
from mlm.statistics.fitting.design.estimates import DesignEstimates
from mlm.statistics.fitting.design.sandwich import inverse
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.inference.jackknife import LEFT_OF_INFORMATION
from mlm.statistics.replication.refits import Refits, refits


def influence(
    plan: Plan, settled: DrawnFits, told: Sequence[SampledCoefficient]
) -> AnySampledInfluence:
    """Coefficients and shares of the settled model without each cluster.

    Parameters
    ----------
    plan : Plan
        The analysis.
    settled : DrawnFits
        The settled model.
    told : sequence of SampledCoefficient
        What is told of its fixed effects.
    """
    if not settled.is_weighted:
        return RefusedSampledInfluence(reason=NotConfigured(what="weights"))
    if _is_needed(settled.first):
        return RefusedSampledInfluence(reason=RestsOnOneCluster())
    stats = settled.stats
    size = clusters_of(settled.first.search.working, stats).size
    chosen = _furthest(settled)
    factors = np.ones((size, chosen.size))
    factors[chosen, np.arange(chosen.size)] = 0.0
    try:
        found = refits(settled.solutions, stats, factors)
    except (FitError, np.linalg.LinAlgError):
        return RefusedSampledInfluence(reason=NotEstimable())
    pairs = list(zip(settled.solutions, found, strict=True))
    fixed = np.mean([_fixed(one, each) for one, each in pairs], axis=0)
    shares = np.mean([_shares(one, each) for one, each in pairs], axis=0)
    if not (np.isfinite(fixed).all() and np.isfinite(shares).all()):
        return RefusedSampledInfluence(reason=NotEstimable())
    groups = DesignEstimates(settled.first.search, stats).groups
    order = [level.key for level in plan.levels]
    return SampledInfluence(
        clusters=size,
        left_out=chosen.size,
        coefficients=_coefficients(told, fixed),
        shares=tuple(
            ShareWithout(
                level=level_record(plan, groups[i]),
                lowest=float(shares[:, i].min()),
                highest=float(shares[:, i].max()),
            )
            for i in sorted(range(len(groups)), key=lambda i: order.index(groups[i]))
        ),
    )


def _furthest(settled: DrawnFits) -> np.ndarray:
    """Clusters (n,) that move one of the parameters furthest up or down, to first order."""
    steps = []
    for each in settled.solutions:
        found = cluster_scores(each.search, each.best, each.stats)
        own = found.scores @ inverse(found.information)
        back = DesignEstimates(each.search, each.stats).back
        p = found.n_fixed
        fixed = own[:, :p] if back is None else own[:, :p] @ back.T
        steps.append(np.column_stack([fixed, own[:, p:]]))
    if len({step.shape for step in steps}) > 1:  # a variance is on its bound in some draws
        steps = [step[:, : settled.first.fit.beta.size] for step in steps]
    mean = np.mean(steps, axis=0)
    return np.unique(np.concatenate([mean.argmin(axis=0), mean.argmax(axis=0)]))


def _is_needed(solution: Solution) -> bool:
    """Whether a fixed effect has nothing left that tells it without one of the clusters."""
    working = solution.search.working
    p, clusters = working.n_fixed, clusters_of(working, solution.stats)
    if not p:
        return False
    matrix = working.matrix[:, :p]
    root = np.linalg.inv(np.linalg.cholesky(working.total[:p, :p]))
    own = (root @ matrix.T) @ clusters.totals @ (matrix @ root.T)
    return bool((1.0 - np.linalg.eigvalsh(own)[:, -1] < LEFT_OF_INFORMATION).any())


def _fixed(solution: Solution, found: Refits) -> np.ndarray:
    """Fixed effects (n, p) of a draw without each cluster."""
    named = DesignEstimates(solution.search, solution.stats)
    shift = solution.fit.beta - named.fixed(solution.best.at.beta)
    return np.array([named.fixed(beta) for beta in found.beta]) + shift


def _shares(solution: Solution, found: Refits) -> np.ndarray:
    """Shares (n, s) of a draw without each cluster."""
    named = DesignEstimates(solution.search, solution.stats)
    pairs = zip(found.theta, found.sigma2, strict=True)
    return named.shares(np.array([named.variances(theta, sigma2) for theta, sigma2 in pairs]))


def _coefficients(
    told: Sequence[SampledCoefficient], without: np.ndarray
) -> tuple[CoefficientWithout, ...]:
    out = []
    for i, own in enumerate(told):
        furthest = float(np.abs(without[:, i] - own.estimate).max())
        out.append(
            CoefficientWithout(
                term=own.term,
                lowest=float(without[:, i].min()),
                highest=float(without[:, i].max()),
                in_se=furthest / own.std_error if own.std_error else None,
            )
        )
    return tuple(out)
