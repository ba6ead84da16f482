"""Units by the waves on which they were seen, added up once for all models.

Where the random columns of followed units are columns of time, as intercepts, waves and lines are,
units with as many rows in each wave share them. All that a model needs of their own sums are then
sums over the units of such a presence (and one enclosing group) by wave, and of products of two
waves. They are made of the sums by wave in one pass over these, in the columns that models ask for,
and each model takes its columns from them without a look at the units.
Letters: T waves, j columns of a wave, G units, R presences, N cells (a presence in one enclosing
group), q random columns, w working columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from mlm.statistics.evidence.wave_parts import WavePart, WaveParts, table_of
from mlm.statistics.likelihood.pooled.cells import CellSums, cell_sums_apart

UNITS_AT_A_TIME = 1 << 13  # of whole enclosing groups, whose sums of all waves are in memory
MOST_ROWS_A_WAVE = 1 << 12  # rows of a unit in a wave, at most
UNEVEN_ROWS = 1e-6  # of counts of rows
ROOM_FOR_CELLS = 3  # times as much room as cells need


@dataclass(frozen=True)
class WaveColumns:
    """Columns of a model as combinations of those of one wave.

    Attributes
    ----------
    own : ndarray (q,)
        The random columns of the units as multiples of the constant.
    working : ndarray (j, w)
        Working columns.
    """

    own: np.ndarray
    working: np.ndarray


@dataclass(frozen=True)
class UnitBlock:
    """Units that stand together, ordered by their cells.

    Attributes
    ----------
    cells : slice
        Which cells.
    starts : ndarray of int (n,)
        First unit of each.
    presence : ndarray of int (b,)
        Presence of each unit.
    sums : ndarray (T, b, c)
        Their sums in some columns of each wave.
    """

    cells: slice
    starts: np.ndarray
    presence: np.ndarray
    sums: np.ndarray


class UnitsByPresence:
    """Sums of units over those with as many rows in each wave.

    Parameters
    ----------
    parts : sequence of WavePart
        Sums of the units of each wave, in their order.
    codes : ndarray of int (G,)
        Presence of each unit.
    rows : ndarray (R, T)
        Rows in each wave of the units of a presence.
    parent : ndarray of int (G,) or None
        Group of the next outer level, non-decreasing, where there is one.
    """

    def __init__(
        self,
        parts: Sequence[WavePart],
        codes: np.ndarray,
        rows: np.ndarray,
        parent: np.ndarray | None,
    ):
        self._parts, self.codes, self.rows, self.parent = tuple(parts), codes, rows, parent
        self.counts = np.bincount(codes, minlength=len(rows)).astype(float)
        self._columns: list[int] = []  # of a wave, in which sums are known
        self._lay_out()

    def _lay_out(self) -> None:
        """Blocks of units and their cells, in the order of enclosing groups and presences."""
        size = self.codes.size
        parents = np.zeros(size, dtype=np.int64) if self.parent is None else self.parent
        self._blocks: list[tuple[slice, slice]] = []
        of_cell: list[np.ndarray] = []
        start = done = 0
        while start < size:
            end = size
            if self.parent is None:
                end = min(start + UNITS_AT_A_TIME, size)
            elif start + UNITS_AT_A_TIME < size:
                last = max(parents[start + UNITS_AT_A_TIME], parents[start] + 1)
                end = int(np.searchsorted(parents, last))
            key = np.unique(parents[start:end] * len(self.rows) + self.codes[start:end])
            self._blocks.append((slice(start, end), slice(done, done + key.size)))
            of_cell.append(key)
            start, done = end, done + key.size
        borders = [units.start for units, _ in self._blocks] + [size]
        self._of_waves = [_borders(part, self.parent, borders) for part in self._parts]
        cells = np.concatenate(of_cell) if of_cell else np.zeros(0, dtype=np.int64)
        self.cell_parent, self.cell_presence = np.divmod(cells, len(self.rows))

    def inner(self, sums: WaveParts, weights: np.ndarray, matrix: np.ndarray) -> np.ndarray | None:
        """Cross-products (R, q, q) of columns of time, of a unit of each presence.

        Parameters
        ----------
        sums : WaveParts
            Of the units.
        weights : ndarray (q, c)
            The columns as combinations of the candidates,
        matrix : ndarray (k, q)
            and as combinations of the stored ones.

        Returns
        -------
        ndarray or None
            None where the columns are not of time alone.
        """
        columns = columns_of_waves(sums, weights, matrix)
        if columns is None:
            return None
        own = np.array([each.own for each in columns])
        times, is_time = times_of(sums, columns)
        return np.einsum("ti,tj,rt->rij", own, times, self.rows) if is_time.all() else None

    def wanted(self, columns: Sequence[WaveColumns]) -> np.ndarray:
        """Sums of cells by wave and moments (R, T, c, T, c) in what working columns are made of.

        Returns
        -------
        ndarray of int (c,)
            The columns of a wave; ``cells`` and ``moments`` are in these.
        """
        used = np.any([own.working.any(axis=1) for own in columns], axis=0)
        wanted = np.flatnonzero(used).tolist()
        if not set(wanted) <= set(self._columns):
            self._columns = sorted({*self._columns, *wanted})
            self._add_up()
        return np.array(self._columns, dtype=np.intp)

    def _add_up(self) -> None:
        count, waves = len(self._columns), len(self._parts)
        self.cells: tuple[CellSums, ...] = ()  # those of fewer columns leave their room
        self.moments = np.zeros((len(self.rows), waves, count, waves, count))
        seen = [own[None] > 0 for own in self.rows.T]
        self.cells = cell_sums_apart(
            self._added_up(), count, self.cell_presence, self.cell_parent, seen, self._common
        )

    @property
    def _common(self) -> np.ndarray:
        """Presences (R,) that are kept for all enclosing groups: as many as do not waste memory.

        Products for those of few groups, kept for each of these, take longer than products for all.
        """
        counts = np.bincount(self.cell_presence, minlength=len(self.rows))
        groups = int(self.cell_parent.max(initial=-1)) + 1
        most = ROOM_FOR_CELLS * self.cell_presence.size // max(groups, 1)
        out = np.zeros(len(self.rows), dtype=bool)
        out[np.argsort(-counts, kind="stable")[:most]] = True
        return out

    def _added_up(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Sums (T, c, n) of some cells at a time; their units are added to the moments."""
        count = len(self._columns)
        for block in self.blocks(self._columns):
            size = block.presence.size
            added = added_by_cell(np.ones(size), np.arange(size), block.starts)
            yield block.cells, np.array([added @ own for own in block.sums]).transpose(0, 2, 1)
            order = np.argsort(block.presence, kind="stable")
            ends = np.cumsum(np.bincount(block.presence, minlength=len(self.rows)))
            for r in np.flatnonzero(np.diff(ends, prepend=0)).tolist():
                seen = np.flatnonzero(self.rows[r])
                members = order[ends[r - 1] if r else 0 : ends[r]]
                wide = np.concatenate([block.sums[t][members] for t in seen], axis=1)
                product = (wide.T @ wide).reshape(seen.size, count, seen.size, count)
                self.moments[r][np.ix_(seen, range(count), seen, range(count))] += product

    def blocks(self, columns: Sequence[int]) -> Iterator[UnitBlock]:
        """All units, some enclosing groups at a time, in some columns of a wave."""
        for b, (units, cells) in enumerate(self._blocks):
            codes = self.codes[units].astype(np.int64)
            size = codes.size
            parents = 0 if self.parent is None else self.parent[units]
            key = parents * len(self.rows) + codes
            order = np.argsort(key, kind="stable")
            to = np.empty(size, dtype=np.intp)
            to[order] = np.arange(size)
            sums = np.zeros((len(self._parts), size, len(columns)))
            for own, part, borders in zip(sums, self._parts, self._of_waves, strict=True):
                found = slice(*borders[b : b + 2])
                places = part.places[found] - units.start
                values = table_of(part.sums, int(part.sources[0]), found)
                own[to[places]] = values[:, columns]
            starts = np.flatnonzero(np.diff(key[order], prepend=-1))
            yield UnitBlock(cells, starts, codes[order], sums)


def added_by_cell(factors: np.ndarray, units: np.ndarray, starts: np.ndarray) -> csr_array:
    """A matrix (n, b) that adds units up by cell, several times faster than sums of few rows.

    Parameters
    ----------
    factors : ndarray (b,)
        By which each unit is multiplied,
    units : ndarray of int (b,)
        the units in the order of their cells,
    starts : ndarray of int (n,)
        and the first of each cell among them.
    """
    borders = np.append(starts, units.size)
    return csr_array((factors, units, borders), shape=(starts.size, units.size))


def units_by_presence(
    sums: object, parent: np.ndarray | None, around: tuple[str, ...]
) -> UnitsByPresence | None:
    """Units by presence, where their sums are kept by wave alone; made once for all models.

    Parameters
    ----------
    sums : WaveParts or other sums
        Of the level.
    parent : ndarray of int (G,) or None
        Group of the next outer level, where there is one.
    around : tuple of str
        Id columns of that level.

    Returns
    -------
    UnitsByPresence or None
        None where sums are not kept by wave, or rows are not counted.
    """
    if not isinstance(sums, WaveParts) or sums.keeps_whole:
        return None
    key = "presence", around
    if key not in sums.shared:
        sums.shared[key] = _made(sums, parent)
    return sums.shared[key]


def _borders(part: WavePart, parent: np.ndarray | None, borders: list[int]) -> list[int]:
    """The first unit of a wave in each block, and the one after the last."""
    if parent is None:
        return np.searchsorted(part.places, borders).tolist()
    first = [*parent[borders[:-1]], parent[-1] + 1]
    return np.searchsorted(parent[part.places], first).tolist()


def _are_together(part: WavePart, parent: np.ndarray | None) -> bool:
    """Whether the units of a wave are ordered by the groups around them."""
    around = part.places if parent is None else parent[part.places]
    return bool((np.diff(around) >= 0).all())


def _made(sums: WaveParts, parent: np.ndarray | None) -> UnitsByPresence | None:
    for part in sums.parts:
        is_first = part.multiples[0] == part.scale[0] == 1.0
        if not is_first or not _are_together(part, parent):
            return None
    size = sums.shape[1]
    codes, rows = np.zeros(size, dtype=np.int64), np.zeros((1, 0))
    for part in sums.parts:
        counts = _counts(part)
        if counts is None or counts.max(initial=0) >= MOST_ROWS_A_WAVE:
            return None
        own = np.zeros(size, dtype=np.int64)
        own[part.places] = counts
        codes = codes * (int(own.max(initial=0)) + 1) + own
        known = np.flatnonzero(np.bincount(codes))
        before, added = np.divmod(known, int(own.max(initial=0)) + 1)
        rows = np.column_stack([rows[before], added])
        place = np.zeros(int(known[-1]) + 1, dtype=np.int64)
        place[known] = np.arange(known.size)
        codes = place[codes]
    return UnitsByPresence(sums.parts, codes.astype(np.min_scalar_type(len(rows))), rows, parent)


def _counts(part: WavePart) -> np.ndarray | None:
    """Rows (G_w,) of each unit of a wave; None where they are no whole numbers."""
    found = []
    for start in range(0, part.places.size, UNITS_AT_A_TIME):
        groups = slice(start, min(start + UNITS_AT_A_TIME, part.places.size))
        rows = table_of(part.sums, int(part.sources[0]), groups)[:, part.pick[0]]
        counts = np.round(rows)
        if np.abs(rows - counts).max(initial=0.0) > UNEVEN_ROWS:
            return None
        found.append(counts.astype(np.int64))
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def times_of(sums: WaveParts, columns: Sequence[WaveColumns]) -> tuple[np.ndarray, np.ndarray]:
    """Working columns as multiples of the constant in each wave, and which are nothing else.

    Parameters
    ----------
    sums : WaveParts
        Of the units.
    columns : sequence of WaveColumns
        One a wave.

    Returns
    -------
    ndarray (T, w)
    ndarray of bool (w,)
    """
    others = np.array([each.working for each in columns])
    waves, constants = np.arange(len(others)), [int(part.pick[0]) for part in sums.parts]
    times = others[waves, constants]
    others[waves, constants] = 0.0
    return times, ~others.any(axis=(0, 1))


def columns_of_waves(
    sums: WaveParts, weights: np.ndarray, matrix: np.ndarray
) -> list[WaveColumns] | None:
    """The columns of a model in those of each wave; None where its random ones are not of time.

    Parameters
    ----------
    sums : WaveParts
        Of the level.
    weights : ndarray (q, c)
        Its random columns as combinations of the candidates.
    matrix : ndarray (k, w)
        Working columns as combinations of the stored ones.
    """
    out = []
    for part in sums.parts:
        own = weights * part.multiples
        if own[:, part.sources != part.sources[0]].any():
            return None
        working = np.zeros((part.sums.shape[2], matrix.shape[1]))
        np.add.at(working, part.pick, part.scale[:, None] * matrix)
        out.append(WaveColumns(own.sum(axis=1), working))
    return out
