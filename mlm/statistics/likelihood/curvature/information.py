"""Expected information on the (co)variances of a model.

By the exact series of ``second_order``; where there are many crossed effects, or very many groups,
by differences of first derivatives, which cost an evaluation each. With the combinations F held
that make ``F F' = (X'V^-1 X)^-1`` (REML; none for ML), the gradient of ``log|V| + trace(F F' A)``
has the derivative ``-tr(V^-1 G_i V^-1 G_j) + 2 tr((X'V^-1 X)^-1 Q_ij)``.

Kenward and Roger's method needs more: the slopes ``tr(V^-1 G_i)`` and ``P_i = X' V^-1 G_i V^-1 X``
are exact, from one elimination; what they change with the variances comes from differences too:

    -d tr(V^-1 G_i) / dv_j = tr(V^-1 G_i V^-1 G_j),      -d P_i / dv_j = Q_ij + Q_ji.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.linalg import solve_triangular

from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.curvature.second_order import (
    SecondOrder,
    beside,
    direction_of,
    entries_of,
    entry_of,
    pairs_beside,
    second_order,
    with_residual,
)
from mlm.statistics.likelihood.evaluation import Criterion, Evaluation, n_integrated
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.threads import one_thread
from mlm.statistics.likelihood.working import Block, Working

LEAST_DIVISOR = 1e-8  # eigenvalue of a covariance, over the largest, by which is divided
SHARE = 1e-4  # of the inverse of the largest cross-product of a group: step of its variances


@one_thread()
def expected_information(
    working: Working, omegas: list[np.ndarray], criterion: Criterion
) -> tuple[tuple[tuple[int, int, int], ...], np.ndarray]:
    """Entries of the (co)variances and their expected information.

    Parameters
    ----------
    working : Working
        Statistics of a model, groups apart (not pooled) unless it has very many of them.
    omegas : list of ndarray (q, q)
        Relative covariance of each place of the structure.
    criterion : {"ML", "REML"}
        Of which likelihood.

    Returns
    -------
    entries : tuple of (int, int, int)
        Block, row and column of each (co)variance; the residual variance, last, has none.
    information : ndarray (t + 1, t + 1)
        ``tr(P G_i P G_j) / 2`` in units in which the residual variance is 1.
    """
    if working.structure.has_fast_series and not working.takes_long:
        exact: SecondOrder = second_order(working, omegas)
        return exact.entries, exact.information(criterion)
    return entries_of(working), _by_differences(working, omegas, criterion)


class _Slopes:
    """Derivatives of ``log|V| + trace(F F' A)`` by the entries, F as it is at the point."""

    def __init__(self, working: Working, omegas: list[np.ndarray], criterion: Criterion):
        searched = working.searched if working.takes_long else working
        self._whole, self._working, self._criterion = working, searched, criterion
        self._scratch = Scratch()
        w, p = len(working.total), n_integrated(criterion, working.n_fixed)
        at = evaluate(working, omegas, criterion, self._scratch)
        self.fixed = at.fixed_root.T @ at.fixed_root
        held = np.zeros((w, p))
        if p:
            held[:p] = solve_triangular(at.fixed_root, np.eye(p))
        self._held = held

    def held(self, omegas) -> tuple[np.ndarray, np.ndarray]:
        """The same with the combinations at the point."""
        return self.of(omegas, self._held)

    def of(self, omegas, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """By each entry (t,), and ``X' V^-1 X`` (p, p)."""
        at = evaluate(self._working, omegas, self._criterion, self._scratch)
        found = self._working.structure.gradient(at, directions, self._scratch)
        return slopes_of(self._whole, found), at.fixed_root.T @ at.fixed_root


def slopes_of(working: Working, found: list[np.ndarray]) -> np.ndarray:
    """Derivative by each (co)variance (t,) from that by the covariance of each place.

    Parameters
    ----------
    working : Working
        Statistics of a model.
    found : list of ndarray (q, q)
        Derivatives by the relative covariances.
    """
    out = []
    for b, row, column in entries_of(working):
        block = working.blocks[b]
        own = found[block.level][block.start + row, block.start + column]
        out.append(own if row == column else 2.0 * own)
    return np.array(out)


def _by_differences(working: Working, omegas, criterion: Criterion) -> np.ndarray:
    slopes, p = _Slopes(working, omegas, criterion), working.n_fixed
    bend, first = by_entries(working, omegas, slopes.held)
    traces = slopes.of(omegas, np.zeros((len(working.total), 0)))[0]
    values = np.array([entry_of(working, omegas, entry) for entry in entries_of(working)])
    is_reml = bool(n_integrated(criterion, p))
    return _joined(-0.5 * (bend + bend.T), -first, traces, values, slopes.fixed, working, is_reml)


def by_entries(
    working: Working,
    omegas: list[np.ndarray],
    function: Callable[[list[np.ndarray]], tuple[np.ndarray, ...]],
) -> tuple[np.ndarray, ...]:
    """Derivatives of functions by each (co)variance, (t, ...), by differences from one side.

    Parameters
    ----------
    working : Working
        Statistics of a model.
    omegas : list of ndarray (q, q)
        Relative covariance of each place of the structure.
    function : callable
        The functions at other covariances; called along positive semidefinite directions.
    """
    entries, start = entries_of(working), function(omegas)
    steps = [_step(working, block) for block in working.blocks]
    out = [np.zeros((len(entries), *part.shape)) for part in start]
    places = {entry: k for k, entry in enumerate(entries)}
    for k, (b, row, column) in enumerate(entries):
        direction = direction_of(working, (b, row, column))
        if row != column:
            for i in (row, column):
                one = direction_of(working, (b, i, i))
                direction = [a + c for a, c in zip(direction, one, strict=True)]
        ends = [
            function([o + share * steps[b] * d for o, d in zip(omegas, direction, strict=True)])
            for share in (1.0, 2.0)
        ]
        for part, a, c, d in zip(out, start, *ends, strict=True):
            part[k] = (-3.0 * a + 4.0 * c - d) / (2.0 * steps[b])
    for k, (b, row, column) in enumerate(entries):
        if row != column:
            for part in out:
                part[k] -= part[places[b, row, row]] + part[places[b, column, column]]
    return tuple(out)


def _step(working: Working, block: Block) -> float:
    """A step of the variances of a block by which no group's effects change much."""
    inner = working.structure.inner(block.level)
    largest = float(np.abs(np.einsum("aag->ga", inner)).max(initial=1.0))
    return SHARE / largest


def _joined(pairs, first, traces, values, fixed, working: Working, is_reml: bool) -> np.ndarray:
    """The information with that on the residual variance, ``G_0 = V - sum of value_i G_i``."""
    n, p = working.n_obs, working.n_fixed if is_reml else 0
    inverse = np.linalg.inv(fixed) if p else np.zeros(fixed.shape)
    own = np.einsum("ab,iba->i", inverse, first)
    out = pairs_beside(values, pairs, traces - 2.0 * own, n - 2.0 * p)
    if p:
        around = inverse @ beside(values, first, fixed)
        out += np.einsum("iab,jba->ij", around, around)
    return 0.5 * out


@one_thread()
def second_derivatives(working: Working, omegas: list[np.ndarray]) -> SecondOrder:
    """The derivatives, by differences where that is faster and no covariance is singular.

    Parameters
    ----------
    working : Working
        Statistics of a model, groups apart (not pooled).
    omegas : list of ndarray (q, q)
        Relative covariance of each place of the structure.
    """
    if working.structure.has_fast_series or any(_is_singular(omega) for omega in omegas):
        return second_order(working, omegas)
    scratch = Scratch()

    def slopes(moved: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        at = evaluate(working, moved, "ML", scratch)
        found = working.structure.gradient(at, np.zeros((len(working.total), 0)), scratch)
        return slopes_of(working, found), _reaches(working, at)

    traces, first = slopes(omegas)
    pairs, second = by_entries(working, omegas, slopes)
    entries = entries_of(working)
    values = np.array([entry_of(working, omegas, entry) for entry in entries])
    root = evaluate(working, omegas, "ML", scratch).fixed_root
    second = -0.25 * (second + second.transpose(1, 0, 2, 3))
    return with_residual(
        entries,
        values,
        working.n_obs,
        root.T @ root,
        traces,
        -0.5 * (pairs + pairs.T),
        first,
        second,
    )


def _is_singular(omega: np.ndarray) -> bool:
    values = np.linalg.eigvalsh(omega)
    return bool(values[0] <= LEAST_DIVISOR * max(values[-1], 1e-300))


def _reaches(working: Working, at: Evaluation) -> np.ndarray:
    """``P_i`` (t, p, p): from ``Z' V^-1 X``, means given X by the covariance."""
    p, w = working.n_fixed, len(working.total)
    means = [working.structure.means(at, column) for column in np.eye(w)[:p]]
    scores = [
        np.linalg.solve(omega, np.array(found).transpose(2, 1, 0).reshape(len(omega), -1))
        for omega, found in zip(at.omegas, zip(*means, strict=True), strict=True)
    ]
    out = np.zeros((len(entries_of(working)), p, p))
    for k, (b, row, column) in enumerate(entries_of(working)):
        block = working.blocks[b]
        one, other = (scores[block.level][block.start + i].reshape(-1, p) for i in (row, column))
        product = one.T @ other
        out[k] = product if row == column else product + product.T
    return out
