"""The cleaned rows of all waves, column by column: ids as integers, values read when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.configuration.models import Configuration
from mlm.nouns.ids.appearance import as_they_appear
from mlm.nouns.levels import WAVE
from mlm.rows.accumulating.parquet_source import ParquetSource
from mlm.rows.accumulating.record_rows import RecordRows
from mlm.rows.accumulating.sources import LabelledRows, Rows
from mlm.rows.cleaning.clean_wave import CleanWave
from mlm.rows.cleaning.ids import Ids
from mlm.rows.linking.entries.entries import RowEntries, entries_of
from mlm.rows.linking.entries.id_buckets import IdBucket, IdBuckets
from mlm.rows.linking.entries.lowest_units import LowestUnits


class SurveyRows:
    """Rows of the waves one below the other; in memory are only ids, as integers.

    Rows that follow each other with the same ids are one *entry*. Where the units of the lowest
    level do not recur, and each of them is a row, their own ids are not held: an entry is the rows
    of one unit above them, and ``lowest`` tells what their ids tell.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    waves : mapping of str to path, CleanWave, Arrow table or data frame
        Cleaned rows by wave; a path is a Parquet file.
    names : sequence of str, optional
        The waves that are read; default: all.

    Attributes
    ----------
    waves : tuple of str
        The waves in order of time.
    held : tuple of str
        Levels whose ids are held, from the top.
    starts : ndarray of int (T + 1,)
        First entry of each wave, and the number R of all entries.
    rows : ndarray of int (R,)
        Rows of each entry.
    rows_of_wave : ndarray of int (T,)
        Rows of each wave.
    lowest : LowestUnits or None
        The units of the lowest level where they are rows.
    """

    def __init__(
        self,
        configuration: Configuration,
        waves: Mapping[str, object],
        names: Sequence[str] | None = None,
    ):
        self.configuration = configuration
        self.waves = configuration.wave_names if names is None else tuple(names)
        self._sources = [_source(waves[name]) for name in self.waves]
        self._units: dict[tuple[str, ...], np.ndarray] = {}
        self.held = configuration.level_names
        self.lowest: LowestUnits | None = None
        self._take_in()

    def _take_in(self) -> None:
        """Take up the ids of all waves."""
        follows_lowest = self.configuration.design.follows_lowest
        if follows_lowest or len(self.held) == 1 or not self._rows_are_units():
            self._take(entries_of(self._sources, self.held))

    def _take(self, found: RowEntries) -> None:
        self._ids, self.starts, self.rows = found.ids, found.starts, found.rows
        per_wave = (found.rows[self.part(i)].sum(dtype=np.int64) for i in range(len(self.waves)))
        self.rows_of_wave = np.array(list(per_wave), dtype=np.int64)

    def _rows_are_units(self) -> bool:
        """Whether each row is a unit of the lowest level; then the ids above alone are held."""
        level, names = self.configuration.levels[-1], self.configuration.level_names
        buckets = None if level.id is None else self._new_buckets()
        try:
            found = entries_of(self._sources, names[:-1], level.name, buckets)
            self.held = names[:-1]
            self._take(found)
            parent = self.unit(self.held)
            waves = range(len(self.waves))
            alone = (n_different(parent[p]) == p.stop - p.start for p in map(self.part, waves))
            if not (found.is_in_order and all(alone)):
                self.held, self._units = names, {}
                return False
            self._compare(buckets.buckets() if buckets is not None else ())
            return True
        finally:
            if buckets is not None:
                buckets.close()

    def _new_buckets(self) -> IdBuckets:
        return IdBuckets(sum(source.rows for source in self._sources))

    def _compare(self, buckets: Iterable[IdBucket]) -> None:
        """Compare the ids of the rows."""
        level, again = self.configuration.level_names[-1], np.zeros(len(self.rows), dtype=np.int32)
        parent = self.unit(self.held)
        self.lowest = LowestUnits(level, self.held[-1], self.waves, self.rows_of_wave, again)
        for bucket in buckets:
            self.lowest.take(bucket, parent)

    def stored(self, wave: int, question: str) -> Mapping[str, np.ndarray] | None:
        """What was stored of a question to a wave; None where its rows are to be read."""
        return None

    def __len__(self) -> int:
        return int(self.rows_of_wave.sum())

    def part(self, wave: int) -> slice:
        """RowEntries of a wave."""
        return slice(int(self.starts[wave]), int(self.starts[wave + 1]))

    @cached_property
    def wave(self) -> np.ndarray:
        """Place of the wave of each entry, int8 or wider, shape (R,)."""
        kind = np.min_scalar_type(len(self.waves))
        return np.repeat(np.arange(len(self.waves), dtype=kind), np.diff(self.starts))

    def ids(self, level: str) -> Ids:
        """Distinct ids of a level that is held, and the place of each entry's among them (R,)."""
        return self._ids[level]

    def unit(self, path: Sequence[str]) -> np.ndarray:
        """Number (R,) of each entry's unit, known by its path from the top, as they first appear.

        Parameters
        ----------
        path : sequence of str
            Levels that are held, from the top; ``wave`` may be among them.
        """
        path = tuple(path)
        if path not in self._units:
            above = self.unit(path[:-1]) if path[:-1] else None
            codes, size = self._codes(path[-1])
            self._units[path] = _numbered(codes) if above is None else _paths(above, codes, size)
        return self._units[path]

    def _codes(self, name: str) -> tuple[np.ndarray, int]:
        if name == WAVE:
            return self.wave, len(self.waves)
        return self._ids[name].codes, self._ids[name].n_texts

    def first_entries(self, unit: np.ndarray, wave: int) -> np.ndarray:
        """First entry of each unit in a wave, where it has one, in the order of their numbers.

        Parameters
        ----------
        unit : ndarray of int (R,)
            Number of each entry's unit.
        wave : int
            Place of the wave.
        """
        part = self.part(wave)
        first = np.full(int(unit.max()) + 1, -1, dtype=np.min_scalar_type(-len(unit)))
        own = unit[part][::-1]
        # of several entries the first one stays
        first[own] = np.arange(part.stop - 1, part.start - 1, -1, dtype=first.dtype)
        return first[first >= 0].astype(np.int64)

    def entry_blocks(
        self, names: Sequence[str], wave: int
    ) -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
        """Blocks of a wave: the entry (n,) of each row, and variables as ``blocks`` has them."""
        part, start = self.part(wave), 0
        ends = np.cumsum(self.rows[part], dtype=np.int64)
        for values in self.blocks(names, wave):
            stop = start + len(values[0])
            first, last = np.searchsorted(ends, [start, stop - 1], side="right").tolist()
            inside = np.diff(np.minimum(ends[first : last + 1], stop), prepend=start)
            entries = np.arange(part.start + first, part.start + last + 1, dtype=np.int32)
            yield np.repeat(entries, inside), values
            start = stop

    def first_values(self, name: str, wave: int) -> np.ndarray:
        """Value of a variable in the first row of each entry of a wave (r,)."""
        stored = self.stored(wave, of_variable(self.configuration, name))
        if stored is not None:
            return stored["first"]
        found, last = [], -1
        for entry, (values,) in self.entry_blocks([name], wave):
            is_first = np.diff(entry, prepend=last) != 0
            found.append(values[is_first])
            last = int(entry[-1])
        return np.concatenate(found)

    def present_values(
        self, unit: np.ndarray, name: str, wave: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Units (G,) that have a value of a variable in a wave, and the first that each has (G,).

        Parameters
        ----------
        unit : ndarray of int (R,)
            Number of each entry's unit.
        """
        n_units = int(unit.max()) + 1
        has, known = np.zeros(n_units, dtype=bool), None
        stored, part = self.stored(wave, of_variable(self.configuration, name)), self.part(wave)
        blocks = self.entry_blocks([name], wave)
        if stored is not None:
            blocks = [(np.arange(part.start, part.stop), [stored["present"]])]
        for entry, (values,) in blocks:
            known = np.zeros(n_units, dtype=values.dtype) if known is None else known
            first = first_of_entries(entry, present(values))
            units = unit[entry[first]]
            is_new = ~has[units]
            first, units = first[is_new][::-1], units[is_new][::-1]
            known[units] = values[first]  # of several rows the first one stays
            has[units] = True
        units = np.flatnonzero(has)
        return units, units if known is None else known[units]

    def blocks(self, names: Sequence[str], wave: int) -> Iterator[list[np.ndarray]]:
        """Some variables, or weights, of a wave, block by block.

        Numbers are NaN where missing, categories their places in the codebook, -1 where missing.
        """
        columns = {name: self.configuration.shown_by(name) for name in names}
        for batch in self._sources[wave].record_batches(list(dict.fromkeys(columns.values()))):
            yield [self._values(name, batch.column(columns[name])) for name in names]

    def source(self, wave: int) -> Rows:
        """The rows of a wave as a pass over rows reads them, its name among the columns."""
        found = self._sources[wave]
        if not isinstance(found, ParquetSource):
            found = RecordRows(found, found.rows, f"wave {self.waves[wave]}")
        return LabelledRows(found, {WAVE: self.waves[wave]})

    def _values(self, name: str, column: pa.Array) -> np.ndarray:
        variable = self.configuration.variables.get(name)
        if variable is None or not variable.is_category:
            return pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False)
        codes = pa.array(list(variable.categories), pa.string())
        texts = _as_dictionary(column)
        places = pc.fill_null(pc.index_in(pc.cast(texts.dictionary, pa.string()), codes), -1)
        places = np.append(places.to_numpy(zero_copy_only=False), -1)
        return places[pc.fill_null(texts.indices, -1).to_numpy(zero_copy_only=False)]


def of_variable(configuration: Configuration, name: str) -> str:
    """Name under which what a wave tells of a variable is stored."""
    return f"variables/{list(configuration.variables).index(name)}"


def first_of_entries(entry: np.ndarray, has: np.ndarray) -> np.ndarray:
    """Rows that have a value (bool, n) while the row before in their entry (n,) has none."""
    goes_on = np.zeros(len(entry), dtype=bool)
    np.equal(entry[1:], entry[:-1], out=goes_on[1:])
    goes_on[1:] &= has[:-1]
    return np.flatnonzero(has & ~goes_on)


def present(values: np.ndarray) -> np.ndarray:
    """Where a column, as ``SurveyRows.column`` gives it, has a value (bool, n)."""
    return ~np.isnan(values) if values.dtype.kind == "f" else values >= 0


def n_different(numbers: np.ndarray) -> int:
    """How many different ones there are among some numbers from 0, found without sorting them."""
    found = np.zeros(int(numbers.max(initial=-1)) + 1, dtype=bool)
    found[numbers] = True
    return int(np.count_nonzero(found))


def _paths(above: np.ndarray, codes: np.ndarray, size: int) -> np.ndarray:
    """Number (N,) of each path as they first appear, from the unit above and the id in it.

    Where each id is found in one unit above it tells the path alone.
    """
    parent = np.empty(size, dtype=above.dtype)
    parent[codes] = above
    if not np.array_equal(parent[codes], above):
        return _numbered(above * np.int64(size) + codes)
    rows = np.arange(len(codes), dtype=np.min_scalar_type(-len(codes)))
    first = np.zeros(size, dtype=rows.dtype)
    first[codes[::-1]] = rows[::-1]  # of several rows the first one stays
    appears = codes[first[codes] == rows]
    number = np.empty(size, dtype=np.int32)
    number[appears] = np.arange(len(appears))
    return number[codes]


def _numbered(key: np.ndarray) -> np.ndarray:
    """Number (N,) of each key as they first appear; rows with the same key mostly follow."""
    is_new = np.ones(len(key), dtype=bool)
    np.not_equal(key[1:], key[:-1], out=is_new[1:])
    starts = np.flatnonzero(is_new)
    codes = as_they_appear(key[starts])[0].astype(np.int32)
    return np.repeat(codes, np.diff(starts, append=len(key)))


def _as_dictionary(column: pa.Array) -> pa.DictionaryArray:
    if pa.types.is_dictionary(column.type):
        return column
    return pc.cast(column, pa.string()).dictionary_encode()


class _TableSource:
    """Rows of an Arrow table."""

    def __init__(self, table: pa.Table):
        self._table, self.schema, self.rows = table, table.schema, table.num_rows

    def record_batches(
        self, names: Sequence[str], plain: Sequence[str] = ()
    ) -> Iterator[pa.RecordBatch]:
        """Some columns of the rows."""
        return iter(self._table.select(list(names)).to_batches())


def _source(rows: object):
    if isinstance(rows, CleanWave):
        return rows
    return ParquetSource.of([rows]) if isinstance(rows, Path) else _TableSource(pa.table(rows))
