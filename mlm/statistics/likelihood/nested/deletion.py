"""The optimum of a nested model without each of its outermost units, in one Newton step.

The criterion is a function of sums over the outermost units: of what is left of their
cross-products when all levels inside are eliminated, and of the log determinants. Leaving out a
unit takes its term out of the sums, at any variance components. So one evaluation gives the
criterion without each unit in turn, and a few give its slope and curvature.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.tree import inside, kept
from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.evaluation import Criterion, n_integrated
from mlm.statistics.likelihood.structure import EstimatesWithout, Solved
from mlm.statistics.likelihood.working import Working

LOG_STEP = 0.05  # of the logarithm of a relative variance, for differences
# largest Newton step of such a logarithm; beyond it the approximation means nothing
MAX_LOG_STEP = 1.0
# least eigenvalue of a correlation matrix of columns that are told apart
SMALLEST_CORRELATION_EIGENVALUE = 1e-9
ZERO_VARIANCE = 1e-6  # relative variance that counts as zero and is held there


@dataclass(frozen=True)
class _Without:
    """Criterion and estimates without each unit, at given variance components.

    ``estimable`` is false where the other units do not tell all fixed effects apart; the numbers
    mean nothing there.
    """

    deviance: np.ndarray
    beta: np.ndarray
    sigma2: np.ndarray
    estimable: np.ndarray


@dataclass(frozen=True)
class UnitsApart:
    """A sample from which its outermost units can be taken.

    Attributes
    ----------
    part : CrossProducts
        The sample with what a model needs.
    totals : ndarray (U, k, k)
        Cross-products of its outermost units, in the order of their level.
    waves : dict of str to ndarray (U, k, k)
        The same of each wave; none where the sample does not keep waves apart.
    """

    part: CrossProducts
    totals: np.ndarray
    waves: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def ids(self) -> list[tuple[str, ...]]:
        """Ids of the units."""
        return self.part.levels[0].ids

    def without(self, unit: int) -> CrossProducts:
        """The sample without the rows of one unit."""
        part = self.part
        masks = inside(part.levels, np.arange(len(self.totals)) != unit)
        rows = None
        if part.n_rows is not None:
            rows = part.n_rows - round(float(self.totals[unit, 0, 0]))
        return replace(
            part,
            total=part.total - self.totals[unit],
            levels=kept(part.levels, masks),
            n_rows=rows,
            parts={w: own - self.waves[w][unit] for w, own in part.parts.items() if self.waves},
            bundles=(),
        )


def newton_without(solved: Solved, units: UnitsApart) -> EstimatesWithout:
    """Estimates without each outermost unit, one Newton step from those with all.

    Parameters
    ----------
    solved : Solved
        A model with random intercepts at nested levels, groups apart.
    units : UnitsApart
        Its sample.

    Returns
    -------
    EstimatesWithout
    """
    working, at = solved.working, solved.at
    logs = np.log(np.maximum([float(o[0, 0]) for o in at.omegas], 1e-300))
    strata = 0 if working.strata is None else working.ratios.size
    own = np.flatnonzero(np.exp(logs) > ZERO_VARIANCE)
    free = np.append(own, logs.size + np.arange(1, strata))
    rows = np.round(units.totals[:, 0, 0])

    def without(moves: dict[int, float]) -> _Without:
        omegas = [o * np.exp(moves.get(i, 0.0)) for i, o in enumerate(at.omegas)]
        held, within, weights = _weighed(working, units, moves)
        found = _without_each(held, omegas, within, rows, solved.criterion)
        return replace(found, deviance=found.deviance + weights)

    here = without({})
    sides = {i: (without({i: -LOG_STEP}), without({i: LOG_STEP})) for i in free}
    step = _step(here, sides, without, free)
    beta, log_sigma2 = here.beta.copy(), np.log(here.sigma2)
    for place, i in enumerate(free):
        low, high = sides[i]
        beta += step[:, place, None] * (high.beta - low.beta) / (2 * LOG_STEP)
        log_sigma2 += step[:, place] * np.log(high.sigma2 / low.sigma2) / (2 * LOG_STEP)
    omegas = np.tile([float(o[0, 0]) for o in at.omegas], (rows.size, 1))
    omegas[:, own] *= np.exp(step[:, : own.size])
    scale = _mean_ratios(working, units, step[:, own.size :])
    places = np.flatnonzero(here.estimable)
    return EstimatesWithout(
        places,
        beta[places],
        (np.exp(log_sigma2) * scale)[places],
        (omegas / scale[:, None])[places],
    )


def _weighed(working: Working, units: UnitsApart, moves: dict[int, float]):
    """Working statistics and totals (U, w, w) at moved ratios, and the logarithms of the weights.

    The logarithms (U,) are what the rows without each unit add to the criterion.
    """
    if working.strata is None:
        return working, working.matrix.T @ units.totals @ working.matrix, 0.0
    strata, first = working.strata, len(working.structure.groups)
    moved = [moves.get(first + t, 0.0) for t in range(working.ratios.size)]
    ratios = working.ratios * np.exp(moved)
    held = strata.at(ratios)
    names = strata.named(ratios)
    totals = sum(units.waves[name] / ratio for name, ratio in names.items())
    left = {name: strata.rows[name] - units.waves[name][:, 0, 0] for name in names}
    logs = sum(left[name] * np.log(ratio) for name, ratio in names.items())
    return held, working.matrix.T @ totals @ working.matrix, logs


def _mean_ratios(working: Working, units: UnitsApart, step: np.ndarray) -> np.ndarray:
    """Mean over the rows (U,) of the ratios without each unit, after steps (U, T - 1)."""
    if working.strata is None:
        return np.ones(len(units.totals))
    ratios = working.ratios * np.exp(np.column_stack([np.zeros(len(step)), step]))
    names = list(working.strata.rows)
    left = [working.strata.rows[name] - units.waves[name][:, 0, 0] for name in names]
    counts = np.column_stack(left)
    return np.sum(counts * ratios, axis=1) / np.sum(counts, axis=1)


def _step(here: _Without, sides: dict, without, free: np.ndarray) -> np.ndarray:
    """Newton step (U, f) of the criterion without each unit; 0 where it has no minimum."""
    n, f = here.deviance.size, free.size
    slope, bend = np.zeros((n, f)), np.zeros((n, f, f))
    for a, i in enumerate(free):
        low, high = (side.deviance for side in sides[i])
        slope[:, a] = (high - low) / (2 * LOG_STEP)
        bend[:, a, a] = (high - 2 * here.deviance + low) / LOG_STEP**2
    for (a, i), (b, j) in combinations(enumerate(free), 2):
        both = (
            without({i: LOG_STEP, j: LOG_STEP}).deviance
            + without({i: -LOG_STEP, j: -LOG_STEP}).deviance
        )
        ends = sum(side.deviance for side in (*sides[i], *sides[j]))
        bend[:, a, b] = bend[:, b, a] = (both + 2 * here.deviance - ends) / (2 * LOG_STEP**2)
    good = np.linalg.eigvalsh(bend).min(axis=1, initial=np.inf) > 0.0
    step = np.zeros((n, f))
    step[good] = -np.linalg.solve(bend[good], slope[good][:, :, None])[:, :, 0]
    return np.clip(step, -MAX_LOG_STEP, MAX_LOG_STEP)


def _without_each(
    working: Working, omegas, within: np.ndarray, rows: np.ndarray, criterion: Criterion
) -> _Without:
    """The criterion without each unit, up to a constant."""
    at = evaluate(working, omegas, criterion)
    left, logdet = within.copy(), np.zeros(len(within))
    for i, (done, omega) in enumerate(zip(at.remains, omegas, strict=True)):
        n_groups = done.gain.shape[2]
        own = working.structure.tree.parents[i][0] if i else np.arange(n_groups)
        starts = np.append(np.flatnonzero(np.diff(own, prepend=-1)), n_groups)
        product = done.gain[0, 0] * done.wide[:, 0]
        for unit, (start, stop) in enumerate(zip(starts, starts[1:], strict=False)):
            left[unit] -= done.wide[:, 0, start:stop] @ product[:, start:stop].T
        logs = np.log1p(done.inner[0, 0] * omega[0, 0])
        logdet += np.add.reduceat(logs, starts[:-1])
    left_rows = working.n_obs - rows
    return _criteria(left.sum(axis=0) - left, logdet.sum() - logdet, working, left_rows, criterion)


def _criteria(matrix, logdet, working: Working, rows: np.ndarray, criterion: Criterion) -> _Without:
    p = working.n_fixed
    integrated = n_integrated(criterion, p)
    square, cross = matrix[:, :p, :p], matrix[:, :p, -1]
    estimable = _is_definite(square)
    square = np.where(estimable[:, None, None], square, np.eye(p))
    beta = np.linalg.solve(square, cross[:, :, None])[:, :, 0]
    residual = matrix[:, -1, -1] - np.einsum("up,up->u", beta, cross)
    residual = np.where(estimable, residual, 1.0)
    degrees = rows - integrated
    deviance = logdet + degrees * np.log(residual / degrees)
    if integrated:
        deviance = deviance + np.linalg.slogdet(square)[1]
    return _Without(deviance, beta, residual / degrees, estimable)


def _is_definite(square: np.ndarray) -> np.ndarray:
    """Whether matrices (U, p, p) are positive definite beyond rounding, shape (U,)."""
    size = np.sqrt(np.maximum(np.diagonal(square, axis1=1, axis2=2), 1e-300))
    scaled = square / (size[:, :, None] * size[:, None, :])
    return np.linalg.eigvalsh(scaled).min(axis=1, initial=np.inf) > SMALLEST_CORRELATION_EIGENVALUE
