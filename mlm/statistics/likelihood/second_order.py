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
from scipy.linalg import block_diag

from mlm.statistics.likelihood import batched
from mlm.statistics.likelihood.crossed.elimination import WorkingCrossing
from mlm.statistics.likelihood.series import Series, minus, times
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
    """

    entries: tuple[tuple[int, int, int], ...]
    fixed: np.ndarray
    traces: np.ndarray
    trace_pairs: np.ndarray
    first: np.ndarray
    second: np.ndarray

    def information(self, reml: bool) -> np.ndarray:
        """Expected information (t + 1, t + 1) of the variances: ``tr(P G_i P G_j) / 2``.

        P is ``V^-1 - V^-1 X (X'V^-1 X)^-1 X' V^-1`` under REML, ``V^-1`` under ML.
        """
        if not reml or not self.fixed.size:
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
    entries = tuple(
        (b, row, column)
        for b, block in enumerate(working.blocks)
        for row in range(block.size)
        for column in range(row + 1)
    )
    t, p = len(entries), working.n_fixed
    directions = [_direction(working, entry) for entry in entries]
    values = np.array([_entry_of(working, omegas, entry) for entry in entries])
    single = [_eliminate(working, omegas, direction) for direction in directions]
    first, second = np.zeros((t, p, p)), np.zeros((t, t, p, p))
    traces, pairs = np.zeros(t), np.zeros((t, t))
    for i in range(t):
        (_, traces[i], bend), (fixed, slope, curve) = single[i]
        first[i], second[i, i], pairs[i, i] = -slope, curve, -2.0 * bend
    for i in range(t):
        for j in range(i):
            both = [a + b for a, b in zip(directions[i], directions[j], strict=True)]
            (_, _, bend), (_, _, curve) = _eliminate(working, omegas, both)
            pairs[i, j] = pairs[j, i] = 0.5 * (-2.0 * bend - pairs[i, i] - pairs[j, j])
            second[i, j] = 0.5 * (curve - second[i, i] - second[j, j])
            second[j, i] = second[i, j]
    if not t:
        fixed = working.total[:p, :p]
    return _with_residual(entries, values, working.n_obs, fixed, traces, pairs, first, second)


def raw_change(working: Working) -> np.ndarray:
    """Change (t + 1, t + 1) of the working (co)variances with those of the raw columns.

    Both in units of the residual variance, entry by entry as in ``SecondOrder.entries``.
    """
    parts = []
    for block in working.blocks:
        rows, columns = np.tril_indices(block.size)
        image = np.empty((rows.size, rows.size))
        for k, (i, j) in enumerate(zip(rows, columns, strict=True)):
            unit = np.zeros((block.size, block.size))
            unit[i, j] = unit[j, i] = 1.0
            image[:, k] = (block.transform @ unit @ block.transform.T)[rows, columns]
        parts.append(image)
    return block_diag(*parts, np.eye(1))


def _with_residual(entries, values, n_obs, fixed, traces, pairs, first, second) -> SecondOrder:
    """Add the residual variance, with ``G_0 = V - sum of value_i G_i``."""
    t, p = len(entries), fixed.shape[0]
    shift = np.eye(t + 1, t)
    shift[t] = -values
    traces_all = shift @ traces
    traces_all[t] += n_obs
    pairs_all = shift @ pairs @ shift.T
    pairs_all[:t, t] += traces
    pairs_all[t, :t] += traces
    pairs_all[t, t] += n_obs - 2.0 * values @ traces
    first_all = np.tensordot(shift, first, axes=1)
    first_all[t] += fixed
    second_all = np.einsum("ai,bj,ijkl->abkl", shift, shift, second, optimize=True)
    second_all[:t, t] += first
    second_all[t, :t] += first
    second_all[t, t] += fixed - 2.0 * np.tensordot(values, first, axes=1).reshape(p, p)
    return SecondOrder(entries, fixed, traces_all, pairs_all, first_all, second_all)


def _direction(working: Working, entry: tuple[int, int, int]) -> list[np.ndarray]:
    """Derivative of each level's Omega by one (co)variance."""
    b, row, column = entry
    block = working.blocks[b]
    out = [np.zeros((width, width)) for width in working.widths]
    i, j = block.start + row, block.start + column
    out[block.level][i, j] = out[block.level][j, i] = 1.0
    return out


def _entry_of(working: Working, omegas: list[np.ndarray], entry: tuple[int, int, int]) -> float:
    b, row, column = entry
    block = working.blocks[b]
    return float(omegas[block.level][block.start + row, block.start + column])


def _eliminate(working: Working, omegas: list[np.ndarray], direction: list[np.ndarray]):
    """Series of ``log|V|`` and of ``X' V^-1 X`` along a direction of the Omegas."""
    matrix: Series = [working.total[:-1, :-1], None, None]
    sums: list[Series] = [[level.sums[:, :, :-1], None, None] for level in working.levels]
    logdet = np.zeros(3)
    gain, product = [None] * 3, [None] * 3
    for i in range(len(working.levels) - 1, -1, -1):
        own, columns = sums[i], working.levels[i].columns
        inner = [None if s is None else s[:, :, columns].transpose(0, 2, 1) for s in own]
        gain, logs = _gain(inner, omegas[i], direction[i], batched.multiply)
        logdet += [0.0 if part is None else part.sum() for part in logs]
        product = times(gain, own, _applied)
        matrix = minus(matrix, times(own, product, _crossed))
        for m in range(i):
            outer = working.levels[m].columns
            starts = working.starts[i][m]
            picked = [None if s is None else s[:, :, outer] for s in own]
            explained = times(picked, product, lambda a, b, at=starts: _summed(a, b, at))
            sums[m] = minus(sums[m], explained)
    if working.crossing is not None:
        around = len(working.levels)
        crossed = zip(omegas[around:], direction[around:], strict=True)
        logdet += _eliminate_root(working.crossing, gain, product, list(crossed), matrix)
    p = working.n_fixed
    return logdet, [np.zeros((p, p)) if part is None else part[:p, :p] for part in matrix]


def _eliminate_root(
    crossing: WorkingCrossing, gain: Series, product: Series, pairs, matrix: Series
):
    """Series of the dense block of crossed effects: from ``matrix`` in place; its ``log|V|``."""
    square: Series = [crossing.square, None, None]
    sums: Series = [crossing.sums[:, :-1], None, None]
    for i, left in enumerate(crossing.links):
        sums = minus(sums, [None if part is None else left.T @ part[i] for part in product])
    if crossing.links:
        square = minus(square, [None if p is None else crossing.explained(p) for p in gain])
    omega = _spread(crossing, [own for own, _ in pairs])
    change = _spread(crossing, [change for _, change in pairs])
    middle, logs = _gain(square, omega, change, np.matmul)
    explained = times(sums, times(middle, sums, np.matmul), lambda a, b: a.T @ b)
    matrix[:] = minus(matrix, explained)
    return np.array([0.0 if part is None else float(part) for part in logs])


def _spread(crossing: WorkingCrossing, omegas) -> np.ndarray:
    """Block-diagonal covariance (W, W) of all crossed effects."""
    parts = zip(omegas, crossing.sizes, strict=True)
    return block_diag(*(np.kron(omega, np.eye(size)) for omega, (_, size) in parts))


def _applied(matrices: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Products (q, G, w) of square matrices (q, q, G) and sums (q, G, w)."""
    out = np.empty_like(sums)
    for i in range(sums.shape[0]):
        out[i] = sum(matrices[i, j][:, None] * sums[j] for j in range(sums.shape[0]))
    return out


def _crossed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a.reshape(-1, a.shape[2]).T @ b.reshape(-1, b.shape[2])


def _summed(a: np.ndarray, b: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Sum over the groups inside each outer group of ``a_i[column] b_i``: (columns, G, w)."""
    out = np.empty((a.shape[2], starts.size, b.shape[2]))
    for column in range(a.shape[2]):
        reach = a[0, :, column, None] * b[0]
        for i in range(1, a.shape[0]):
            reach += a[i, :, column, None] * b[i]
        out[column] = np.add.reduceat(reach, starts, axis=0)
    return out


def _gain(inner: Series, omega: np.ndarray, change: np.ndarray, multiply) -> tuple[Series, Series]:
    """Series of ``Q = (I + Omega C)^-1 Omega`` and of ``log|I + Omega C|``.

    C is (q, q, G), a matrix of each group, with ``batched.multiply``; or (W, W) with ``matmul``.
    """
    shape = (slice(None), slice(None)) + (None,) * (inner[0].ndim - 2)
    covariance = [omega[shape], change[shape] if change.any() else None, None]
    middle = times(covariance, inner, multiply)
    middle[0] = middle[0] + np.eye(len(omega))[shape]
    inverse = _inverse(middle[0])
    ratio = [None if m is None else multiply(inverse, m) for m in middle[1:]]
    square = None if ratio[0] is None else multiply(ratio[0], ratio[0])
    steps = [None if r is None else -r for r in ratio]
    if square is not None:
        steps[1] = square if steps[1] is None else steps[1] + square
    shrink = [inverse, *(None if s is None else multiply(s, inverse) for s in steps)]
    logs = [_logdet(middle[0]), *map(_trace, ratio)]
    if square is not None:
        logs[2] = (0.0 if logs[2] is None else logs[2]) - 0.5 * _trace(square)
    return times(shrink, covariance, multiply), logs


def _logdet(matrices: np.ndarray) -> np.ndarray:
    return np.linalg.slogdet(matrices if matrices.ndim == 2 else matrices.transpose(2, 0, 1))[1]


def _inverse(matrices: np.ndarray) -> np.ndarray:
    if matrices.ndim == 2:
        return np.linalg.inv(matrices)
    if matrices.shape[0] == 1:
        return 1.0 / matrices
    return np.linalg.inv(matrices.transpose(2, 0, 1)).transpose(1, 2, 0)


def _trace(matrices: np.ndarray | None) -> np.ndarray | None:
    return None if matrices is None else np.trace(matrices)
