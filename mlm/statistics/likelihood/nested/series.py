"""Elimination of nested levels to second order along a direction of the variances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.statistics.likelihood import batched
from mlm.statistics.likelihood.series import Series, gain_series, minus, times
from mlm.statistics.likelihood.working_tree import WorkingTree


@dataclass(frozen=True)
class EliminationSeries:
    """What eliminating all nested levels leaves, to second order.

    Attributes
    ----------
    logdet : ndarray (3,)
        Of ``log|V|``.
    matrix : list of ndarray (w, w) or None
        Of the cross-products with ``V^-1`` between them.
    gain, product : list of ndarray (q, q, G) or (q, G, w) or None
        Of ``Q`` and ``Q S`` of the outermost level.
    """

    logdet: np.ndarray
    matrix: Series
    gain: Series
    product: Series


def series(
    tree: WorkingTree, total: np.ndarray, omegas: list[np.ndarray], direction: list[np.ndarray]
) -> EliminationSeries:
    """Eliminate all levels; ``total`` (w, w) and the sums lack the response."""
    matrix: Series = [total, None, None]
    sums: list[Series] = [[level.sums[:, :, :-1], None, None] for level in tree.levels]
    logdet = np.zeros(3)
    gain, product = [None] * 3, [None] * 3
    for i in range(len(tree.levels) - 1, -1, -1):
        own, columns = sums[i], tree.levels[i].columns
        inner = [None if s is None else s[:, :, columns].transpose(0, 2, 1) for s in own]
        gain, logs = gain_series(inner, omegas[i], direction[i], batched.multiply)
        logdet += [0.0 if part is None else part.sum() for part in logs]
        product = times(gain, own, _applied)
        matrix = minus(matrix, times(own, product, _paired))
        for m in range(i):
            outer = tree.levels[m].columns
            starts = tree.starts[i][m]
            picked = [None if s is None else s[:, :, outer] for s in own]
            explained = times(picked, product, lambda a, b, at=starts: _summed(a, b, at))
            sums[m] = minus(sums[m], explained)
    return EliminationSeries(logdet, matrix, gain, product)


def _applied(matrices: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Products (q, G, w) of square matrices (q, q, G) and sums (q, G, w)."""
    out = np.empty_like(sums)
    for i in range(sums.shape[0]):
        out[i] = sum(matrices[i, j][:, None] * sums[j] for j in range(sums.shape[0]))
    return out


def _paired(a: np.ndarray, b: np.ndarray) -> np.ndarray:
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
