"""The cleaned rows of all waves, column by column: ids as integers, values read when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.configuration.models import Configuration
from mlm.nouns.levels import WAVE
from mlm.rows.accumulating.parquet_source import ParquetSource
from mlm.rows.accumulating.record_rows import RecordRows
from mlm.rows.accumulating.sources import LabelledRows, Rows
from mlm.rows.cleaning.clean_wave import CleanWave
from mlm.rows.cleaning.codebook import Distinct
from mlm.rows.cleaning.ids import IdCollector, Ids


class SurveyRows:
    """Rows of the waves one below the other; in memory are only the ids, as integers.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    waves : mapping of str to path, CleanWave, Arrow table or data frame
        Cleaned rows by wave; a path is a Parquet file.

    Attributes
    ----------
    waves : tuple of str
        The waves in order of time.
    starts : ndarray of int (T + 1,)
        First row of each wave, and the number N of all rows.
    """

    def __init__(self, configuration: Configuration, waves: Mapping[str, object]):
        self.configuration = configuration
        self.waves = configuration.wave_names
        self._sources = [_source(waves[name]) for name in self.waves]
        self._units: dict[tuple[str, ...], np.ndarray] = {}
        self._ids, rows = self._collected()
        self.starts = np.cumsum([0, *rows])

    def _collected(self) -> tuple[dict[str, Ids], list[int]]:
        names = self.configuration.level_names
        lowest = names[-1:]  # of which hardly any id comes twice in a wave
        collectors = {name: IdCollector() for name in names}
        rows = []
        for source in self._sources:
            rows.append(0)
            for batch in source.record_batches(names, plain=lowest):
                rows[-1] += batch.num_rows
                for name in names:
                    collectors[name].add(Distinct.of_clean(batch.column(name)))
        return {name: found.collected() for name, found in collectors.items()}, rows

    def __len__(self) -> int:
        return int(self.starts[-1])

    def part(self, wave: int) -> slice:
        """Rows of a wave."""
        return slice(int(self.starts[wave]), int(self.starts[wave + 1]))

    @cached_property
    def wave(self) -> np.ndarray:
        """Place of the wave of each row, int8 or wider, shape (N,)."""
        kind = np.min_scalar_type(len(self.waves))
        return np.repeat(np.arange(len(self.waves), dtype=kind), np.diff(self.starts))

    def ids(self, level: str) -> Ids:
        """Distinct ids of a level, and the place of each row's id among them (N,)."""
        return self._ids[level]

    def unit(self, path: Sequence[str]) -> np.ndarray:
        """Number (N,) of each row's unit, known by its path from the top, as they first appear.

        Parameters
        ----------
        path : sequence of str
            Levels from the top; ``wave`` may be among them.
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
        return self._ids[name].codes, len(self._ids[name].texts)

    def first_rows(self, unit: np.ndarray, wave: int, present: np.ndarray | None = None):
        """First row of each unit in a wave, where it has one.

        Parameters
        ----------
        unit : ndarray of int (N,)
            Number of each row's unit.
        wave : int
            Place of the wave.
        present : ndarray of bool (n,), optional
            Rows of the wave that count; default: all.

        Returns
        -------
        ndarray of int
            Rows, in the order of the units' numbers.
        """
        part = self.part(wave)
        rows = np.arange(part.start, part.stop, dtype=np.int64)
        rows = rows if present is None else rows[present]
        first = np.full(int(unit.max()) + 1, -1, dtype=np.min_scalar_type(-len(self)))
        first[unit[rows[::-1]]] = rows[::-1]  # of several rows the first one stays
        return first[first >= 0].astype(np.int64)

    def column(self, name: str, wave: int) -> np.ndarray:
        """A variable, or a weight, in a wave (n,): numbers, NaN where missing, or categories.

        Categories are their places in the codebook, -1 where missing.
        """
        parts = [values for (values,) in self.blocks([name], wave)]
        return np.concatenate(parts) if parts else self._values(name, pa.array([], pa.string()))

    def blocks(self, names: Sequence[str], wave: int) -> Iterator[list[np.ndarray]]:
        """Some variables of a wave, block by block, each as ``column`` has them."""
        columns = {name: self.configuration.shown_by(name) for name in names}
        for batch in self._sources[wave].record_batches(list(dict.fromkeys(columns.values()))):
            yield [self._values(name, batch.column(columns[name])) for name in names]

    def source(self, wave: int) -> Rows:
        """The rows of a wave as a pass over rows reads them, its name among the columns."""
        found, part = self._sources[wave], self.part(wave)
        if not isinstance(found, ParquetSource):
            found = RecordRows(found, part.stop - part.start, f"wave {self.waves[wave]}")
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
    import pandas as pd

    is_new = np.ones(len(key), dtype=bool)
    np.not_equal(key[1:], key[:-1], out=is_new[1:])
    starts = np.flatnonzero(is_new)
    codes = pd.factorize(key[starts])[0].astype(np.int32)
    return np.repeat(codes, np.diff(starts, append=len(key)))


def _as_dictionary(column: pa.Array) -> pa.DictionaryArray:
    if pa.types.is_dictionary(column.type):
        return column
    return pc.cast(column, pa.string()).dictionary_encode()


class _TableSource:
    """Rows of an Arrow table."""

    def __init__(self, table: pa.Table):
        self._table, self.schema = table, table.schema

    def record_batches(
        self, names: Sequence[str], plain: Sequence[str] = ()
    ) -> Iterator[pa.RecordBatch]:
        """Some columns of the rows."""
        return iter(self._table.select(list(names)).to_batches())


def _source(rows: object):
    if isinstance(rows, CleanWave):
        return rows
    return ParquetSource.of([rows]) if isinstance(rows, Path) else _TableSource(pa.table(rows))
