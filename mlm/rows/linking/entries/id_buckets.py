"""Ids of rows in buckets on disk: all rows of one id, however it is spelled, are in one bucket.

What is asked of ids (how many there are, which recur, which are spelled otherwise) is asked of one
bucket after the other: in memory is one bucket, not the ids of a survey.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from mlm.rows.cleaning.store import temporary_folder
from mlm.rows.cleaning.texts import (
    are_close,
    hashes,
    number_texts,
    numbered,
    ranks,
    written_numbers,
)
from mlm.rows.linking.entries.wave_ids import whole_numbers
from mlm.rows.linking.folding import all_folded

HELD_ROWS = 1 << 22
"""Rows of a bucket, about; of no more rows than these everything stays in memory."""


@dataclass(frozen=True)
class IdBucket:
    """Rows of some ids, wave by wave where they are whole numbers.

    Attributes
    ----------
    texts : pyarrow.StringArray, length n, or None
        The id of each row; None where ``numbers`` tells it.
    numbers : ndarray of int64, shape (n,), or None
        The same where all ids are whole numbers without zeros in front.
    wave, entry : ndarray of int, shape (n,)
        Its wave, and its entry among those of the survey.
    step : int
        What any two of ``numbers`` differ by, or a multiple of it.
    """

    texts: pa.StringArray | None
    numbers: np.ndarray | None
    wave: np.ndarray
    entry: np.ndarray
    step: int = 1

    def placed(self) -> tuple[np.ndarray, np.ndarray]:
        """Place (n,) of each id among some in order, and these (U,) as whole numbers.

        Those of texts that are none are -1. There is a row of each, but where they are whole
        numbers that lie close together: then all between the least and the largest have a place.
        """
        if self.numbers is None:
            rank, first = ranks(self.texts)
            return rank, whole_numbers(self.texts)[first]
        if not len(self.numbers):
            return np.zeros(0, dtype=np.int32), self.numbers
        times, rest = self.numbers // self.step, self.numbers[0] % self.step
        if not are_close(times):
            rank, times = numbered(times)
            return rank, times * self.step + rest
        low, high = int(times.min()), int(times.max())
        times -= low
        return times, np.arange(low, high + 1) * self.step + rest


class IdBuckets:
    """Ids of rows while they go by, and afterwards bucket by bucket.

    Ids are taken up as integers until one is none: then those so far are taken up again as texts.

    Parameters
    ----------
    n_rows : int
        Rows that are expected.
    n : int, optional
        Number of the buckets; default: as many as these rows need.
    """

    def __init__(self, n_rows: int, n: int | None = None):
        self._n = n or max(1, -(-n_rows // HELD_ROWS))
        self._are_numbers = True
        self._parts = _Parts(pa.int64(), self._n)

    def add(self, texts: pa.StringArray, wave: int, entry: np.ndarray) -> None:
        """Take up some rows of a wave: their ids, and the entry (n,) of each."""
        if not len(texts):
            return
        waves = np.full(len(texts), wave, dtype=np.int16)
        numbers = written_numbers(texts) if self._are_numbers else None
        if numbers is not None:
            self._parts.add([numbers, waves, entry], numbers % self._n)
            return
        if self._are_numbers:
            self._take_as_texts()
        self._add_texts(texts, waves, entry)

    def _add_texts(self, texts: pa.StringArray, waves: np.ndarray, entry: np.ndarray) -> None:
        bucket = None
        if self._n > 1:
            # the upper half of the bits, as a share of all of them, is the bucket
            upper = hashes(all_folded(texts)) >> np.uint64(32)
            bucket = upper * np.uint64(self._n) >> np.uint64(32)
        self._parts.add([texts, waves, entry], bucket)

    def _take_as_texts(self) -> None:
        before, self._parts = self._parts, _Parts(pa.string(), self._n)
        self._are_numbers = False
        try:
            for table in before.tables():
                for batch in table.to_batches():
                    numbers, waves, entry = batch.columns
                    self._add_texts(
                        number_texts(numbers.to_numpy()), waves.to_numpy(), entry.to_numpy()
                    )
        finally:
            before.close()

    def buckets(self) -> Iterator[IdBucket]:
        """The buckets, once; then they are given back."""
        for table in self._parts.tables():
            wave, entry = table["wave"].to_numpy(), table["entry"].to_numpy()
            if self._are_numbers:
                yield IdBucket(None, table["id"].to_numpy(), wave, entry, self._n)
            else:
                texts = pa.chunked_array(table["id"].chunks, pa.string()).combine_chunks()
                yield IdBucket(texts, None, wave, entry)
        self.close()

    def close(self) -> None:
        """Give back what was taken up."""
        self._parts.close()


class _Parts:
    """Rows in some parts: in memory where there is one, else on disk.

    Parameters
    ----------
    kind : pyarrow.DataType
        Type of the ids.
    n : int
        How many parts.
    """

    def __init__(self, kind: pa.DataType, n: int):
        self._schema = pa.schema([("id", kind), ("wave", pa.int16()), ("entry", pa.int32())])
        self._n, self._held = n, []
        self._folder: tempfile.TemporaryDirectory | None = None
        self._files: list[pa.NativeFile] = []
        self._writers: list[pa.RecordBatchWriter] = []
        if n > 1:
            self._folder = tempfile.TemporaryDirectory(prefix="mlm-", dir=temporary_folder())
            self._files = [pa.OSFile(str(self._path(i)), "wb") for i in range(n)]
            self._writers = [pa.ipc.new_stream(file, self._schema) for file in self._files]

    def _path(self, number: int) -> Path:
        return Path(self._folder.name) / f"{number}.arrows"

    def add(self, columns: Sequence, part: np.ndarray | None) -> None:
        """Take up some rows (n,), and the part (n,) of each where there are several."""
        arrays = [pa.array(column) for column in columns]
        batch = pa.RecordBatch.from_arrays(arrays, schema=self._schema)
        if self._n == 1:
            self._held.append(batch)
            return
        part = part.astype(np.int16)
        batch = batch.take(pa.array(np.argsort(part, kind="stable")))
        sizes = np.bincount(part, minlength=self._n)
        for i, stop in enumerate(np.cumsum(sizes).tolist()):
            self._writers[i].write_batch(batch.slice(stop - int(sizes[i]), int(sizes[i])))

    def tables(self) -> Iterator[pa.Table]:
        """The parts, once."""
        if self._n == 1:
            held, self._held = self._held, []
            yield pa.Table.from_batches(held, self._schema)
            return
        self._end()
        for number in range(self._n):
            with pa.memory_map(str(self._path(number))) as file, pa.ipc.open_stream(file) as stream:
                yield stream.read_all()
            self._path(number).unlink()

    def _end(self) -> None:
        for writer, file in zip(self._writers, self._files, strict=True):
            writer.close()
            file.close()
        self._writers, self._files = [], []

    def close(self) -> None:
        """Give back what was taken up."""
        self._end()
        self._held = []
        if self._folder is not None:
            self._folder.cleanup()
