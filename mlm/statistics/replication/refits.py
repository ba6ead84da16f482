"""Fits of a weighted model to every replicate of its sample, all at once.

A replicate multiplies the weights of clusters, so that it is fitted from their cross-products.
Newton steps from the estimates of the full sample are taken for all together; where a variance is
near zero, or steps do not lead to an optimum, the search of single fits takes over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.design.cluster_scores import clusters_of
from mlm.statistics.fitting.form_search import optimum_of_forms
from mlm.statistics.fitting.newton import Optimum
from mlm.statistics.fitting.optimise import optimum
from mlm.statistics.fitting.search import Search
from mlm.statistics.likelihood.covariance import triangle
from mlm.statistics.likelihood.working import Working

DIFFERENCE = 4e-3  # relative, of differences of the fourth order
SMALL_PARAMETER = 0.1  # size of a parameter below which its step no longer shrinks
UNTRUSTED_SD = 0.02  # relative standard deviation below which steps are not trusted
LAST_STEP = 1e-8  # change of a parameter below which steps end
MOST_NEWTON_STEPS = 12
LARGEST_NEWTON_STEP = 0.5  # of a parameter, in its size
TOGETHER = 1 << 22  # numbers of an array of all replicates


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


def refits(search: Search, best: Optimum, stats: CrossProducts, factors: np.ndarray) -> Refits:
    """Fits by ML to replicates of a weighted sample.

    Parameters
    ----------
    search : Search
        The criterion of the model.
    best : Optimum
        Where it is least in the full sample.
    stats : CrossProducts
        The weighted sample, its clusters with it.
    factors : ndarray (C, R)
        What multiplies the weights of each cluster in each replicate.
    """
    size = _portion(search.working)
    parts = []
    for start in range(0, factors.shape[1], size):
        parts.append(_fitted(search, best, stats, factors[:, start : start + size]))
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
    w = len(working.total)
    return max(TOGETHER // (w * widest if len(levels) > 1 else max(w * w, widest)), 1)


class _Criterion:
    """The profiled deviance of each replicate at parameters of its own."""

    def __init__(self, search: Search, stats: CrossProducts, factors: np.ndarray):
        working, clusters = search.working, clusters_of(search.working, stats)
        self.search, self.working = search, working
        matrix = working.matrix
        totals = matrix.T @ clusters.totals @ matrix
        self.totals = np.tensordot(factors.T, totals, axes=1)
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
        p = self.working.n_fixed
        left, logdet = self.working.structure.eliminate_under(
            self.totals, self.omegas(thetas), self.by_group
        )
        beta = np.zeros((len(thetas), p))
        rest = left[:, -1, -1].copy()
        if p:
            beta = np.linalg.solve(left[:, :p, :p], left[:, :p, -1:])[:, :, 0]
            rest -= np.einsum("rp,rp->r", beta, left[:, :p, -1])
        sigma2 = rest / self.degrees
        return self.degrees * (1.0 + np.log(2.0 * np.pi * sigma2)) + logdet, beta, sigma2

    def slopes(self, thetas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """First (R, t) and second derivatives (R, t, t), by differences."""
        count, t = thetas.shape
        steps = DIFFERENCE * np.maximum(np.abs(thetas), SMALL_PARAMETER)
        here = self.at(thetas)[0]
        gradient, bend = np.zeros((count, t)), np.zeros((count, t, t))
        near = {}
        for i in range(t):
            move = np.zeros((count, t))
            move[:, i] = steps[:, i]
            values = {k: self.at(thetas + k * move)[0] for k in (-2, -1, 1, 2)}
            h = steps[:, i]
            gradient[:, i] = (8.0 * (values[1] - values[-1]) - (values[2] - values[-2])) / (12 * h)
            outer = values[2] + values[-2] - 2.0 * here
            bend[:, i, i] = (16.0 * (values[1] + values[-1] - 2.0 * here) - outer) / (12 * h**2)
            near[i] = values[1] + values[-1]
        for i in range(t):
            for j in range(i):
                move = np.zeros((count, t))
                move[:, i], move[:, j] = steps[:, i], steps[:, j]
                both = self.at(thetas + move)[0] + self.at(thetas - move)[0]
                mixed = both - near[i] - near[j] + 2.0 * here
                bend[:, i, j] = bend[:, j, i] = mixed / (2.0 * steps[:, i] * steps[:, j])
        return gradient, bend


def _fitted(search: Search, best: Optimum, stats: CrossProducts, factors: np.ndarray) -> Refits:
    criterion = _Criterion(search, stats, factors)
    thetas = np.repeat(best.theta[None], factors.shape[1], axis=0)
    done = np.ones(len(thetas), dtype=bool)
    if best.theta.size:
        thetas, done = _newton(criterion, search.diagonal, thetas)
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
    if (thetas[0, bounded] < UNTRUSTED_SD).any():
        return thetas, done
    sound = np.ones(len(thetas), dtype=bool)
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
