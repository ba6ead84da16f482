"""Groups with the same cross-products of their random columns, pooled before any model is fitted.

Pupils who were seen on the same occasions share ``C = Z'Z`` and with it the gain ``Q`` of every
elimination. Their own sums are then needed only in products that add up over the pupils of one
pattern (and one enclosing group), so an evaluation costs patterns, not pupils.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from mlm.statistics.likelihood.pooled.cells import CellSums
from mlm.statistics.likelihood.pooled.wave_cells import SumsByCell

AGREEING_DIGITS = 11  # digits to which the cross-products of two groups of a pattern agree


@dataclass(frozen=True)
class Pool:
    """An innermost level, pooled.

    Attributes
    ----------
    inner : ndarray (q, q, P)
        Cross-products ``C`` of the random columns, one for each pattern.
    pattern : ndarray of int (G,)
        Pattern of each group.
    counts : ndarray (P,)
        Groups of each pattern.
    moments : ndarray (q (q + 1) / 2, P, w, w)
        Sum over the groups of a pattern of ``S_i' S_j``, S_i the sums of random column i; of the
        pairs i <= j, as ``pairs`` has them.
    cells : SumsByCell
        Sums over the groups of each cell, a pattern within one group of the next outer level.
    around : Around
        The random columns of the levels around.
    """

    inner: np.ndarray
    pattern: np.ndarray
    counts: np.ndarray
    moments: np.ndarray
    cells: SumsByCell
    around: ColumnsAround

    def gone(self, gain: np.ndarray) -> np.ndarray:
        """What the groups take from the cross-products (w, w), given Q (q, q, P) of each pattern.

        It is ``sum S' Q S``.
        """
        first, second = pairs(len(gain))
        weights = np.where(first == second, 0.5, 1.0)[:, None] * gain[first, second]
        half = np.tensordot(weights, self.moments, axes=2)
        return half + half.T

    def along(self, square: np.ndarray) -> np.ndarray:
        """``trace(S_i' S_j B)`` (q, q, P) of each pattern, B (w, w) symmetric."""
        return self._of_both(np.tensordot(self.moments, square, axes=2))

    @property
    def all_moments(self) -> np.ndarray:
        """The moments of all pairs, (q, q, P, w, w)."""
        out = self._of_both(self.moments)
        first, second = pairs(len(out))
        out[second, first] = self.moments.swapaxes(-1, -2)
        out[first, second] = self.moments
        return out

    def _of_both(self, values: np.ndarray) -> np.ndarray:
        """Values of pairs i <= j, as those of i, j and of j, i."""
        q = len(self.inner)
        first, second = pairs(q)
        out = np.empty((q, q, *values.shape[1:]))
        out[first, second] = out[second, first] = values
        return out


@cache
def pairs(q: int) -> tuple[np.ndarray, np.ndarray]:
    """Both columns of each pair i <= j of q."""
    found = np.triu_indices(q)
    for each in found:
        each.setflags(write=False)
    return found


@dataclass(frozen=True)
class ColumnsAround:
    """The random columns of the levels around pooled groups, r of them.

    Attributes
    ----------
    known : ndarray of int (c,)
        Which of them are the same for all groups of a pattern,
    values : ndarray (c, q, P)
        and ``S_i`` of each.
    other : ndarray of int (r - c,)
        Which are not,
    crosses : tuple of CellSums
        and for each the sum over the groups of a cell of ``S_i[c] S_j``, c the outer column; the
        pair i, j has the slot ``q i + j``.
    """

    known: np.ndarray
    values: np.ndarray
    other: np.ndarray
    crosses: tuple[CellSums, ...]


def patterns(entries: Sequence[np.ndarray], most: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Pattern of each group, and a group of each pattern; None when there are too many.

    Parameters
    ----------
    entries : sequence of ndarray (G,)
        Numbers that the groups of a pattern have in common, to rounding.
    most : int
        Patterns at most.
    """
    pattern, n_patterns = np.zeros(entries[0].size, dtype=np.intp), 1
    for entry in entries:
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
