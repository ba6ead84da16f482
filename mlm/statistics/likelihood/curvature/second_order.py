"""Second derivatives of ``log|V|`` and ``X' V^-1 X`` by the variances, from working statistics.

V is linear in the variances and covariances, so these derivatives are all that expected
information and Kenward and Roger's method need:

    d log|V| = tr(V^-1 G_i),           -d2 log|V| = tr(V^-1 G_i V^-1 G_j),
    -d X'V^-1 X = X' V^-1 G_i V^-1 X,   d2 X'V^-1 X / 2 = the mean of X' V^-1 G_i V^-1 G_j V^-1 X
                                                          and its transpose,

with G_i the derivative of V. They are exact: the elimination of the likelihood is carried out in
series, ``value + first * h + second * h^2``, along a direction of the variances. Everything is
relative to the residual variance, whose own derivatives follow from homogeneity.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.statistics.likelihood.evaluation import Criterion, n_integrated
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.series import Series, filled
from mlm.statistics.likelihood.threads import one_thread
from mlm.statistics.likelihood.working import Working


@dataclass(frozen=True)
class SecondOrder:
    """First and second derivatives by t (co)variances and, last, the residual variance.

    All are in the working basis and in units in which the residual variance is 1.

    Attributes
    ----------
    entries : tuple of (int, int, int)
        Block, row and column of each (co)variance; the residual has none.
    fixed : ndarray (p, p)
        ``X' V^-1 X``.
    traces : ndarray (t + 1,)
        ``tr(V^-1 G_i)``.
    trace_pairs : ndarray (t + 1, t + 1)
        ``tr(V^-1 G_i V^-1 G_j)``.
    first : ndarray (t + 1, p, p)
        ``P_i = X' V^-1 G_i V^-1 X``.
    second : ndarray (t + 1, t + 1, p, p)
        Symmetric part of ``Q_ij = X' V^-1 G_i V^-1 G_j V^-1 X``.
    curved : ndarray (t + 1, t + 1, p, p) or None
        ``X' V^-1 G_ij V^-1 X``, where V has second derivatives by parameters that take the places
        of the (co)variances; None: V is linear in these.
    """

    entries: tuple[tuple[int, int, int], ...]
    fixed: np.ndarray
    traces: np.ndarray
    trace_pairs: np.ndarray
    first: np.ndarray
    second: np.ndarray
    curved: np.ndarray | None = None

    def information(self, criterion: Criterion) -> np.ndarray:
        """Expected information (t + 1, t + 1) of the variances: ``tr(P G_i P G_j) / 2``.

        P is ``V^-1 - V^-1 X (X'V^-1 X)^-1 X' V^-1`` under REML, ``V^-1`` under ML.
        """
        if not n_integrated(criterion, len(self.fixed)):
            return 0.5 * self.trace_pairs
        inverse = np.linalg.inv(self.fixed)
        around = inverse @ self.first
        crossed = np.einsum("iab,jba->ij", around, around)
        straight = np.einsum("ab,ijba->ij", inverse, self.second)
        return 0.5 * (self.trace_pairs - 2.0 * straight + crossed)


@one_thread()
def second_order(working: Working, omegas: list[np.ndarray]) -> SecondOrder:
    """Exact derivatives at given relative covariance matrices.

    Parameters
    ----------
    working : Working
        Statistics of a model, groups apart (not pooled).
    omegas : list of ndarray (q, q)
        Covariance of the random effects of each level, and then of each crossed factor, over the
        residual variance.

    Returns
    -------
    SecondOrder
    """
    entries = entries_of(working)
    t, p = len(entries), working.n_fixed
    directions = [direction_of(working, entry) for entry in entries]
    values = np.array([entry_of(working, omegas, entry) for entry in entries])
    scratch = Scratch()
    single = [_series(working, omegas, direction, scratch) for direction in directions]
    first, second = np.zeros((t, p, p)), np.zeros((t, t, p, p))
    traces, pairs = np.zeros(t), np.zeros((t, t))
    for i in range(t):
        (_, traces[i], bend), (fixed, slope, curve) = single[i]
        first[i], second[i, i], pairs[i, i] = -slope, curve, -2.0 * bend
    for i in range(t):
        for j in range(i):
            both = [a + b for a, b in zip(directions[i], directions[j], strict=True)]
            (_, _, bend), (_, _, curve) = _series(working, omegas, both, scratch)
            pairs[i, j] = pairs[j, i] = 0.5 * (-2.0 * bend - pairs[i, i] - pairs[j, j])
            second[i, j] = 0.5 * (curve - second[i, i] - second[j, j])
            second[j, i] = second[i, j]
    if not t:
        fixed = working.total[:p, :p]
    return with_residual(entries, values, working.n_obs, fixed, traces, pairs, first, second)


def entries_of(working: Working) -> tuple[tuple[int, int, int], ...]:
    """Block, row and column of each (co)variance."""
    return tuple(
        (b, row, column)
        for b, block in enumerate(working.blocks)
        for row in range(block.size)
        for column in range(row + 1)
    )


def with_residual(entries, values, n_obs, fixed, traces, pairs, first, second) -> SecondOrder:
    """Add the residual variance, with ``G_0 = V - sum of value_i G_i``.

    Parameters
    ----------
    entries, fixed, traces, pairs, first, second
        As in ``SecondOrder``, without the residual variance.
    values : ndarray (t,)
        The (co)variances.
    n_obs : int
        Rows.
    """
    return SecondOrder(
        entries,
        fixed,
        beside(values, traces, n_obs),
        pairs_beside(values, pairs, traces, n_obs),
        beside(values, first, fixed),
        pairs_beside(values, second, first, fixed),
    )


def beside(values: np.ndarray, single: np.ndarray, whole: np.ndarray | float) -> np.ndarray:
    """A linear function of ``G_1 .. G_t`` with its value at ``G_0 = V - sum of value_i G_i`` last.

    Parameters
    ----------
    values : ndarray (t,)
        The (co)variances.
    single : ndarray (t, ...)
        The function of each G.
    whole : ndarray or float
        That of V.
    """
    last = whole - np.tensordot(values, single, axes=1)
    return np.concatenate([single, np.asarray(last)[None]])


def pairs_beside(
    values: np.ndarray, pairs: np.ndarray, single: np.ndarray, whole: np.ndarray | float
) -> np.ndarray:
    """The same for a symmetric bilinear function.

    Parameters
    ----------
    values : ndarray (t,)
        The (co)variances.
    pairs : ndarray (t, t, ...)
        The function of each two G.
    single, whole : ndarray (t, ...) and (...) or float
        That of each G and V, and of V twice.
    """
    rows = np.array([beside(values, row, one) for row, one in zip(pairs, single, strict=True)])
    rows = rows.reshape(len(values), len(values) + 1, *pairs.shape[2:])
    last = beside(values, single, whole)
    return np.concatenate([rows, (last - np.tensordot(values, rows, axes=1))[None]])


def direction_of(working: Working, entry: tuple[int, int, int]) -> list[np.ndarray]:
    """Derivative of each level's Omega by one (co)variance."""
    b, row, column = entry
    block = working.blocks[b]
    out = [np.zeros((width, width)) for width in working.structure.widths]
    i, j = block.start + row, block.start + column
    out[block.level][i, j] = out[block.level][j, i] = 1.0
    return out


def entry_of(working: Working, omegas: list[np.ndarray], entry: tuple[int, int, int]) -> float:
    """Value of a (co)variance."""
    b, row, column = entry
    block = working.blocks[b]
    return float(omegas[block.level][block.start + row, block.start + column])


def _series(
    working: Working, omegas: list[np.ndarray], direction: list[np.ndarray], scratch: Scratch
) -> tuple[Series, Series]:
    """Series of ``log|V|`` and of ``X' V^-1 X`` along a direction of the Omegas."""
    moved = [[o, d] if d.any() else [o] for o, d in zip(omegas, direction, strict=True)]
    matrix, logdet = working.structure.series(working.total, moved, scratch)
    p = working.n_fixed
    return filled(logdet), [part[:p, :p] for part in filled(matrix)]
