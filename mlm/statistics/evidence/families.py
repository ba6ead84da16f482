"""Sums over the groups that lie in one group of the next outer level."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

LONG_FAMILY = 4  # groups of a family, on average, from which its sum is started on its own


class Family:
    """The groups of one level, in the order of the groups of the next outer level.

    Parameters
    ----------
    parent : ndarray of int (G,)
        That group, non-decreasing; every group has one member at least.
    """

    def __init__(self, parent: np.ndarray):
        self._size = parent.size
        self._starts = np.flatnonzero(np.diff(parent, prepend=-1))

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sums (w, H) over each outer group of values (w, G).

        Short families are added by a sparse matrix, which is several times faster than starting
        a sum for each of them.
        """
        if self._size >= LONG_FAMILY * self._starts.size:
            return np.add.reduceat(values, self._starts, axis=1)
        return (self._members @ values.T).T

    @cached_property
    def _members(self) -> csr_array:
        ends = np.append(self._starts, self._size)
        entries = (np.ones(self._size), np.arange(self._size), ends)
        return csr_array(entries, shape=(self._starts.size, self._size))
