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
from mlm.statistics.likelihood import batched
from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.differences import Coordinates
from mlm.statistics.likelihood.elimination import EliminatedLevel
from mlm.statistics.likelihood.evaluation import n_integrated
from mlm.statistics.likelihood.pooled.apart import LevelsApart
from mlm.statistics.likelihood.pooled.by_unit import UnitMoments, unit_moments
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.structure import EstimatesWithout, Solved, Structure
from mlm.statistics.likelihood.working import Working

# least eigenvalue of a correlation matrix of columns that are told apart
SMALLEST_CORRELATION_EIGENVALUE = 1e-9
# parameters up to which the curvature without each unit is its own in all pairs of them; beyond it
# pairs have the correlations that the curvature of the whole sample has
MOST_IN_PAIRS = 6
# groups of a unit, on average, whose products are made for all units at once
FEW_IN_UNIT = 8


@dataclass(frozen=True)
class _Without:
    """Criterion and estimates without each unit, and last with all, at given parameters.

    ``estimable`` is false where the other units do not tell all fixed effects apart; the numbers
    mean nothing there.
    """

    deviance: np.ndarray
    beta: np.ndarray
    scale: np.ndarray
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
    def most(self) -> int:
        """All of them at once."""
        return len(self.totals)

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


def newton_without(solved: Solved, units: UnitsApart, chosen: np.ndarray) -> EstimatesWithout:
    """Estimates without each of some outermost units, one Newton step from those with all.

    Parameters
    ----------
    solved : Solved
        A model at nested levels.
    units : UnitsApart
        Its sample.
    chosen : ndarray of int
        Places of the units.

    Returns
    -------
    EstimatesWithout
    """
    coordinates = Coordinates.of(solved)
    without = _Criteria(solved, units, coordinates)
    f, moves = coordinates.free.size, np.diag(coordinates.steps)
    here = without(np.zeros(f))
    sides = {i: (without(-moves[i]), without(moves[i])) for i in coordinates.order}
    step = _step(here, [sides[i] for i in range(f)], without, coordinates, solved.hessian)
    beta, log_scale = here.beta.copy(), np.log(here.scale)
    for i, (low, high) in sides.items():
        share = step[:, i] / (2.0 * coordinates.steps[i])
        beta += share[:, None] * (high.beta - low.beta)
        log_scale += share * np.log(high.scale / low.scale)
    places = np.sort(chosen[here.estimable[chosen]])
    theta = np.array([coordinates.at(own) for own in step[places]])
    theta, scale = theta.reshape(places.size, solved.theta.size), np.exp(log_scale)[places]
    residual = scale * _mean_ratios(solved, units, places, theta)
    return EstimatesWithout(places, beta[places], scale, residual, theta)


def _mean_ratios(solved: Solved, units: UnitsApart, places, theta: np.ndarray) -> np.ndarray:
    """Mean over the rows without each unit (n,) of the ratios of residual variances."""
    if solved.search.working.strata is None:
        return np.ones(places.size)
    rows = solved.search.working.strata.rows
    left = [rows[name] - units.waves[name][places, 0, 0] for name in rows]
    ratios = np.array([solved.search.ratios(own) for own in theta])
    return np.sum(np.column_stack(left) * ratios, axis=1) / np.sum(left, axis=0)


class _Criteria:
    """The criterion without each unit, up to a constant, as a function of moved coordinates."""

    def __init__(self, solved: Solved, units: UnitsApart, coordinates: Coordinates):
        self._solved, self._units, self._coordinates = solved, units, coordinates
        self._rows = np.append(np.round(units.totals[:, 0, 0]), 0.0)
        self._scratch, self._working = Scratch(), None
        self._by_unit: tuple[UnitMoments | None, ...] = ()

    def __call__(self, move: np.ndarray) -> _Without:
        search, theta = self._solved.search, self._coordinates.at(move)
        working, omegas = search.working_at(theta), search.omegas(theta)
        if working is not self._working:
            self._scratch.steps.clear()
            self._working = working
        at = evaluate(working, omegas, self._solved.criterion, self._scratch)
        left, logdet = self._totals(working), np.zeros(self._rows.size)
        structure = working.structure
        apart = LevelsApart(structure.tree, structure.pool, at)
        for i, omega in enumerate(omegas):
            units = structure.tree.parents[i][0] if i else np.arange(structure.sizes[0])
            moments = self._moments(structure, i, units)
            if moments is not None:
                left[:-1] -= moments.gone(at.remains[i].gain)
                logdet[:-1] += moments.counts @ _log_determinants(at.remains[i].inner, omega)
                continue
            for some in apart.of(i):
                _take_by_unit(left, logdet, some.done, omega, units[some.groups])
        total, whole = left.sum(axis=0) - left, logdet.sum() - logdet
        found = _profiled(total, whole, working, working.n_obs - self._rows, self._solved.criterion)
        logs = self._log_weights(working)
        scale = found.scale / search.share(theta)
        return replace(found, deviance=found.deviance + logs, scale=scale)

    def _moments(self, structure: Structure, place: int, units: np.ndarray) -> UnitMoments | None:
        """Moments by unit of a pooled level, the same at all parameters; None: groups are apart."""
        if structure.pool is None or place + 1 < len(structure.tree.levels):
            return None
        if not self._by_unit:
            level, size = structure.tree.levels[place], self._rows.size - 1
            self._by_unit = (unit_moments(level, structure.pool, units, size),)
        return self._by_unit[0]

    def _totals(self, working: Working) -> np.ndarray:
        """Cross-products (U + 1, w, w) of the units' rows, and last of none."""
        totals = self._units.totals
        if working.strata is not None:
            names = working.strata.named(working.ratios)
            totals = sum(self._units.waves[name] / ratio for name, ratio in names.items())
        own = working.matrix.T @ totals @ working.matrix
        return np.concatenate([own, np.zeros((1, *own.shape[1:]))])

    def _log_weights(self, working: Working) -> np.ndarray | float:
        """What the ratios of the rows without each unit add to the criterion, (U + 1,)."""
        if working.strata is None:
            return 0.0
        left, waves = working.strata.rows, self._units.waves
        return sum(
            (left[name] - np.append(waves[name][:, 0, 0], 0.0)) * np.log(ratio)
            for name, ratio in working.strata.named(working.ratios).items()
        )


def _take_by_unit(left, logdet, done: EliminatedLevel, omega, units: np.ndarray) -> None:
    """Take what groups explain from the cross-products (U + 1, w, w) of their units (G,).

    And add their log determinants to those (U + 1,) of the units, both in place.
    """
    starts = np.flatnonzero(np.diff(units, prepend=-1))
    product = done.product.transpose(2, 0, 1)
    if units.size <= FEW_IN_UNIT * starts.size:
        pairs = np.einsum("wqg,vqg->wvg", done.wide, product)
        left[units[starts]] -= np.add.reduceat(pairs, starts, axis=2).transpose(2, 0, 1)
    else:
        ends = np.append(starts[1:], units.size)
        for unit, start, stop in zip(units[starts], starts, ends, strict=True):
            left[unit] -= _paired(done.wide[:, :, start:stop], product[:, :, start:stop])
    logs = _log_determinants(done.inner, omega)
    logdet[units[starts]] += np.add.reduceat(logs, starts)


def _paired(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a.reshape(len(a), -1) @ b.reshape(len(b), -1).T


def _log_determinants(inner: np.ndarray, omega: np.ndarray) -> np.ndarray:
    """``log|I + C Omega|`` (G,) of each group."""
    if len(omega) == 1:
        return np.log1p(inner[0, 0] * omega[0, 0])
    if len(omega) == 2:
        (a, b), (c, d) = batched.multiply(inner, omega[:, :, None])
        return np.log(np.abs((1.0 + a) * (1.0 + d) - b * c))
    product = inner.transpose(2, 0, 1) @ omega
    return np.linalg.slogdet(np.eye(len(omega)) + product)[1]


def _step(here: _Without, sides: list, without, coordinates: Coordinates, hessian) -> np.ndarray:
    """Newton step (U + 1, f) of the criterion without each unit; 0 where it has no minimum."""
    n, f = here.deviance.size, coordinates.free.size
    slope, bend = np.zeros((n, f)), np.zeros((n, f, f))
    for i, (low, high) in enumerate(sides):
        size = coordinates.steps[i]
        slope[:, i] = (high.deviance - low.deviance) / (2.0 * size)
        bend[:, i, i] = (high.deviance - 2.0 * here.deviance + low.deviance) / size**2
    if f <= MOST_IN_PAIRS:
        for i, j in combinations(range(f), 2):
            bend[:, i, j] = bend[:, j, i] = _mixed(here, sides, without, coordinates.steps, i, j)
    else:
        bend = _as_correlated(bend, coordinates.curvature(hessian))
    good = np.linalg.eigvalsh(bend).min(axis=1, initial=np.inf) > 0.0
    step = np.zeros((n, f))
    step[good] = -np.linalg.solve(bend[good], slope[good][:, :, None])[:, :, 0]
    return np.clip(step, -coordinates.most, coordinates.most)


def _mixed(here: _Without, sides: list, without, steps: np.ndarray, i: int, j: int) -> np.ndarray:
    """Mixed second derivative (U + 1,)."""
    move = np.zeros(steps.size)
    move[[i, j]] = steps[[i, j]]
    both = without(move).deviance + without(-move).deviance
    ends = sum(side.deviance for side in (*sides[i], *sides[j]))
    return (both + 2.0 * here.deviance - ends) / (2.0 * steps[i] * steps[j])


def _as_correlated(bend: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Curvatures (U + 1, f, f) with diagonals of their own and the correlations of a whole one."""
    usual = np.sqrt(np.diagonal(whole))
    own = np.diagonal(bend, axis1=1, axis2=2)
    own = np.sqrt(np.where(own > 0.0, own, usual**2))
    return own[:, :, None] * (whole / np.outer(usual, usual)) * own[:, None, :]


def _profiled(matrix, logdet, working: Working, rows: np.ndarray, criterion) -> _Without:
    """The criterion from what is left of the cross-products (U + 1, w, w), rows (U + 1,)."""
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
