"""Rows that follow each other with the same ids, collected in one pass over sorted waves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.rows.cleaning.codebook import Distinct
from mlm.rows.cleaning.ids import IdCollector, Ids
from mlm.rows.linking.entries.id_buckets import IdBuckets


class WaveBatches(Protocol):
    """Rows of a wave as record batches, more than once."""

    def record_batches(
        self, names: Sequence[str], plain: Sequence[str] = ()
    ) -> Iterator[pa.RecordBatch]:
        """All rows, some columns, in order."""


@dataclass(frozen=True)
class RowEntries:
    """Rows of all waves, one entry for rows that follow each other with the same ids.

    Attributes
    ----------
    ids : dict of str to Ids
        Of each entry, by level.
    starts : ndarray of int, shape (T + 1,)
        First entry of each wave, and the number R of entries.
    rows : ndarray of int, shape (R,)
        Rows of each entry.
    is_in_order : bool
        Whether the ids of the level below increase within each entry, so that none comes twice.
    """

    ids: Mapping[str, Ids]
    starts: np.ndarray
    rows: np.ndarray
    is_in_order: bool


def entries_of(
    sources: Sequence[WaveBatches],
    levels: Sequence[str],
    below: str | None = None,
    buckets: IdBuckets | None = None,
) -> RowEntries:
    """The entries of some waves.

    Parameters
    ----------
    sources : sequence of WaveBatches
        The waves in order.
    levels : sequence of str
        Levels whose ids rows of an entry share.
    below : str, optional
        The level below them.
    buckets : IdBuckets, optional
        Take up the ids of the level below.
    """
    collector = _Collector(levels, below, buckets)
    starts = [0]
    for wave, source in enumerate(sources):
        collector.begin(wave)
        for batch in source.record_batches(
            [*levels, *([below] if below else [])], plain=[below or levels[-1]]
        ):
            if batch.num_rows:
                collector.add(batch)
        starts.append(collector.n_entries)
    return collector.entries(np.array(starts))


def entries_of_batches(
    waves: Sequence[pa.RecordBatch], levels: Sequence[str], rows: str
) -> RowEntries:
    """The entries of some waves, collected before wave by wave.

    Parameters
    ----------
    waves : sequence of RecordBatch
        Entries of each wave in order.
    levels : sequence of str
        Levels whose ids they have.
    rows : str
        Name of the column of their numbers of rows.
    """
    ids = {}
    for level in levels:
        collector = IdCollector()
        for batch in waves:
            collector.add(_coded(batch.column(level), may_repeat=False))
        ids[level] = collector.collected()
    starts = np.cumsum([0, *(batch.num_rows for batch in waves)])
    lengths = np.concatenate([batch.column(rows).to_numpy() for batch in waves])
    kind = np.min_scalar_type(-int(lengths.sum(dtype=np.int64)) or -1)
    return RowEntries(ids, starts, lengths.astype(kind), is_in_order=True)


class _Collector:
    """RowEntries while batches go by."""

    def __init__(self, levels: Sequence[str], below: str | None, buckets: IdBuckets | None):
        self._ids = {level: IdCollector() for level in levels}
        self._below, self._buckets = below, buckets
        self._begins: list[np.ndarray] = []
        self._last: dict[str, str | None] = {}
        self._wave = self._rows = self.n_entries = 0
        self._is_in_order = True

    def begin(self, wave: int) -> None:
        """Begin a wave."""
        self._wave, self._last = wave, {}

    def add(self, batch: pa.RecordBatch) -> None:
        """Take up rows of the wave."""
        coded = {level: _coded(batch.column(level), self._below is None) for level in self._ids}
        is_start = np.zeros(batch.num_rows, dtype=bool)
        is_start[0] = not self._goes_on(coded)
        for found in coded.values():
            is_start[1:] |= found.codes[1:] != found.codes[:-1]
        if self._below is not None:
            self._look_below(pc.cast(batch.column(self._below), pa.string()), is_start)
        for level, found in coded.items():
            self._ids[level].add(found, is_start)
        begins = np.flatnonzero(is_start)
        self._begins.append(begins + self._rows)
        self._rows += batch.num_rows
        self.n_entries += len(begins)

    def _goes_on(self, coded: Mapping[str, Distinct]) -> bool:
        """Whether the first row has the ids of the row before, in the same wave."""
        first, last = ({n: _text(d, place) for n, d in coded.items()} for place in (0, -1))
        before, self._last = self._last, {**last}
        return bool(before) and all(before[level] == text for level, text in first.items())

    def _look_below(self, texts: pa.StringArray, is_start: np.ndarray) -> None:
        increases = pc.less(texts[:-1], texts[1:]).to_numpy(zero_copy_only=False)
        in_order = bool((increases | is_start[1:]).all())
        if not is_start[0]:
            in_order &= self._text < texts[0].as_py().encode()
        self._text = texts[-1].as_py().encode()
        self._is_in_order &= in_order
        if self._buckets is not None:
            entry = np.cumsum(is_start, dtype=np.int32) + np.int32(self.n_entries - 1)
            self._buckets.add(texts, self._wave, entry)

    def entries(self, starts: np.ndarray) -> RowEntries:
        """What was taken up."""
        begins = np.concatenate([np.zeros(0, dtype=np.int64), *self._begins])
        ids = {level: collector.collected() for level, collector in self._ids.items()}
        lengths = np.diff(begins, append=self._rows).astype(np.min_scalar_type(-self._rows or -1))
        return RowEntries(ids, starts, lengths, self._is_in_order)


def _text(distinct: Distinct, row: int) -> str:
    return distinct.texts[int(distinct.codes[row])].as_py()


def _coded(column: pa.Array, may_repeat: bool) -> Distinct:
    """Ids by their distinct texts; texts that may be there twice are not compared."""
    if may_repeat:
        return Distinct.of_clean(column)
    if not pa.types.is_dictionary(column.type):
        column = pc.cast(column, pa.string()).dictionary_encode()
    return Distinct(pc.cast(column.dictionary, pa.string()), column.indices.to_numpy())
