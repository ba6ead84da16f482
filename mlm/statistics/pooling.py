"""Groups with the same cross-products of their random columns, pooled before any model is fitted.

Pupils who were seen on the same occasions share ``C = Z'Z`` and with it the gain ``Q`` of every
elimination. Their own sums are then needed only in products that add up over the pupils of one
pattern (and one enclosing group), so an evaluation costs patterns, not pupils.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

SAVING = 2  # pool when the moments of the patterns are smaller than the sums by this factor
DIGITS = 11  # digits to which the cross-products of two groups of a pattern agree


@dataclass(frozen=True)
class Pool:
    """An innermost level, pooled.

    Attributes
    ----------
    inner : ndarray (q, q, P)
        Cross-products ``C`` of the random columns, one for each pattern.
    counts : ndarray (P,)
        Groups of each pattern.
    moments : ndarray (q, q, P, k, k)
        Sum over the groups of a pattern of ``S_i' S_j``, S_i the sums of random column i.
    pattern : ndarray of int (N,)
        Pattern of each cell; a cell is a pattern within one group of the next outer level.
    parents : tuple of ndarray of int (N,)
        Group of each outer level that a cell lies in, outermost level first; non-decreasing.
    starts : tuple of ndarray of int
        First cell of each group of each outer level.
    crosses : tuple of ndarray (r, q, q, N, k)
        For each outer level with r random columns: sum over the groups of a cell of ``S_i[c] S_j``,
        c the outer column.
    """

    inner: np.ndarray
    counts: np.ndarray
    moments: np.ndarray
    pattern: np.ndarray
    parents: tuple[np.ndarray, ...]
    starts: tuple[np.ndarray, ...]
    crosses: tuple[np.ndarray, ...]

    def selected(self, picks: np.ndarray) -> Pool:
        """The pool with some of the k columns, in their order."""
        moments = self.moments[..., picks[:, None], picks]
        crosses = tuple(cross[..., picks] for cross in self.crosses)
        return replace(self, moments=moments, crosses=crosses)


def pool_groups(
    sums: np.ndarray,
    columns: np.ndarray,
    parents: Sequence[np.ndarray],
    outer_columns: Sequence[np.ndarray],
) -> Pool | None:
    """The pool of an innermost level, or None where it would not pay.

    Parameters
    ----------
    sums : ndarray (q, G, k)
        Sums of the level's random columns.
    columns : ndarray of int (q,)
        Positions of the random columns among the k.
    parents : sequence of ndarray of int (G,)
        Group of each outer level, outermost first.
    outer_columns : sequence of ndarray of int (r,)
        Positions of the random columns of each outer level.

    Returns
    -------
    Pool or None
    """
    inner = np.stack([sums[:, :, column] for column in columns], axis=1)
    pattern, first = _patterns(inner)
    n_groups, k = sums.shape[1], sums.shape[2]
    if first.size * k * SAVING > n_groups:
        return None
    nearest = parents[-1] if parents else np.zeros(n_groups, dtype=np.intp)
    order, cells = _cells(nearest, pattern, first.size)
    lead = order[cells]
    around = tuple(parent[lead] for parent in parents)
    return Pool(
        inner[:, :, first],
        np.bincount(pattern, minlength=first.size).astype(float),
        _moments(sums, pattern, first.size),
        pattern[lead],
        around,
        tuple(np.flatnonzero(np.diff(parent, prepend=-1)) for parent in around),
        tuple(_cross(sums, order, cells, chosen) for chosen in outer_columns),
    )


def _patterns(inner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pattern of each group, and the first group of each pattern."""
    flat = inner.reshape(-1, inner.shape[2]).T
    scale = np.abs(flat).max(axis=0)
    rounded = np.round(flat / np.where(scale > 0.0, scale, 1.0), DIGITS) + 0.0
    _, first, pattern = np.unique(rounded, axis=0, return_index=True, return_inverse=True)
    return pattern.reshape(-1), first


def _cells(parent: np.ndarray, pattern: np.ndarray, n_patterns: int):
    """Groups in the order of their cells, and where each cell starts."""
    key = parent * n_patterns + pattern
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    return order, starts


def _moments(sums: np.ndarray, pattern: np.ndarray, n_patterns: int) -> np.ndarray:
    q, _, k = sums.shape
    moments = np.empty((q, q, n_patterns, k, k))
    for p in range(n_patterns):
        members = sums[:, pattern == p]
        for i in range(q):
            for j in range(i + 1):
                moments[i, j, p] = members[i].T @ members[j]
                moments[j, i, p] = moments[i, j, p].T
    return moments


def _cross(sums, order, starts, columns) -> np.ndarray:
    q, _, k = sums.shape
    cross = np.empty((columns.size, q, q, starts.size, k))
    for a, column in enumerate(columns):
        for i in range(q):
            reach = sums[i][:, column, None]
            for j in range(q):
                cross[a, i, j] = np.add.reduceat((reach * sums[j])[order], starts, axis=0)
    return cross
