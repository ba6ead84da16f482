"""Sums of a level's groups kept wave by wave, from which those of the survey are made when needed.

In the columns of the survey a wave's sums are multiples of the same numbers again and again: every
wave indicator repeats them as a candidate and in products. With millions of pupils who are followed
the sums of all candidates and columns are several times larger than those of the waves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

GROUPS_AT_A_TIME = 1 << 16  # whose sums are copied, or taken to the columns of the survey


@dataclass(frozen=True)
class WavePart:
    """Sums of the groups of one wave, and what the survey's sums are of them.

    Attributes
    ----------
    places : ndarray of int (G_w,)
        Place of each group of the wave among those of the survey.
    sums : ndarray (c, G_w, j), or one that still lies in a file
        Sums in the columns of the wave.
    sources : ndarray of int (q,)
        Candidate of the wave that each candidate of the survey is a multiple of,
    multiples : ndarray (q,)
        and which multiple.
    pick : ndarray of int (k,)
        Column of the wave that each column of the survey is a multiple of,
    scale : ndarray (k,)
        and which multiple.
    """

    places: np.ndarray
    sums: Any
    sources: np.ndarray
    multiples: np.ndarray
    pick: np.ndarray
    scale: np.ndarray

    @cached_property
    def _is_ordered(self) -> bool:
        return bool((np.diff(self.places) > 0).all())

    @cached_property
    def _in_order(self) -> tuple[np.ndarray, np.ndarray]:
        """The groups of the wave in the order of the survey, and their places there."""
        order = np.argsort(self.places, kind="stable")
        return order.astype(self.places.dtype), self.places[order]

    def among(self, groups: slice) -> slice | np.ndarray:
        """Which groups of the wave are among some that stand together in the survey.

        Parameters
        ----------
        groups : slice
            Of the survey's groups.
        """
        if self._is_ordered:
            return slice(*np.searchsorted(self.places, [groups.start, groups.stop]).tolist())
        order, places = self._in_order
        return np.sort(order[slice(*np.searchsorted(places, [groups.start, groups.stop]))])

    def add_to(self, out: np.ndarray, rows: Sequence[int], columns: Sequence[int]) -> None:
        """Add the wave to sums (r, G, j) of some candidates and columns of the survey.

        Parameters
        ----------
        out : ndarray (r, G, j)
            Sums that the wave is added to, in place.
        rows : sequence of int
            Places of the r candidates.
        columns : sequence of int
            Places of the j columns.
        """
        pick, scale = self.pick[columns], self.scale[columns]
        used = np.flatnonzero(scale)
        for to, row in zip(out, rows, strict=True):
            multiple = self.multiples[row]
            if multiple == 0.0 or not used.size:
                continue
            source, factors = self.sources[row], scale[used] * multiple
            as_they_are = bool((factors == 1.0).all())
            picked = _as_slice(pick[used])
            for start in range(0, self.places.size, GROUPS_AT_A_TIME):
                part = slice(start, min(start + GROUPS_AT_A_TIME, self.places.size))
                values = table_of(self.sums, source, part)[:, picked]
                values = values if as_they_are else values * factors
                places = _as_slice(self.places[part])
                if used.size == len(pick):
                    to[places] += values
                elif isinstance(places, slice):
                    to[places, used] += values
                else:
                    to[places[:, None], used] += values


def _has_parts(sums: Any) -> bool:
    """Whether sums lie in a file from which some groups of a candidate can be read."""
    return hasattr(sums, "part")


def table_of(sums: Any, candidate: int, groups: slice) -> np.ndarray:
    """Sums (n, j) of a candidate of groups that stand together.

    Parameters
    ----------
    sums : ndarray (c, G, j), or sums of which parts can be read
    candidate : int
        Its place.
    groups : slice
        From the first of them to the one after the last.
    """
    if _has_parts(sums):
        return sums.part(candidate, groups.start, groups.stop)
    return sums[candidate][groups]


class GroupsInFile:
    """Sums (c, n, j) in a file, of groups that stand together there.

    Parameters
    ----------
    sums : array in a file
        Of all groups.
    first, last : int
        The first of the groups, and the one after the last.
    """

    def __init__(self, sums: Any, first: int, last: int):
        self._sums, self._first = sums, first
        self.shape = (sums.shape[0], last - first, sums.shape[2])

    def part(self, candidate: int, start: int, stop: int) -> np.ndarray:
        """Sums (n, j) of a candidate of some of them.

        Parameters
        ----------
        candidate : int
            Its place.
        start, stop : int
            The first of them, and the one after the last.
        """
        return self._sums.part(candidate, self._first + start, self._first + stop)

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        return np.array([self.part(c, 0, self.shape[1]) for c in range(self.shape[0])])


def _as_slice(places: np.ndarray) -> np.ndarray | slice:
    """Places as a slice where each follows the one before, which is faster."""
    if places.size and bool((np.diff(places) == 1).all()):
        return slice(int(places[0]), int(places[-1]) + 1)
    return places


def whole_part(sums: np.ndarray) -> WavePart:
    """A part with all groups, candidates and columns, from its sums (q, G, k)."""
    q, size, k = sums.shape
    rows, columns = np.arange(q), np.arange(k)
    return WavePart(np.arange(size), sums, rows, np.ones(q), columns, np.ones(k))


def _some_groups(sums: Any, chosen: slice | np.ndarray) -> Any:
    """Sums of some groups; those that lie in a file stay there."""
    if _has_parts(sums):
        if isinstance(chosen, slice):
            return GroupsInFile(sums, int(chosen.start), int(chosen.stop))
        return SomeGroups(sums, chosen)
    return np.asarray(sums)[:, chosen]


class SomeGroups:
    """Sums (c, H, j) of some groups (H,) of a wave, ascending, taken when they are asked for."""

    def __init__(self, sums: Any, places: np.ndarray):
        self._sums, self._places = sums, places
        self.shape = (sums.shape[0], self._places.size, sums.shape[2])

    def part(self, candidate: int, start: int, stop: int) -> np.ndarray:
        """Sums (n, j) of a candidate of some of them; those between are read, and no others.

        Parameters
        ----------
        candidate : int
            Its place.
        start, stop : int
            The first of them, and the one after the last.
        """
        places = self._places[start:stop]
        if not places.size:
            return np.zeros((0, self.shape[2]))
        first = int(places[0])
        return table_of(self._sums, candidate, slice(first, int(places[-1]) + 1))[places - first]

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        return np.asarray(self._sums)[:, self._places]


class WaveParts:
    """Sums (q, G, k) over the groups of a level, as an array that is made from waves on demand.

    Parameters
    ----------
    shape : tuple of int
        (q, G, k).
    parts : sequence of WavePart
        One a wave.
    whole : ndarray (q, G, k), optional
        Their sum, where it is known.
    keeps_whole : bool
        Whether their sum is kept beside them, made when it is first asked for.
    shared : dict, optional
        What was made of these groups in all waves before, of any candidates and columns.
    """

    ndim = 3
    dtype = np.dtype(float)

    def __init__(
        self,
        shape: tuple[int, int, int],
        parts: Sequence[WavePart],
        whole: np.ndarray | None = None,
        keeps_whole: bool = False,
        shared: dict[Any, Any] | None = None,
    ):
        self.shape, self.parts, self._known = tuple(shape), tuple(parts), whole
        self.keeps_whole = keeps_whole or whole is not None
        self.shared = {} if shared is None else shared

    def apart(self) -> WaveParts:
        """The same without their sum beside them."""
        return WaveParts(self.shape, self.parts, shared=self.shared)

    @property
    def _whole(self) -> np.ndarray | None:
        """Their sum, where it is kept."""
        if self.keeps_whole and self._known is None:
            self._known = self._added(range(self.shape[0]), range(self.shape[2]))
        return self._known

    def of_wave(self, wave: int) -> WaveParts:
        """The sums over the rows of one wave, given by its place among the parts."""
        return WaveParts(self.shape, self.parts[wave : wave + 1])

    def some(
        self,
        rows: Sequence[int] | None = None,
        groups: np.ndarray | None = None,
        columns: Sequence[int] | None = None,
    ) -> WaveParts:
        """Sums of some candidates, groups and columns; all of them by default.

        Parameters
        ----------
        rows : sequence of int, optional
            Places of the candidates.
        groups : ndarray of bool (G,), optional
            The groups.
        columns : sequence of int, optional
            Places of the columns.
        """
        q, size, k = self.shape
        rows = np.arange(q) if rows is None else np.asarray(rows, dtype=np.intp)
        columns = np.arange(k) if columns is None else np.asarray(columns, dtype=np.intp)
        kept = np.ones(size, dtype=bool) if groups is None else groups
        places = np.cumsum(kept) - 1
        parts = []
        for part in self.parts:
            own = kept[part.places]
            parts.append(
                WavePart(
                    places[part.places[own]],
                    part.sums if own.all() else SomeGroups(part.sums, np.flatnonzero(own)),
                    part.sources[rows],
                    part.multiples[rows],
                    part.pick[columns],
                    part.scale[columns],
                )
            )
        whole = None if self._whole is None else self._whole[np.ix_(rows, kept, columns)]
        shared = self.shared if kept.all() else None
        return WaveParts((rows.size, int(kept.sum()), columns.size), parts, whole, shared=shared)

    def taken(self, rows: Sequence[int], columns: Sequence[int]) -> np.ndarray:
        """Sums (r, G, j) of some candidates in some columns."""
        if self._whole is not None:
            return self._whole[np.asarray(rows)][:, :, np.asarray(columns)]
        return self._added(rows, columns)

    def _added(self, rows: Sequence[int], columns: Sequence[int]) -> np.ndarray:
        out = np.zeros((len(rows), self.shape[1], len(columns)))
        columns = np.asarray(columns, dtype=np.intp)
        for part in self.parts:
            part.add_to(out, rows, columns)
        return out

    def block(
        self, rows: Sequence[int], groups: slice, columns: Sequence[int] | None = None
    ) -> np.ndarray:
        """Sums (r, n, j) of some candidates of groups that stand together, in some columns or all.

        Parameters
        ----------
        rows : sequence of int
            Places of the candidates.
        groups : slice
            The groups.
        columns : sequence of int, optional
            Places of the columns.
        """
        rows = np.asarray(rows, dtype=np.intp)
        if self._whole is not None:
            found = self._whole[rows, groups]
            return found if columns is None else found[:, :, columns]
        groups = slice(*groups.indices(self.shape[1])[:2])
        size = groups.stop - groups.start
        columns = np.arange(self.shape[2]) if columns is None else np.asarray(columns)
        out = np.zeros((rows.size, size, columns.size))
        for part in self.parts:
            chosen = part.among(groups)
            places = part.places[chosen]
            if places.size:
                sums = _some_groups(part.sums, chosen)
                of_block = replace(part, places=places - groups.start, sums=sums)
                of_block.add_to(out, rows, columns)
        return out

    def __getitem__(self, key) -> np.ndarray:
        if self._whole is not None:
            return self._whole[key]
        first, *rest = key if isinstance(key, tuple) else (key,)
        if np.ndim(first) > 1:  # from np.ix_
            groups, columns = (np.ravel(each) for each in rest)
            return self.taken(np.ravel(first), columns)[:, groups]
        rows = np.arange(self.shape[0])[first]
        columns, last = np.arange(self.shape[2]), rest[-1] if len(rest) == 2 else None
        if isinstance(last, int | np.integer):  # a single column of every group
            columns, rest = columns[[last]], [rest[0], 0]
        found = self.taken(np.atleast_1d(rows), columns)
        return found[(0, *rest)] if np.ndim(rows) == 0 else found[(slice(None), *rest)]

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        if self._whole is not None:
            return self._whole.copy() if copy else self._whole
        return self.taken(range(self.shape[0]), range(self.shape[2]))

    def __matmul__(self, other: np.ndarray) -> np.ndarray:
        return np.asarray(self) @ other

    def copy(self) -> np.ndarray:
        """All sums as an array of its own."""
        return np.array(np.asarray(self)) if self.keeps_whole else np.asarray(self)
