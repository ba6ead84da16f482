"""Groups with the same cross-products of their random columns, pooled before any model is fitted.

Pupils who were seen on the same occasions share ``C = Z'Z`` and with it the gain ``Q`` of every
elimination. Their own sums are then needed only in products that add up over the pupils of one
pattern (and one enclosing group), so an evaluation costs patterns, not pupils.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SAVING = 4  # pool when there are at least this many groups to a cell
DIGITS = 11  # digits to which the cross-products of two groups of a pattern agree


@dataclass(frozen=True)
class Pool:
    """An innermost level, pooled.

    Attributes
    ----------
    inner : ndarray (P, q, q)
        Cross-products ``C`` of the random columns, one for each pattern.
    counts : ndarray (P,)
        Groups of each pattern.
    moments : ndarray (P, q, q, k, k)
        Sum over the groups of a pattern of ``S_i' S_j``, S_i the sums of random column i.
    pattern : ndarray of int (N,)
        Pattern of each cell; a cell is a pattern within one group of the next outer level.
    parents : tuple of ndarray of int (N,)
        Group of each outer level that a cell lies in, outermost level first; non-decreasing.
    crosses : tuple of ndarray (N, r, q, q, k)
        For each outer level with r random columns: sum over the groups of a cell of ``S_i[c] S_j``,
        c the outer column.
    """

    inner: np.ndarray
    counts: np.ndarray
    moments: np.ndarray
    pattern: np.ndarray
    parents: tuple[np.ndarray, ...]
    crosses: tuple[np.ndarray, ...]

    def selected(self, picks: np.ndarray) -> Pool:
        """The pool with some of the k columns, in their order."""
        moments = self.moments[..., picks[:, None], picks]
        crosses = tuple(cross[..., picks] for cross in self.crosses)
        return Pool(self.inner, self.counts, moments, self.pattern, self.parents, crosses)


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
    inner = sums[:, :, columns].transpose(1, 0, 2)
    pattern, first = _patterns(inner)
    n_groups, k = sums.shape[1], sums.shape[2]
    nearest = parents[-1] if parents else np.zeros(n_groups, dtype=np.intp)
    order, starts = _cells(nearest, pattern, first.size)
    if starts.size * SAVING > n_groups or first.size * k > n_groups:
        return None
    crosses = tuple(_cross(sums, order, starts, chosen) for chosen in outer_columns)
    lead = order[starts]
    return Pool(
        inner[first],
        np.bincount(pattern, minlength=first.size).astype(float),
        _moments(sums, pattern, first.size),
        pattern[lead],
        tuple(parent[lead] for parent in parents),
        crosses,
    )


def _patterns(inner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pattern of each group, and the first group of each pattern."""
    flat = inner.reshape(inner.shape[0], -1)
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
    moments = np.empty((n_patterns, q, q, k, k))
    for p in range(n_patterns):
        members = sums[:, pattern == p]
        for i in range(q):
            for j in range(i + 1):
                moments[p, i, j] = members[i].T @ members[j]
                moments[p, j, i] = moments[p, i, j].T
    return moments


def _cross(sums, order, starts, columns) -> np.ndarray:
    q, _, k = sums.shape
    cross = np.empty((starts.size, columns.size, q, q, k))
    for a, column in enumerate(columns):
        for i in range(q):
            reach = sums[i][:, column, None]
            for j in range(q):
                cross[:, a, i, j] = np.add.reduceat((reach * sums[j])[order], starts, axis=0)
    return cross
