"""Crossed units: sums of their rows, and the nested groups that they lie in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csr_array


class Members:
    """Which units lie in which group around them, in any order.

    Parameters
    ----------
    parent : ndarray of int (C,)
        Group around each unit.
    size : int
        Groups H.
    """

    def __init__(self, parent: np.ndarray, size: int):
        entries = np.ones(parent.size), (parent, np.arange(parent.size))
        self._members = csr_array(entries, shape=(size, parent.size))

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sums (w, H) over each group of values (w, C)."""
        return (self._members @ values.T).T


@dataclass(frozen=True)
class CrossedSums:
    """The units of one crossed level.

    Attributes
    ----------
    counts : ndarray (P, C)
        Rows by pattern and unit.
    sums : ndarray or sparse array (j, C)
        Sums of predictors and responses, in the rows of those by lowest group.
    parents : tuple of ndarray of int (C,)
        Of each nested level around the units, outermost first, the group that they lie in.
    sizes : tuple of int
        Groups of these levels.
    """

    counts: np.ndarray
    sums: Any
    parents: tuple[np.ndarray, ...]
    sizes: tuple[int, ...]

    @property
    def size(self) -> int:
        """Units C."""
        return self.counts.shape[1]

    @property
    def depth(self) -> int:
        """Nested levels around the units."""
        return len(self.parents)

    @cached_property
    def members(self) -> tuple[Members, ...]:
        """Of each nested level around, which units lie in which group."""
        pairs = zip(self.parents, self.sizes, strict=True)
        return tuple(Members(parent, size) for parent, size in pairs)


def groups_around(
    units: np.ndarray, groups: np.ndarray, size: int, parents: Sequence[np.ndarray]
) -> tuple[np.ndarray, ...]:
    """Of each nested level that crossed units lie in, outermost first, the group of each (C,).

    Parameters
    ----------
    units, groups : ndarray of int (n,)
        Crossed unit and lowest group of each cell or row; each unit has one at least.
    size : int
        Units C.
    parents : sequence of ndarray of int (G,)
        Of each nested level, outermost first, place of the group around.
    """
    own, around = groups, []
    for parent in reversed(parents[1:]):
        own = parent[own]
        around.append(own)
    found: list[np.ndarray] = []
    for own in reversed(around):  # the lowest level is the one that is crossed
        group = np.zeros(size, dtype=np.intp)
        group[units] = own
        if not np.array_equal(group[units], own):
            break
        found.append(group)
    return tuple(found)
