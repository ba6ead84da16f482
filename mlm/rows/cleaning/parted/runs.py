"""Coded rows of a part on disk, as runs: each in the order of the ids at the top, some rows long.

Runs can be read side by side, so that all rows of some units at the top are together in memory, and
no others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mlm.rows.accumulating.parquet_source import ParquetSource
from mlm.rows.cleaning.codebook import Distinct, repeating_columns
from mlm.rows.cleaning.ids import IdCollector
from mlm.rows.cleaning.intake import ROW

RUN_ROWS = 1 << 20
GROUP_ROWS = 1 << 14
"""Rows of a row group of a run: of each run that is read about so many are in memory."""


class RunWriter:
    """Rows of a part, put in order and written whenever they are many.

    Parameters
    ----------
    folder : Path
        Where the runs are written; it is there.
    levels : sequence of str
        Levels with ids, from the top.
    """

    def __init__(self, folder: Path, levels: Sequence[str]):
        self._folder, self._levels = folder, levels
        self.runs: list[int] = []
        self._begin()

    def _begin(self) -> None:
        self._ids = {level: IdCollector() for level in self._levels}
        self._chunks: list[Mapping[str, np.ndarray]] = []
        self._rows = 0

    def add(
        self, ids: Mapping[str, Distinct], kept: np.ndarray, columns: Mapping[str, np.ndarray]
    ) -> None:
        """Take up the kept rows (bool, N) of a chunk: ids of all its rows, columns of the kept."""
        for level, distinct in ids.items():
            self._ids[level].add(distinct, kept)
        self._chunks.append(columns)
        self._rows += int(kept.sum())
        if self._rows >= RUN_ROWS:
            self.finish()

    def finish(self) -> None:
        """Write what was taken up, if any."""
        if not self._rows:
            return
        ids = {level: collector.collected() for level, collector in self._ids.items()}
        order = np.argsort(ids[self._levels[0]].codes, kind="stable")
        names = list(self._chunks[0])
        columns = {name: np.concatenate([c[name] for c in self._chunks])[order] for name in names}
        fields = [(level, pa.string()) for level in self._levels]
        schema = pa.schema([*fields, *((n, pa.from_numpy_dtype(columns[n].dtype)) for n in names)])
        path = run_path(self._folder, len(self.runs))
        first = pa.table({level: found.cells(order[:GROUP_ROWS]) for level, found in ids.items()})
        repeating = {*repeating_columns(first), *names} - {ROW}
        with pq.ParquetWriter(
            path,
            schema,
            compression="lz4",
            write_statistics=False,
            use_dictionary=[name for name in schema.names if name in repeating],
        ) as writer:
            for start in range(0, self._rows, GROUP_ROWS):
                part = slice(start, start + GROUP_ROWS)
                texts = [found.cells(order[part]) for found in ids.values()]
                values = [pa.array(columns[name][part]) for name in names]
                writer.write_table(pa.table([*texts, *values], schema=schema))
        self.runs.append(self._rows)
        self._begin()


def run_path(folder: Path, number: int) -> Path:
    """File of a run."""
    return folder / f"run-{number:04d}.parquet"


class RunReader:
    """A run, read from its first row to its last, in pieces of any length.

    Parameters
    ----------
    path : Path
        Its file.
    plain : sequence of str
        Columns of texts of which hardly any comes twice.
    """

    def __init__(self, path: Path, plain: Sequence[str]):
        self._source = ParquetSource.of([path])
        self._batches = self._source.record_batches(self._source.names, plain=plain)
        self._left: pa.RecordBatch | None = None

    def units(self, level: str) -> tuple[pa.StringArray, np.ndarray]:
        """Ids at the top in order, and the rows of each: the run is sorted by them."""
        found: dict[str, int] = {}
        for batch in self._source.record_batches([level]):
            ids = batch.column(level)
            counts = np.bincount(ids.indices.to_numpy(), minlength=len(ids.dictionary))
            for text, n in zip(ids.dictionary.to_pylist(), counts.tolist(), strict=True):
                found[text] = found.get(text, 0) + n
        texts = [text for text, n in found.items() if n]
        return pa.array(texts, pa.string()), np.array([found[text] for text in texts], np.int64)

    def next_rows(self, n: int) -> Iterator[pa.RecordBatch]:
        """The next n rows."""
        while n > 0:
            batch = self._left if self._left is not None else next(self._batches)
            taken = min(n, batch.num_rows)
            yield batch.slice(0, taken)
            self._left = batch.slice(taken) if taken < batch.num_rows else None
            n -= taken
