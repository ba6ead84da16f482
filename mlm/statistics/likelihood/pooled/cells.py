"""Sums over the groups of a pattern within each enclosing group, and what adds up over them.

The random columns of the levels around, such as the waves, are often the same for all groups of a
pattern. Then what a pattern hands to the enclosing groups is a fixed combination of the sums of its
columns: one product of matrices for all patterns that most of the enclosing groups have, and
one for each that few have. The way back is the transposed product.
Letters: q random columns of the groups, r of the levels around, k columns, P patterns, H enclosing
groups, s slots; a slot is a column of a pattern in which its groups are not all zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

COMMON = 0.5  # share of the enclosing groups from which a pattern is kept for all of them


@dataclass(frozen=True)
class Slots:
    """Sums of some slots over the groups of some enclosing groups.

    Attributes
    ----------
    pattern, column : ndarray of int (s,)
        Of each slot.
    parents : ndarray of int (n,) or None
        The enclosing groups; None: all of them.
    sums : ndarray (s, k, n)
        Sums of the slots' columns; zero where an enclosing group lacks the pattern.
    """

    pattern: np.ndarray
    column: np.ndarray
    parents: np.ndarray | None
    sums: np.ndarray


@dataclass(frozen=True)
class CellSums:
    """The sums of all slots.

    Attributes
    ----------
    parts : tuple of Slots
        Every slot in one of them.
    size : int
        Enclosing groups H.
    """

    parts: tuple[Slots, ...]
    size: int

    def combined(self, matrix: np.ndarray, picks: np.ndarray | None) -> CellSums:
        """The same in combinations (k, w) of the columns, or in those picked."""

        def of(sums: np.ndarray) -> np.ndarray:
            return sums[:, picks] if picks is not None else np.matmul(matrix.T, sums)

        return replace(self, parts=tuple(replace(p, sums=of(p.sums)) for p in self.parts))

    def handed_on(self, weights: np.ndarray) -> np.ndarray:
        """Sums (r, k, H) over the groups of each enclosing one, weighed by column and pattern.

        Parameters
        ----------
        weights : ndarray (r, q, P)
            For each of r sums.
        """
        k = self.parts[0].sums.shape[1]
        out = np.zeros((len(weights), k, self.size))
        for part in self.parts:
            own = weights[:, part.column, part.pattern]
            found = (own @ part.sums.reshape(len(part.sums), -1)).reshape(len(own), k, -1)
            if part.parents is None:
                out += found
            else:
                out[:, :, part.parents] += found
        return out

    def taken_back(self, values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
        """Derivatives (r, q, P) by the weights of ``handed_on``, from those (r, k, H) by its sums.

        Parameters
        ----------
        values : ndarray (r, k, H)
            Derivatives by the sums.
        shape : (int, int)
            q and P.
        """
        out = np.zeros((len(values), *shape))
        for part in self.parts:
            own = values if part.parents is None else values[:, :, part.parents]
            found = own.reshape(len(own), -1) @ part.sums.reshape(len(part.sums), -1).T
            out[:, part.column, part.pattern] = found
        return out


def cell_sums(
    chunks: Iterable[tuple[slice, np.ndarray]],
    width: int,
    pattern: np.ndarray,
    parent: np.ndarray,
    seen: np.ndarray,
) -> CellSums:
    """The sums by slot from those by cell, a cell being a pattern within one enclosing group.

    Parameters
    ----------
    chunks : iterable of (slice, ndarray (q, k, n))
        Cells that stand together, and the sums over the groups of each of the n.
    width : int
        Columns k.
    pattern, parent : ndarray of int (N,)
        Of each cell.
    seen : ndarray of bool (q, P)
        Which columns of a pattern are not zero.

    Returns
    -------
    CellSums
    """
    size, counts = int(parent.max(initial=-1)) + 1, np.bincount(pattern, minlength=seen.shape[1])
    common = np.flatnonzero(counts >= COMMON * size)
    rare = np.setdiff1d(np.flatnonzero(counts), common).tolist()
    parts, place = [], np.empty(pattern.size, dtype=np.intp)
    slots: dict[int, tuple[np.ndarray, np.ndarray]] = {}  # by pattern: its slots and their columns
    if common.size:
        column, own = np.nonzero(seen[:, common])
        sums = np.zeros((column.size, width, size))
        parts.append(Slots(common[own], column, None, sums))
        slots |= {p: (sums, np.flatnonzero(own == i)) for i, p in enumerate(common.tolist())}
        at = np.isin(pattern, common)
        place[at] = parent[at]
    for p in rare:
        cells, column = np.flatnonzero(pattern == p), np.flatnonzero(seen[:, p])
        sums = np.zeros((column.size, width, cells.size))
        parts.append(Slots(np.full(column.size, p), column, parent[cells], sums))
        slots[p] = sums, np.arange(column.size)
        place[cells] = np.arange(cells.size)
    of_part = {p: part for part in parts for p in np.unique(part.pattern).tolist()}
    for cells, totals in chunks:
        for p in np.unique(pattern[cells]).tolist():
            if p not in of_part:
                continue
            own = np.flatnonzero(pattern[cells] == p)
            sums, chosen = slots[p]
            for slot in chosen.tolist():
                sums[slot][:, place[cells][own]] = totals[of_part[p].column[slot]][:, own]
    return CellSums(tuple(part for part in parts if part.column.size), size)
