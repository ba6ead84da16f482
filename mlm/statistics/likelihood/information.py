"""Expected information on the (co)variances of a model.

By the exact series of ``second_order``; where there are many crossed effects, by differences of
first derivatives, which cost an evaluation each. With the combinations F held that make
``F F' = (X'V^-1 X)^-1`` (REML; none for ML), the gradient of ``log|V| + trace(F F' A)`` has the
derivative ``-tr(V^-1 G_i V^-1 G_j) + 2 tr((X'V^-1 X)^-1 Q_ij)``.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_triangular

from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.evaluation import Criterion, n_integrated
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.second_order import (
    SecondOrder,
    beside,
    direction_of,
    entries_of,
    entry_of,
    pairs_beside,
    second_order,
)
from mlm.statistics.likelihood.threads import one_thread
from mlm.statistics.likelihood.working import Block, Working

SHARE = 1e-4  # of the inverse of the largest cross-product of a group: step of its variances


@one_thread()
def expected_information(
    working: Working, omegas: list[np.ndarray], criterion: Criterion
) -> tuple[tuple[tuple[int, int, int], ...], np.ndarray]:
    """Entries of the (co)variances and their expected information.

    Parameters
    ----------
    working : Working
        Statistics of a model, groups apart (not pooled).
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
    if working.structure.has_fast_series:
        exact: SecondOrder = second_order(working, omegas)
        return exact.entries, exact.information(criterion)
    return entries_of(working), _by_differences(working, omegas, criterion)


class _Slopes:
    """Derivatives of ``log|V| + trace(F F' A)`` by the entries, F as it is at the point."""

    def __init__(self, working: Working, omegas: list[np.ndarray], criterion: Criterion):
        self._working, self._criterion, self._scratch = working, criterion, Scratch()
        self._entries, self._here = entries_of(working), omegas
        w, p = len(working.total), n_integrated(criterion, working.n_fixed)
        at = evaluate(working, omegas, criterion, self._scratch)
        self.fixed = at.fixed_root.T @ at.fixed_root
        held = np.zeros((w, p))
        if p:
            held[:p] = solve_triangular(at.fixed_root, np.eye(p))
        self._held, self._start = held, self.of(omegas, held)

    def of(self, omegas, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """By each entry (t,), and ``X' V^-1 X`` (p, p)."""
        at = evaluate(self._working, omegas, self._criterion, self._scratch)
        found = self._working.structure.gradient(at, directions, self._scratch)
        slopes = []
        for b, row, column in self._entries:
            block = self._working.blocks[b]
            own = found[block.level][block.start + row, block.start + column]
            slopes.append(own if row == column else 2.0 * own)
        return np.array(slopes), at.fixed_root.T @ at.fixed_root

    def along(self, direction: list[np.ndarray], step: float) -> tuple[np.ndarray, np.ndarray]:
        """Derivatives of both along a positive semidefinite direction, from its one side."""
        ends = [self._start]
        for share in (1.0, 2.0):
            moved = [o + share * step * d for o, d in zip(self._here, direction, strict=True)]
            ends.append(self.of(moved, self._held))
        return tuple((-3.0 * a + 4.0 * b - c) / (2.0 * step) for a, b, c in zip(*ends, strict=True))


def _by_differences(working: Working, omegas, criterion: Criterion) -> np.ndarray:
    slopes, entries = _Slopes(working, omegas, criterion), entries_of(working)
    t, p = len(entries), working.n_fixed
    bend, first = np.zeros((t, t)), np.zeros((t, p, p))
    places = {entry: k for k, entry in enumerate(entries)}
    steps = [_step(working, block) for block in working.blocks]
    for k, (b, row, column) in enumerate(entries):
        direction = direction_of(working, (b, row, column))
        if row != column:
            for i in (row, column):
                one = direction_of(working, (b, i, i))
                direction = [a + c for a, c in zip(direction, one, strict=True)]
        bend[k], first[k] = slopes.along(direction, steps[b])
    for k, (b, row, column) in enumerate(entries):
        if row != column:
            for i in (row, column):
                bend[k] -= bend[places[b, i, i]]
                first[k] -= first[places[b, i, i]]
    traces = slopes.of(omegas, np.zeros((len(working.total), 0)))[0]
    values = np.array([entry_of(working, omegas, entry) for entry in entries])
    is_reml = bool(n_integrated(criterion, p))
    return _joined(-0.5 * (bend + bend.T), -first, traces, values, slopes.fixed, working, is_reml)


def _step(working: Working, block: Block) -> float:
    """A step of the variances of a block by which no group's effects change much."""
    columns = working.structure.columns[block.level]
    inner = working.structure.sums(block.level)[:, :, columns]
    largest = float(np.abs(np.einsum("aga->ga", inner)).max(initial=1.0))
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
