"""Groups with the same cross-products of their random columns, pooled before any model is fitted.

Pupils who were seen on the same occasions share ``C = Z'Z`` and with it the gain ``Q`` of every
elimination. Their own sums are then needed only in products that add up over the pupils of one
pattern (and one enclosing group), so an evaluation costs patterns, not pupils.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlm.statistics.evidence.wave_parts import GROUPS_AT_A_TIME
from mlm.statistics.likelihood.basis import selection

POOLED_SAVING = 2  # pool when the moments of the patterns are smaller than the sums by this factor
AGREEING_DIGITS = 11  # digits to which the cross-products of two groups of a pattern agree


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
    parent : ndarray of int (N,)
        That group, non-decreasing; zeros where there is no outer level.
    starts : ndarray of int
        First cell of each group of the next outer level.
    crosses : ndarray (r, q, q, k, N)
        For each of the r random columns of the levels around: sum over the groups of a cell of
        ``S_i[c] S_j``, c the outer column.
    """

    inner: np.ndarray
    counts: np.ndarray
    moments: np.ndarray
    pattern: np.ndarray
    parent: np.ndarray
    starts: np.ndarray
    crosses: np.ndarray

    def combined(self, matrix: np.ndarray) -> Pool:
        """The pool in other columns, combinations (k, w) of the k columns."""
        picks = selection(matrix)
        if picks is not None:
            moments = self.moments[..., picks[:, None], picks]
            return replace(self, moments=moments, crosses=self.crosses[..., picks, :])
        moments = matrix.T @ self.moments @ matrix
        return replace(self, moments=moments, crosses=np.matmul(matrix.T, self.crosses))


def pool_groups(
    sums: np.ndarray, own: np.ndarray, parent: np.ndarray | None, outer: np.ndarray
) -> Pool | None:
    """The pool of an innermost level, or None where it would not pay.

    Parameters
    ----------
    sums : ndarray (q, G, k)
        Sums of the level's random columns.
    own : ndarray (k, q)
        The random columns as combinations of the k.
    parent : ndarray of int (G,) or None
        Group of the next outer level, where there is one.
    outer : ndarray (k, r)
        The random columns of the levels around as combinations of the k.

    Returns
    -------
    Pool or None
    """
    inner = np.stack([_along(sums, column) for column in own.T], axis=1)
    n_groups, k = sums.shape[1], sums.shape[2]
    found = patterns(inner, n_groups // (POOLED_SAVING * k))
    if found is None:
        return None
    pattern, first = found
    around = np.zeros(n_groups, dtype=np.intp) if parent is None else parent
    order, cells = _cells(around, pattern, first.size)
    if parent is not None and cells.size * POOLED_SAVING > n_groups:
        return None
    lead = order[cells]
    return Pool(
        inner[:, :, first],
        np.bincount(pattern, minlength=first.size).astype(float),
        _moments(sums, pattern, first.size),
        pattern[lead],
        around[lead],
        np.flatnonzero(np.diff(around[lead], prepend=-1)),
        _crosses(sums, order, cells, [_along(sums, column) for column in outer.T]),
    )


def patterns(inner: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Pattern of each group, and a group of each pattern; None when there are too many.

    Parameters
    ----------
    inner : ndarray (q, q, G)
        Cross-products of the random columns of each group.
    most : int
        Patterns at most.
    """
    pattern, n_patterns = np.zeros(inner.shape[2], dtype=np.intp), 1
    for i in range(inner.shape[0]):
        for j in range(i + 1):
            entry = inner[i, j]
            scale = np.abs(entry).max()
            rounded = np.round(entry / (scale if scale > 0.0 else 1.0), AGREEING_DIGITS) + 0.0
            values, codes = np.unique(rounded, return_inverse=True)
            if n_patterns > 1:
                joined = pattern * values.size + codes
                values, codes = np.unique(joined, return_inverse=True)
            pattern, n_patterns = codes, values.size
            if n_patterns > most:
                return None
    first = np.empty(n_patterns, dtype=np.intp)
    first[pattern[::-1]] = np.arange(pattern.size)[::-1]
    return pattern, first


def _cells(parent: np.ndarray, pattern: np.ndarray, n_patterns: int):
    """Groups in the order of their cells, and where each cell starts."""
    key = parent * n_patterns + pattern
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    return order, starts


def _moments(sums: np.ndarray, pattern: np.ndarray, n_patterns: int) -> np.ndarray:
    q, _, k = sums.shape
    order = np.argsort(pattern, kind="stable")
    ends = np.cumsum(np.bincount(pattern, minlength=n_patterns))
    moments = np.zeros((n_patterns, q * k, q * k))
    for p, end in enumerate(ends):
        for start in range(ends[p - 1] if p else 0, end, GROUPS_AT_A_TIME):
            members = sums[:, order[start : min(start + GROUPS_AT_A_TIME, end)]]
            members = members.transpose(1, 0, 2).reshape(-1, q * k)
            moments[p] += members.T @ members
    return np.ascontiguousarray(moments.reshape(n_patterns, q, k, q, k).transpose(1, 3, 0, 2, 4))


def _along(sums: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Sums (q, G) in one combination (k,) of the columns."""
    places = np.flatnonzero(column)
    if places.size == 1 and column[places[0]] == 1.0:
        return sums[:, :, places[0]]
    return sums @ column


def _crosses(sums, order, starts, outer: Sequence[np.ndarray]) -> np.ndarray:
    """Sums over the groups of each cell, some cells at a time."""
    q, _, k = sums.shape
    crosses = np.empty((len(outer), q, q, k, starts.size))
    ends = np.append(starts[1:], order.size)
    first = 0
    while first < starts.size:
        last = max(int(np.searchsorted(ends, starts[first] + GROUPS_AT_A_TIME, "right")), first + 1)
        groups = order[starts[first] : ends[last - 1]]
        wide = np.ascontiguousarray(sums[:, groups].transpose(0, 2, 1))
        begin = starts[first:last] - starts[first]
        for a, along in enumerate(outer):
            for i in range(q):
                for j in range(q):
                    own = along[i, groups] * wide[j]
                    crosses[a, i, j, :, first:last] = np.add.reduceat(own, begin, axis=1)
        first = last
    return crosses
