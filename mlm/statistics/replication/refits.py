"""Fits of a weighted model to every replicate of its sample, all at once.

A replicate multiplies the weights of clusters, so that it is fitted from their cross-products.
Newton steps from the estimates of the full sample are taken for all together; where a variance is
near zero, or steps do not lead to an optimum, the search of single fits takes over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.design.cluster_scores import cluster_scores, clusters_of
from mlm.statistics.fitting.form_search import optimum_of_forms
from mlm.statistics.fitting.newton import Optimum
from mlm.statistics.fitting.optimise import optimum
from mlm.statistics.fitting.search import Search
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.likelihood.covariance import n_theta, triangle
from mlm.statistics.likelihood.working import Working
from mlm.statistics.replication.one_variance import UNTRUSTED_SD, FoundTogether, found_together

DIFFERENCE = 4e-3  # relative, of differences of the fourth order
SMALL_PARAMETER = 0.1  # size of a parameter below which its step no longer shrinks
LAST_STEP = 3e-5  # of a parameter, in its size: the error of the next one is its square
MOST_NEWTON_STEPS = 12
LARGEST_NEWTON_STEP = 0.5  # of a parameter, in its size
TOGETHER = 1 << 23  # numbers of an array of all replicates


@dataclass(frozen=True)
class Refits:
    """Estimates of R replicates.

    Attributes
    ----------
    theta : ndarray (R, t)
        Parameters of the covariance, as the search has them.
    beta : ndarray (R, p)
        Fixed effects in the working basis.
    sigma2 : ndarray (R,)
        Residual variances in squared working units.
    by_search : int
        Replicates that were fitted by a search of their own.
    """

    theta: np.ndarray
    beta: np.ndarray
    sigma2: np.ndarray
    by_search: int


def refits(
    solutions: Sequence[Solution], stats: CrossProducts, factors: np.ndarray
) -> list[Refits]:
    """Fits by ML to replicates of a weighted sample.

    Parameters
    ----------
    solutions : sequence of Solution
        Models fitted to the full sample: the draws of one, or several.
    stats : CrossProducts
        The weighted sample, its clusters with it.
    factors : ndarray (C, R)
        What multiplies the weights of each cluster in each replicate.
    """
    totals = np.tensordot(factors.T, stats.sampled.clusters.totals, axes=1)
    starts = [_first_steps(each.search, each.best, stats, factors) for each in solutions]
    together = found_together(solutions, stats, factors, totals, starts)
    return [
        _completed(solution, found, stats, factors, totals, start)
        for solution, found, start in zip(solutions, together, starts, strict=True)
    ]


def _completed(
    solution: Solution,
    found: FoundTogether | None,
    stats: CrossProducts,
    factors: np.ndarray,
    totals: np.ndarray,
    starts: np.ndarray,
) -> Refits:
    """Those of one model, by steps of their own where they were not found together."""
    if found is None:
        return _by_steps(solution.search, solution.best, stats, factors, totals, starts)
    if found.done.all():
        return Refits(found.theta, found.beta, found.sigma2, 0)
    left = ~found.done
    own = _by_steps(
        solution.search, solution.best, stats, factors[:, left], totals[left], starts[left]
    )
    theta, beta, sigma2 = found.theta.copy(), found.beta.copy(), found.sigma2.copy()
    theta[left], beta[left], sigma2[left] = own.theta, own.beta, own.sigma2
    return Refits(theta, beta, sigma2, own.by_search)


def _by_steps(
    search: Search,
    best: Optimum,
    stats: CrossProducts,
    factors: np.ndarray,
    totals: np.ndarray,
    starts: np.ndarray,
) -> Refits:
    size = _portion(search.working)
    parts = []
    for start in range(0, factors.shape[1], size):
        part = slice(start, start + size)
        criterion = _Criterion(search, stats, factors[:, part], totals[part])
        parts.append(_fitted(criterion, best, starts[part]))
    return Refits(
        np.concatenate([part.theta for part in parts]),
        np.concatenate([part.beta for part in parts]),
        np.concatenate([part.sigma2 for part in parts]),
        sum(part.by_search for part in parts),
    )


def _portion(working: Working) -> int:
    """Replicates that are fitted together: sums of outer levels are apart for each."""
    levels = working.structure.sizes
    widest = max((s * q for s, q in zip(levels, working.structure.widths, strict=True)), default=1)
    w, points = len(working.total), len(_stencil(n_theta(working.blocks)))
    each = w * widest if len(levels) > 1 else max(w * w, widest)
    return max(TOGETHER // (points * each), 1)


class _Criterion:
    """The profiled deviance of each replicate at parameters of its own."""

    def __init__(
        self, search: Search, stats: CrossProducts, factors: np.ndarray, totals: np.ndarray
    ):
        working, clusters = search.working, clusters_of(search.working, stats)
        self.search, self.working = search, working
        self.totals = working.matrix.T @ totals @ working.matrix
        self.degrees = factors.T @ clusters.weights
        self.by_group = factors.T[:, clusters.of_outermost]
        self._has_forms = any(block.form is not None for block in working.blocks)

    def omegas(self, thetas: np.ndarray) -> list[np.ndarray]:
        """Relative covariance (R, q, q) of each place."""
        if self._has_forms:
            each = [self.search.omegas(theta) for theta in thetas]
            return [np.array(parts) for parts in zip(*each, strict=True)]
        widths = self.working.structure.widths
        out = [np.zeros((len(thetas), q, q)) for q in widths]
        first = 0
        for block in self.working.blocks:
            rows, columns = triangle(block.size)
            factor = np.zeros((len(thetas), block.size, block.size))
            stop = first + rows.size
            factor[:, rows, columns] = thetas[:, first:stop]
            part, first = slice(block.start, block.start + block.size), stop
            out[block.level][:, part, part] = factor @ factor.transpose(0, 2, 1)
        return out

    def at(self, thetas: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Deviances (R,), fixed effects (R, p) and residual variances (R,)."""
        return self._at(thetas, np.arange(len(thetas)))

    def _at(self, thetas: np.ndarray, rows: np.ndarray):
        """The same at parameters (n, t) of some replicates (n,), which may come several times."""
        p = self.working.n_fixed
        left, logdet = self.working.structure.eliminate_under(
            self.totals[rows], self.omegas(thetas), self.by_group[rows]
        )
        beta, rest = np.zeros((len(thetas), p)), left[:, -1, -1].copy()
        if p:
            beta = np.linalg.solve(left[:, :p, :p], left[:, :p, -1:])[:, :, 0]
            rest -= np.einsum("rp,rp->r", beta, left[:, :p, -1])
        degrees = self.degrees[rows]
        sigma2 = rest / degrees
        return degrees * (1.0 + np.log(2.0 * np.pi * sigma2)) + logdet, beta, sigma2

    def slopes(self, thetas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """First (R, t) and second derivatives (R, t, t), by differences of the fourth order."""
        count, t = thetas.shape
        steps = DIFFERENCE * np.maximum(np.abs(thetas), SMALL_PARAMETER)
        moves = _stencil(t)
        points = thetas + moves[:, None] * steps
        rows = np.tile(np.arange(count), len(moves))
        values = self._at(points.reshape(-1, t), rows)[0].reshape(len(moves), count)
        at = {tuple(move): value for move, value in zip(moves.tolist(), values, strict=True)}
        here, unit = at[tuple([0.0] * t)], np.eye(t)
        gradient, bend, near = np.zeros((count, t)), np.zeros((count, t, t)), []
        for i in range(t):
            low2, low, high, high2 = (at[tuple(k * unit[i])] for k in (-2.0, -1.0, 1.0, 2.0))
            h = steps[:, i]
            gradient[:, i] = (8.0 * (high - low) - (high2 - low2)) / (12.0 * h)
            outer = high2 + low2 - 2.0 * here
            bend[:, i, i] = (16.0 * (high + low - 2.0 * here) - outer) / (12.0 * h**2)
            near.append(high + low)
        for i in range(t):
            for j in range(i):
                both = at[tuple(unit[i] + unit[j])] + at[tuple(-unit[i] - unit[j])]
                mixed = (both - near[i] - near[j] + 2.0 * here) / (2.0 * steps[:, i] * steps[:, j])
                bend[:, i, j] = bend[:, j, i] = mixed
        return gradient, bend


def _stencil(t: int) -> np.ndarray:
    """Points (n, t), in steps, from which first and second derivatives are made."""
    unit = np.eye(t)
    points = [np.zeros(t), *(k * each for each in unit for k in (-2.0, -1.0, 1.0, 2.0))]
    for i in range(t):
        points += [sign * (unit[i] + unit[j]) for j in range(i) for sign in (-1.0, 1.0)]
    return np.array(points) + 0.0  # no negative zeros


def _first_steps(
    search: Search, best: Optimum, stats: CrossProducts, factors: np.ndarray
) -> np.ndarray:
    """Parameters (R, t) to which one step from the full sample leads, from scores of clusters."""
    starts = np.repeat(best.theta[None], factors.shape[1], axis=0)
    found = cluster_scores(search, best, stats)
    if not found.free.size:
        return starts
    steps = np.linalg.lstsq(found.information, found.scores.T @ (factors - 1.0), rcond=None)[0]
    own = steps[found.n_fixed : found.n_fixed + found.free.size].T
    most = LARGEST_NEWTON_STEP * np.maximum(np.abs(best.theta[found.free]), SMALL_PARAMETER)
    starts[:, found.free] += np.clip(own, -most, most)
    return starts


def _fitted(criterion: _Criterion, best: Optimum, thetas: np.ndarray) -> Refits:
    done = np.ones(len(thetas), dtype=bool)
    if best.theta.size:
        bounded = criterion.search.diagonal
        sound = (thetas[:, bounded] > UNTRUSTED_SD).all(axis=1)
        start = np.where(sound[:, None], thetas, best.theta)
        thetas, done = _newton(criterion, bounded, start)
    with np.errstate(invalid="ignore", divide="ignore"):
        _, beta, sigma2 = criterion.at(np.where(done[:, None], thetas, best.theta))
    for r in np.flatnonzero(~done):
        found = _searched(criterion, best, r)
        thetas[r], beta[r], sigma2[r] = found.theta, found.at.beta, found.at.sigma2
    return Refits(thetas, beta, sigma2, int(np.count_nonzero(~done)))


def _newton(
    criterion: _Criterion, bounded: np.ndarray, thetas: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where Newton steps lead, and which of them lead to an optimum off all bounds."""
    done = np.zeros(len(thetas), dtype=bool)
    if (thetas[:, bounded] < UNTRUSTED_SD).any(axis=1).all():
        return thetas, done
    sound = (thetas[:, bounded] > UNTRUSTED_SD).all(axis=1)
    for _ in range(MOST_NEWTON_STEPS):
        gradient, bend = criterion.slopes(thetas)
        sound &= np.isfinite(gradient).all(axis=1) & (_least(bend) > 0.0)
        bend[~sound], gradient[~sound] = np.eye(thetas.shape[1]), 0.0
        step = -np.linalg.solve(bend, gradient[:, :, None])[:, :, 0]
        most = LARGEST_NEWTON_STEP * np.maximum(np.abs(thetas), SMALL_PARAMETER)
        step = np.clip(step, -most, most)
        moved = thetas + np.where(done[:, None], 0.0, step)
        sound &= (moved[:, bounded] > UNTRUSTED_SD).all(axis=1)
        thetas = np.where(sound[:, None], moved, thetas)
        done |= sound & (
            np.abs(step) <= LAST_STEP * np.maximum(np.abs(thetas), SMALL_PARAMETER)
        ).all(axis=1)
        if (done | ~sound).all():
            break
    return thetas, done & sound


def _least(bend: np.ndarray) -> np.ndarray:
    """Least eigenvalue (R,) of each curvature; not a number where it is none."""
    finite = np.isfinite(bend).all(axis=(1, 2))
    values = np.full(len(bend), np.nan)
    if finite.any():
        values[finite] = np.linalg.eigvalsh(bend[finite])[:, 0]
    return values


def _searched(criterion: _Criterion, best: Optimum, r: int) -> Optimum:
    """The fit of one replicate by a search of its own."""
    working = criterion.working
    own = replace(
        working,
        total=criterion.totals[r],
        structure=working.structure.reweighed(criterion.by_group[r]),
        n_obs=float(criterion.degrees[r]),
    )
    return optimum_of(own, best.theta)


def optimum_of(working: Working, start: np.ndarray) -> Optimum:
    """Where the ML criterion of a model is least, begun at the parameters of a similar sample."""
    if any(block.form is not None for block in working.blocks):
        return optimum_of_forms(working, "ML", start)
    return optimum(working, "ML", start)
