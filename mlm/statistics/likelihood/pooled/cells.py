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

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

COMMON = 0.5  # share of the enclosing groups from which a pattern is kept for all of them

FEW_SUMS = 1 << 20  # sums up to which those that are zero are held too: fewer, larger products
PARENTS_AT_A_TIME = 1 << 12  # enclosing groups that are worked on together

Chunks = Iterable[tuple[slice, np.ndarray]]
Spread = Sequence[tuple[int, Sequence[tuple[int, float]]]]
"""Columns of sums that are used, with the columns that are a multiple of each, and which one."""


class SlotSums(Protocol):
    """Sums of some slots over the groups of some enclosing groups."""

    slots: np.ndarray

    @property
    def width(self) -> int:
        """Columns k."""

    def in_columns(self, change: Callable[[np.ndarray, int], np.ndarray]) -> SlotSums:
        """The same in other columns: ``change`` takes an array and the axis of its columns."""

    def hand_on(self, weights: np.ndarray, out: np.ndarray, first: int, spread: Spread) -> None:
        """Add the sums, weighed by slot (r, q P), to those of some enclosing groups (r, w, h).

        They are h that stand together, from the first.
        """

    def take_back(self, values: np.ndarray, out: np.ndarray, first: int, spread: Spread) -> None:
        """Add derivatives by the weights (r, q P), from those (r, w, h) by what is handed on."""

    def add_to(self, out: np.ndarray, places: np.ndarray) -> None:
        """Add the sums to those (s, k, H) of all slots, given the place of each of these."""


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

    def hand_on(self, weights: np.ndarray, out: np.ndarray, first: int, spread: Spread) -> None:
        """Add what the slots hand on."""
        own, sums = weights[:, self.slots], self.sums[:, :, first : first + out.shape[2]]
        for k, columns in spread:
            found = own @ sums[:, k]
            for column, multiple in columns:
                out[:, column] += found if multiple == 1.0 else multiple * found

    def take_back(self, values: np.ndarray, out: np.ndarray, first: int, spread: Spread) -> None:
        """Add the derivatives of the slots."""
        sums = self.sums[:, :, first : first + values.shape[2]]
        out[:, self.slots] += sum(_gathered(values, to) @ sums[:, k].T for k, to in spread)

    def add_to(self, out: np.ndarray, places: np.ndarray) -> None:
        """Add the sums of the slots."""
        out[places] += self.sums


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

    def hand_on(self, weights: np.ndarray, out: np.ndarray, first: int, spread: Spread) -> None:
        """Add what the slots hand on."""
        some = self._among(first, out.shape[2])
        places = self.parents[some] - first
        found = np.matmul(weights[:, self.slots[some]].transpose(1, 0, 2), self.sums[some])
        for k, columns in spread:
            for column, multiple in columns:
                out[:, column, places] += multiple * found[:, :, k].T

    def take_back(self, values: np.ndarray, out: np.ndarray, first: int, spread: Spread) -> None:
        """Add the derivatives of the slots."""
        some = self._among(first, values.shape[2])
        own = values[:, :, self.parents[some] - first]
        given = np.stack([_gathered(own, to) for _, to in spread], axis=2).transpose(1, 0, 2)
        used = self.sums[some][:, :, [k for k, _ in spread]]
        found = np.matmul(given, used.transpose(0, 2, 1))
        slots = self.slots[some].ravel()
        for place, total in enumerate(out):
            total += np.bincount(slots, found[:, place].ravel(), total.size)

    def add_to(self, out: np.ndarray, places: np.ndarray) -> None:
        """Add the sums of the slots; those of no meaning are zero."""
        np.add.at(out.transpose(0, 2, 1), (places, self.parents[:, None]), self.sums)

    def _among(self, first: int, count: int) -> slice:
        """Which of the enclosing groups are among some that stand together."""
        return slice(*np.searchsorted(self.parents, [first, first + count]).tolist())


def _gathered(values: np.ndarray, columns: Sequence[tuple[int, float]]) -> np.ndarray:
    """Derivatives (r, h) by a column of sums, from those (r, w, h) by its multiples."""
    return sum(v if m == 1.0 else m * v for v, m in ((values[:, c], m) for c, m in columns))


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
        own = weights.reshape(len(weights), -1)
        out = np.zeros((len(own), self.width, self.size))
        for first, some in portions(out):
            self.hand_on(own, some, first, self._spread)
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
        self.take_back(values, out, first, self._spread)
        return out.reshape(-1, *shape)

    def hand_on(self, weights: np.ndarray, out: np.ndarray, first: int, spread: Spread) -> None:
        """Add what all slots hand on, as one part does."""
        for part in self.parts:
            part.hand_on(weights, out, first, spread)

    def take_back(self, values: np.ndarray, out: np.ndarray, first: int, spread: Spread) -> None:
        """Add the derivatives of all slots, as one part does."""
        for part in self.parts:
            part.take_back(values, out, first, spread)

    def whole(self) -> WholeSums:
        """The same, what is not there held as zero."""
        slots = self._all_slots
        out = np.zeros((slots.size, self.width, self.size))
        for part in self.parts:
            part.add_to(out, np.searchsorted(slots, part.slots))
        return WholeSums(slots, out)

    @property
    def width(self) -> int:
        """Columns k."""
        return self.parts[0].width if self.parts else 0

    @property
    def n_slots(self) -> int:
        """Slots that some enclosing group has."""
        return self._all_slots.size

    @property
    def _all_slots(self) -> np.ndarray:
        """Slots (s,) that some enclosing group has."""
        return np.unique(np.concatenate([part.slots.ravel() for part in self.parts]))

    @property
    def _spread(self) -> Spread:
        """All columns as they are."""
        return [(k, [(k, 1.0)]) for k in range(self.width)]


@dataclass(frozen=True)
class WholeSums:
    """The sums of all slots of all enclosing groups, where they are few: one product of matrices.

    Attributes
    ----------
    slots : ndarray of int (s,)
    sums : ndarray (s, k, H)
        Zero where an enclosing group lacks the pattern.
    """

    slots: np.ndarray
    sums: np.ndarray

    def handed_on(self, weights: np.ndarray) -> np.ndarray:
        """Sums (r, k, H), weighed by column and pattern (r, q, P)."""
        own = weights.reshape(len(weights), -1)[:, self.slots]
        found = own @ self.sums.reshape(len(self.slots), -1)
        return found.reshape(len(own), *self.sums.shape[1:])

    def combined(self, matrix: np.ndarray, picks: np.ndarray | None) -> WholeSums:
        """The same in combinations (k, w) of the columns, or in those picked."""
        sums = matrix.T @ self.sums if picks is None else self.sums[:, picks]
        return replace(self, sums=sums)

    def taken_back(self, values: np.ndarray, shape: tuple[int, int], first: int = 0) -> np.ndarray:
        """Derivatives (r, q, P) by the weights, from those (r, k, h) by the sums of h groups."""
        some = self.sums[:, :, first : first + values.shape[2]]
        out = np.zeros((len(values), shape[0] * shape[1]))
        out[:, self.slots] = values.reshape(len(values), -1) @ some.reshape(len(some), -1).T
        return out.reshape(-1, *shape)


def portions(out: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Arrays over enclosing groups, their last axis, some at a time, and the first of these."""
    for first in range(0, out.shape[-1], PARENTS_AT_A_TIME):
        yield first, out[..., first : first + PARENTS_AT_A_TIME]


def cell_sums(
    chunks: Chunks, width: int, pattern: np.ndarray, parent: np.ndarray, seen: np.ndarray
) -> CellSums | WholeSums:
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
    CellSums or WholeSums
        The latter where they are few.
    """
    size = int(parent.max(initial=-1)) + 1
    is_common = np.bincount(pattern, minlength=seen.shape[1]) >= COMMON * size
    (made,) = cell_sums_apart(chunks, width, pattern, parent, [seen], is_common)
    is_small = made.parts and made.n_slots * made.width * made.size <= FEW_SUMS
    return made.whole() if is_small else made


def cell_sums_apart(
    chunks: Chunks,
    width: int,
    pattern: np.ndarray,
    parent: np.ndarray,
    seen: Sequence[np.ndarray],
    is_common: np.ndarray,
) -> tuple[CellSums, ...]:
    """The same of some random columns and of others apart, from one pass over the cells.

    Parameters
    ----------
    chunks, width, pattern, parent
        As for ``cell_sums``, with all random columns.
    seen : sequence of ndarray of bool (q, P)
        For those that stand together: which of them are not zero.
    is_common : ndarray of bool (P,)
        Patterns that are kept for all of the enclosing groups.
    """
    size, made, targets, first = int(parent.max(initial=-1)) + 1, [], [], 0
    for own in seen:
        parts, filled = _laid_out(width, pattern, parent, own, is_common)
        made.append(CellSums(tuple(parts), size))
        targets += [(cell, column + first, *rest) for cell, column, *rest in filled]
        first += len(own)
    for cells, totals in chunks:
        for cell, column, rows, to, place in targets:
            some = slice(*np.searchsorted(cell, [cells.start, cells.stop]))
            rows[to[some], place[some]] = totals[column[some], :, cell[some] - cells.start]
    return tuple(made)


def _laid_out(
    width: int,
    pattern: np.ndarray,
    parent: np.ndarray,
    seen: np.ndarray,
    is_common: np.ndarray,
) -> tuple[list[SlotSums], list[tuple[Any, ...]]]:
    """Slots without their sums; cell and column of each entry, and where its sums are kept."""
    cell, column = np.nonzero(seen.T[pattern])  # the entries: slots of each cell
    slot, of = column * seen.shape[1] + pattern[cell], parent[cell]
    is_shared = is_common[pattern[cell]]
    parts: list[SlotSums] = []
    targets: list[tuple[Any, ...]] = []
    shared = np.flatnonzero(seen & is_common)
    if shared.size:
        size, some = int(parent.max(initial=-1)) + 1, np.flatnonzero(is_shared)
        sums = np.zeros((shared.size, width, size))
        parts.append(SharedSlots(shared, sums))
        places = np.searchsorted(shared, slot[some])
        targets.append((cell[some], column[some], sums.transpose(0, 2, 1), places, of[some]))
    for some, row, place in _alike(of, np.flatnonzero(~is_shared)):
        slots = np.zeros((row[-1] + 1, place.max() + 1), dtype=np.intp)
        slots[row, place] = slot[some]
        sums = np.zeros((*slots.shape, width))
        parts.append(OwnSlots(of[some[place == 0]], slots, sums))
        targets.append((cell[some], column[some], sums, row, place))
    return parts, targets


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
