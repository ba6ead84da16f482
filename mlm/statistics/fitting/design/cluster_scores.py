"""Derivatives of a weighted log likelihood by all parameters: of each cluster, and the curvature.

With ``r = (-b, 1)``, A the cross-products that the elimination left, ``A_c`` and ``ld_c`` what of
them and of ``log|V|`` belongs to cluster c, and ``N_c`` the sum of its weights,

    l_c = -1/2 (N_c log(2 pi sigma^2) + ld_c + r A_c r' / sigma^2),

of which the sum is the log pseudo-likelihood. Parameters are the fixed effects b in the working
basis, those of the covariance that are not on a bound, and ``log sigma^2``: of the residual
variance, or of the scale of a covariance in its place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.sampling import Clusters
from mlm.statistics.fitting.newton import Optimum
from mlm.statistics.fitting.search import Search
from mlm.statistics.likelihood.covariance import THETA_AT_BOUND
from mlm.statistics.likelihood.differences import relative_steps
from mlm.statistics.likelihood.evaluation import Evaluation
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.working import Working

FOURTH_ORDER_STEP = 1e-3  # relative: truncation and rounding are about 1e-12
STENCIL = {-2.0: 1.0 / 12.0, -1.0: -2.0 / 3.0, 1.0: 2.0 / 3.0, 2.0: -1.0 / 12.0}


@dataclass(frozen=True)
class ClusterScores:
    """Derivatives of the log pseudo-likelihood at its optimum.

    Attributes
    ----------
    scores : ndarray (C, p + f + 1)
        Of each cluster, by the fixed effects, f parameters of the covariance, ``log sigma^2``.
    information : ndarray (p + f + 1, p + f + 1)
        Minus the second derivatives of the sum.
    n_fixed : int
        Number of fixed effects p.
    free : ndarray of int (f,)
        Places of the parameters of the covariance that are not on a bound.
    """

    scores: np.ndarray
    information: np.ndarray
    n_fixed: int
    free: np.ndarray


def cluster_scores(search: Search, best: Optimum, stats: CrossProducts) -> ClusterScores:
    """Scores by cluster and the observed information at an optimum.

    Parameters
    ----------
    search : Search
        The criterion of the model.
    best : Optimum
        Where it is least.
    stats : CrossProducts
        The weighted sample.
    """
    working, at, search = search.working, best.at, search.holding(best.theta)
    free = np.flatnonzero(~(search.diagonal & (best.theta <= THETA_AT_BOUND)))
    here = _Point(search, at, best.theta)
    scores = _scores(search, here, stats, free)
    information = _information(working, here, best.theta, free)
    return ClusterScores(scores, information, working.n_fixed, free)


class _Point:
    """The eliminated cross-products and the derivatives by theta, residual and sigma held."""

    def __init__(self, search: Search, at: Evaluation, theta: np.ndarray):
        self.search, self.at, self.theta = search, at, theta
        working = search.working
        self.residual = np.concatenate(
            [-at.beta, np.zeros(working.total.shape[0] - at.beta.size - 1), [1.0]]
        )
        self.directions = (self.residual / np.sqrt(at.sigma2))[:, None]
        self.scratch = Scratch()

    def eliminated(self, theta: np.ndarray) -> tuple[Evaluation, np.ndarray]:
        """What the elimination at other parameters leaves, and its cross-products ``A r`` (w,)."""
        working, omegas = self.search.working, self.search.omegas(theta)
        done = working.structure.eliminate(working.total, omegas, self.scratch)
        at = self.at
        found = Evaluation(
            at.deviance,
            at.beta,
            at.fixed_root,
            at.residual,
            at.degrees,
            tuple(omegas),
            done.remains,
        )
        return found, done.matrix @ self.residual

    def slopes(self, theta: np.ndarray) -> np.ndarray:
        """``A r`` over sigma^2 (w,), and the derivative (t,) of the log likelihood by theta."""
        at, along = self.eliminated(theta)
        found = self.search.working.structure.gradient(at, self.directions, self.scratch)
        own = -0.5 * self.search.slopes(theta, found)
        return np.concatenate([along / self.at.sigma2, own])


def _scores(search: Search, here: _Point, stats: CrossProducts, free: np.ndarray) -> np.ndarray:
    working, clusters = search.working, clusters_of(search.working, stats)
    at, _ = here.eliminated(here.theta)
    sums = working.structure.by_cluster(
        at, here.directions, clusters.of_outermost, clusters.size, here.scratch
    )
    sigma = np.sqrt(here.at.sigma2)
    rows = clusters.totals @ (working.matrix @ here.residual) @ working.matrix
    along = rows - sigma * sums[0].T
    squares = along @ here.residual
    theta = -0.5 * _chain(search, here.theta, sums[1], clusters.size)[:, free]
    own = -0.5 * (clusters.weights - squares / here.at.sigma2)
    return np.column_stack([along[:, : working.n_fixed] / here.at.sigma2, theta, own])


def clusters_of(working: Working, stats: CrossProducts) -> Clusters:
    """The clusters, with that of each outermost group of the model.

    Parameters
    ----------
    working : Working
        Statistics of the model.
    stats : CrossProducts
        Its weighted sample, which may have further levels.
    """
    groups = set(working.structure.groups)
    others = (level.group for level in stats.levels if level.group not in groups)
    return stats.without_levels(*others).sampled.clusters


def _chain(
    search: Search, theta: np.ndarray, derivatives: list[np.ndarray], size: int
) -> np.ndarray:
    """Derivatives (C, t) by theta from those (q, q, C) by each level's Omega: linear in them."""
    out = np.zeros((size, theta.size))
    zeros = [np.zeros(each.shape[:2]) for each in derivatives]
    for i, each in enumerate(derivatives):
        for j in range(len(each)):
            for k in range(j + 1):
                one = [zero.copy() for zero in zeros]
                one[i][j, k] = one[i][k, j] = 1.0
                out += np.outer(each[j, k], search.slopes(theta, one))
    return out


def _information(working: Working, here: _Point, theta: np.ndarray, free: np.ndarray) -> np.ndarray:
    p, at = working.n_fixed, here.at
    size = p + free.size + 1
    out = np.zeros((size, size))
    out[:p, :p] = at.fixed_root.T @ at.fixed_root / at.sigma2
    out[-1, -1] = 0.5 * at.degrees
    steps = relative_steps(theta, FOURTH_ORDER_STEP)
    width = here.residual.size
    for i, place in enumerate(free.tolist()):
        change = np.zeros(width + theta.size)
        for step, weight in STENCIL.items():
            moved = theta.copy()
            moved[place] += step * steps[place]
            change += weight * here.slopes(moved) / steps[place]
        row = p + i
        out[row, :p] = out[:p, row] = -change[:p]
        out[row, -1] = out[-1, row] = -0.5 * (change[:width] @ here.residual)
        out[row, p : p + free.size] = -change[width:][free]
    inner = slice(p, p + free.size)
    out[inner, inner] = 0.5 * (out[inner, inner] + out[inner, inner].T)
    return out
