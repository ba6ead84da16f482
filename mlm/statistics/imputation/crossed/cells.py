"""Where nested and crossed units meet: what rows of the one have of the effects of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array


@dataclass(frozen=True)
class UnitCells:
    """Rows of one pattern, one lowest group and one unit of each crossed level.

    What lies in lowest groups and in crossed units are the *sides* of a cell.

    Attributes
    ----------
    rows : ndarray (n,)
        Rows of each cell.
    bounds : ndarray of int (P + 1,)
        First cell of each pattern, and the end.
    sides : tuple of ndarray of int (n,)
        Lowest group of each cell, then its unit of each crossed level.
    sizes : tuple of int
        How many there are of each.
    """

    rows: np.ndarray
    bounds: np.ndarray
    sides: tuple[np.ndarray, ...]
    sizes: tuple[int, ...]

    @classmethod
    def of(
        cls,
        patterns: np.ndarray,
        sides: Sequence[np.ndarray],
        rows: np.ndarray,
        n_patterns: int,
        sizes: Sequence[int],
    ) -> UnitCells:
        """Cells in order; those of the same pattern and sides are one.

        Parameters
        ----------
        patterns : ndarray of int (n,)
            Pattern of each.
        sides : sequence of ndarray of int (n,)
            Lowest group, then the unit of each crossed level.
        rows : ndarray (n,)
            Rows of each.
        n_patterns : int
            P.
        sizes : sequence of int
            Units of each side.
        """
        keys = np.vstack([patterns, *sides])
        order = np.lexsort(keys[::-1])
        keys = keys[:, order]
        starts = np.flatnonzero((np.diff(keys, axis=1, prepend=-1) != 0).any(axis=0))
        counts = np.add.reduceat(rows[order], starts) if starts.size else np.zeros(0)
        own = keys[:, starts]
        bounds = np.searchsorted(own[0], np.arange(n_patterns + 1))
        return cls(counts.astype(float), bounds, tuple(own[1:]), tuple(sizes))

    @cached_property
    def _adding(self) -> tuple[csr_array, ...]:
        """Of each side the matrix (G, n) that adds up cells, times their rows."""
        n = self.rows.size
        return tuple(
            csr_array((self.rows, (side, np.arange(n))), shape=(size, n))
            for side, size in zip(self.sides, self.sizes, strict=True)
        )

    def pulled(self, side: int, wholes: Sequence[np.ndarray], inner: np.ndarray) -> np.ndarray:
        """What the effects of all other sides take from what rows tell of one side, (d, G).

        Parameters
        ----------
        side : int
            The side.
        wholes : sequence of ndarray (d, G)
            What each side adds to its rows; of the side itself it is not read.
        inner : ndarray (P, d, d)
            Precision of the responses of each pattern.
        """
        others = [i for i in range(len(self.sides)) if i != side]
        own = sum(wholes[i][:, self.sides[i]] for i in others)
        for p, (first, end) in enumerate(zip(self.bounds[:-1], self.bounds[1:], strict=True)):
            own[:, first:end] = inner[p] @ own[:, first:end]
        return (self._adding[side] @ own.T).T

    def squares(self, parts: Sequence[np.ndarray]) -> np.ndarray:
        """Cross-products (P, a, a) over the rows of each pattern of what all sides add to them.

        Parameters
        ----------
        parts : sequence of ndarray (a, G)
            What each side adds.
        """
        pairs = zip(parts, self.sides, strict=True)
        own = sum(part[:, side] for part, side in pairs)
        found = []
        for first, end in zip(self.bounds[:-1], self.bounds[1:], strict=True):
            some = own[:, first:end]
            found.append((some * self.rows[first:end]) @ some.T)
        return np.array(found)
