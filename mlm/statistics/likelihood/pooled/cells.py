"""Sums over the groups of a pattern within each enclosing group, and what adds up over them.

The random columns of the levels around, such as the waves, are often the same for all groups of a
pattern. Then what a pattern hands to the enclosing groups is a fixed combination of the sums of its
columns: one product of matrices for all patterns that most of the enclosing groups have, and one
for each enclosing group for those that few have. The way back is the transposed product.
Letters: q random columns of the groups, r of the levels around, k columns, P patterns, H enclosing
groups. A slot is a column of a pattern in which its groups are not all zero, known by its place
among all columns and patterns (q, P).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

COMMON = 0.5  # share of the enclosing groups from which a pattern is kept for all of them

PARENTS_AT_A_TIME = 1 << 12  # enclosing groups that are worked on together

Chunks = Iterable[tuple[slice, np.ndarray]]


class SlotSums(Protocol):
    """Sums of some slots over the groups of some enclosing groups."""

    @property
    def width(self) -> int:
        """Columns k."""

    def in_columns(self, change: Callable[[np.ndarray, int], np.ndarray]) -> SlotSums:
        """The same in other columns: ``change`` takes an array and the axis of its columns."""

    def hand_on(self, weights: np.ndarray, out: np.ndarray) -> None:
        """Add the sums, weighed by slot (r, q P), to those of the enclosing groups (r, k, H)."""

    def take_back(self, values: np.ndarray, out: np.ndarray, first: int = 0) -> None:
        """Add derivatives by the weights (r, q P), from those (r, k, h) by what is handed on.

        They are by what is handed on to h enclosing groups that stand together, from the first.
        """


@dataclass(frozen=True)
class SharedSlots:
    """Slots of patterns that most of the enclosing groups have.

    Attributes
    ----------
    slots : ndarray of int (s,)
    sums : ndarray (s, k, H)
        Zero where an enclosing group lacks the pattern.
    """

    slots: np.ndarray
    sums: np.ndarray

    @property
    def width(self) -> int:
        """Columns k."""
        return self.sums.shape[1]

    def in_columns(self, change: Callable[[np.ndarray, int], np.ndarray]) -> SharedSlots:
        """The same in other columns."""
        return replace(self, sums=change(self.sums, 1))

    def hand_on(self, weights: np.ndarray, out: np.ndarray) -> None:
        """Add what the slots hand on."""
        own = weights[:, self.slots]
        for start in range(0, out.shape[2], PARENTS_AT_A_TIME):
            some = slice(start, start + PARENTS_AT_A_TIME)
            for k in range(self.width):
                out[:, k, some] += own @ self.sums[:, k, some]

    def take_back(self, values: np.ndarray, out: np.ndarray, first: int = 0) -> None:
        """Add the derivatives of the slots."""
        sums = self.sums[:, :, first : first + values.shape[2]]
        out[:, self.slots] += sum(values[:, k] @ sums[:, k].T for k in range(self.width))


@dataclass(frozen=True)
class OwnSlots:
    """Slots of patterns that few enclosing groups have, by enclosing group.

    Attributes
    ----------
    parents : ndarray of int (n,)
        Enclosing groups that have about as many of them, m at most.
    slots : ndarray of int (n, m)
        Those of each; what is left of its row is of no meaning.
    sums : ndarray (n, m, k)
        Their sums, and zeros.
    """

    parents: np.ndarray
    slots: np.ndarray
    sums: np.ndarray

    @property
    def width(self) -> int:
        """Columns k."""
        return self.sums.shape[2]

    def in_columns(self, change: Callable[[np.ndarray, int], np.ndarray]) -> OwnSlots:
        """The same in other columns."""
        return replace(self, sums=change(self.sums, 2))

    def hand_on(self, weights: np.ndarray, out: np.ndarray) -> None:
        """Add what the slots hand on."""
        for start in range(0, self.parents.size, PARENTS_AT_A_TIME):
            some = slice(start, start + PARENTS_AT_A_TIME)
            own = weights[:, self.slots[some]].transpose(1, 0, 2)
            out[:, :, self.parents[some]] += np.matmul(own, self.sums[some]).transpose(1, 2, 0)

    def take_back(self, values: np.ndarray, out: np.ndarray, first: int = 0) -> None:
        """Add the derivatives of the slots."""
        some = slice(*np.searchsorted(self.parents, [first, first + values.shape[2]]).tolist())
        places = self.parents[some] - first
        own = np.ascontiguousarray(values[:, :, places].transpose(2, 0, 1))
        found = np.matmul(own, self.sums[some].transpose(0, 2, 1))
        slots = self.slots[some].ravel()
        for place, total in enumerate(out):
            total += np.bincount(slots, found[:, place].ravel(), total.size)


@dataclass(frozen=True)
class CellSums:
    """The sums of all slots.

    Attributes
    ----------
    parts : tuple of SlotSums
        Every slot of every enclosing group in one of them.
    size : int
        Enclosing groups H.
    """

    parts: tuple[SlotSums, ...]
    size: int

    def combined(self, matrix: np.ndarray, picks: np.ndarray | None) -> CellSums:
        """The same in combinations (k, w) of the columns, or in those picked."""

        def of(sums: np.ndarray, axis: int) -> np.ndarray:
            if picks is not None:
                return np.take(sums, picks, axis=axis)
            return np.matmul(matrix.T, sums) if axis == 1 else np.matmul(sums, matrix)

        return replace(self, parts=tuple(part.in_columns(of) for part in self.parts))

    def handed_on(self, weights: np.ndarray) -> np.ndarray:
        """Sums (r, k, H) over the groups of each enclosing one, weighed by column and pattern.

        Parameters
        ----------
        weights : ndarray (r, q, P)
            For each of r sums.
        """
        out = np.zeros((len(weights), self.parts[0].width, self.size))
        for part in self.parts:
            part.hand_on(weights.reshape(len(weights), -1), out)
        return out

    def taken_back(self, values: np.ndarray, shape: tuple[int, int], first: int = 0) -> np.ndarray:
        """Derivatives (r, q, P) by the weights of ``handed_on``, from those (r, k, h) by its sums.

        Parameters
        ----------
        values : ndarray (r, k, h)
            Derivatives by the sums of h enclosing groups that stand together; of all by default.
        shape : (int, int)
            q and P.
        first : int
            The first of these groups.
        """
        out = np.zeros((len(values), shape[0] * shape[1]))
        for part in self.parts:
            part.take_back(values, out, first)
        return out.reshape(-1, *shape)


def cell_sums(
    chunks: Chunks, width: int, pattern: np.ndarray, parent: np.ndarray, seen: np.ndarray
) -> CellSums:
    """The sums by slot from those by cell, a cell being a pattern within one enclosing group.

    Parameters
    ----------
    chunks : iterable of (slice, ndarray (q, k, n))
        Cells that stand together, and the sums over the groups of each of the n.
    width : int
        Columns k.
    pattern, parent : ndarray of int (N,)
        Of each cell; parents do not decrease.
    seen : ndarray of bool (q, P)
        Which columns of a pattern are not zero.

    Returns
    -------
    CellSums
    """
    size = int(parent.max(initial=-1)) + 1
    is_common = np.bincount(pattern, minlength=seen.shape[1]) >= COMMON * size
    cell, column = np.nonzero(seen.T[pattern])  # the entries: slots of each cell
    slot, of = column * seen.shape[1] + pattern[cell], parent[cell]
    is_shared = is_common[pattern[cell]]
    parts: list[SlotSums] = []
    targets = []  # entries, and where the sums of each of them are kept
    shared = np.flatnonzero(seen & is_common)
    if shared.size:
        sums = np.zeros((shared.size, width, size))
        entries = np.flatnonzero(is_shared)
        rows = sums.transpose(0, 2, 1)
        parts.append(SharedSlots(shared, sums))
        targets.append((entries, rows, np.searchsorted(shared, slot[entries]), of[entries]))
    for entries, row, place in _alike(of, np.flatnonzero(~is_shared)):
        slots = np.zeros((row[-1] + 1, place.max() + 1), dtype=np.intp)
        slots[row, place] = slot[entries]
        sums = np.zeros((*slots.shape, width))
        parts.append(OwnSlots(of[entries[place == 0]], slots, sums))
        targets.append((entries, sums, row, place))
    for cells, totals in chunks:
        for entries, rows, first, second in targets:
            some = slice(*np.searchsorted(cell[entries], [cells.start, cells.stop]))
            own = entries[some]
            rows[first[some], second[some]] = totals[column[own], :, cell[own] - cells.start]
    return CellSums(tuple(parts), size)


def _alike(
    parent: np.ndarray, entries: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Entries of parents that have about as many; by entry its parent's row, its place in that."""
    counts = np.bincount(parent[entries])
    first = (np.cumsum(counts) - counts)[parent[entries]]
    place = np.arange(entries.size) - first
    magnitude = np.frexp(counts)[1][parent[entries]]
    for own in np.unique(magnitude).tolist():
        some = np.flatnonzero(magnitude == own)
        row = np.cumsum(place[some] == 0) - 1
        yield entries[some], row, place[some]
