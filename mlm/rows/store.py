"""Coded columns of a wave on disk: written chunk by chunk, read column by column.

What a wave needs in memory is its ids and one column at a time, however many columns it has.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa


class ChunkStore:
    """Columns in the order of the files, written chunk by chunk to a temporary file."""

    def __init__(self) -> None:
        self._file = tempfile.NamedTemporaryFile(prefix="mlm-", suffix=".arrow")  # noqa: SIM115
        self._writer: pa.RecordBatchFileWriter | None = None
        self._reader: pa.RecordBatchFileReader | None = None

    def append(self, columns: Mapping[str, np.ndarray]) -> None:
        """Add the rows of a chunk."""
        batch = pa.record_batch({name: pa.array(values) for name, values in columns.items()})
        if self._writer is None:
            self._writer = pa.ipc.new_file(self._file.name, batch.schema)
        self._writer.write_batch(batch)

    def column(self, name: str) -> np.ndarray:
        """One column (N,) of all chunks."""
        if self._reader is None:
            self._writer.close()
            self._reader = pa.ipc.open_file(pa.memory_map(self._file.name))
        batches = (self._reader.get_batch(i) for i in range(self._reader.num_record_batches))
        return np.concatenate([batch.column(name).to_numpy() for batch in batches])

    def close(self) -> None:
        """Give the file back."""
        self._reader = None
        if self._writer is not None:
            self._writer.close()
        self._file.close()


class ColumnFile:
    """Whole columns, one after the other in a temporary file, read by slices of rows."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="mlm-")  # noqa: SIM115
        self._places: dict[str, tuple[int, np.dtype, int]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def add(self, name: str, values: np.ndarray) -> None:
        """Add a column; a column of that name added before is replaced."""
        self._file.seek(0, 2)
        place = self._file.tell()
        np.ascontiguousarray(values).tofile(self._file)
        self._file.flush()
        self._places[name] = (place, values.dtype, len(values))

    def column(self, name: str, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Rows start to stop of a column."""
        place, kind, n = self._places[name]
        stop = n if stop is None else min(stop, n)
        self._file.seek(place + start * kind.itemsize)
        return np.fromfile(self._file, dtype=kind, count=stop - start)
