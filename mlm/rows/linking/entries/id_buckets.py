"""Ids of rows in buckets on disk: all rows of one id, however it is spelled, are in one bucket.

What is asked of ids (how many there are, which recur, which are spelled otherwise) is asked of one
bucket after the other: in memory is one bucket, not the ids of a survey.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from mlm.rows.cleaning.store import temporary_folder
from mlm.rows.cleaning.texts import hashes
from mlm.rows.linking.folding import all_folded

HELD_ROWS = 1 << 22
"""Rows of a bucket, about; of no more rows than these everything stays in memory."""

_SCHEMA = pa.schema([("id", pa.string()), ("wave", pa.int16()), ("entry", pa.int32())])


@dataclass(frozen=True)
class IdBucket:
    """Rows of some ids, in the order of the survey.

    Attributes
    ----------
    texts : pyarrow.StringArray, length n
        The id of each row.
    wave, entry : ndarray of int, shape (n,)
        Its wave, and its entry among those of the survey.
    """

    texts: pa.StringArray
    wave: np.ndarray
    entry: np.ndarray


class IdBuckets:
    """Ids of rows while they go by, and afterwards bucket by bucket.

    Parameters
    ----------
    n_rows : int
        Rows that are expected.
    """

    def __init__(self, n_rows: int):
        self._n = max(1, -(-n_rows // HELD_ROWS))
        self._parts: list[pa.RecordBatch] = []
        self._folder: tempfile.TemporaryDirectory | None = None
        self._files: list[pa.NativeFile] = []
        self._writers: list[pa.RecordBatchWriter] = []
        if self._n > 1:
            self._folder = tempfile.TemporaryDirectory(prefix="mlm-", dir=temporary_folder())
            self._files = [pa.OSFile(str(self._path(i)), "wb") for i in range(self._n)]
            self._writers = [pa.ipc.new_stream(file, _SCHEMA) for file in self._files]

    def _path(self, number: int) -> Path:
        return Path(self._folder.name) / f"{number}.arrows"

    def add(self, texts: pa.StringArray, wave: int, entry: np.ndarray) -> None:
        """Take up some rows of a wave: their ids, and the entry (n,) of each."""
        waves = pa.array(np.full(len(texts), wave, dtype=np.int16))
        batch = pa.RecordBatch.from_arrays(
            [texts, waves, pa.array(entry, pa.int32())], schema=_SCHEMA
        )
        if self._n == 1:
            self._parts.append(batch)
            return
        # the upper half of the bits, as a share of all of them, is the bucket
        bucket = (hashes(all_folded(texts)) >> np.uint64(32)) * np.uint64(self._n) >> np.uint64(32)
        order = np.argsort(bucket.astype(np.int16), kind="stable")
        batch = batch.take(pa.array(order))
        sizes = np.bincount(bucket.astype(np.int64), minlength=self._n)
        for i, stop in enumerate(np.cumsum(sizes).tolist()):
            self._writers[i].write_batch(batch.slice(stop - int(sizes[i]), int(sizes[i])))

    def buckets(self) -> Iterator[IdBucket]:
        """The buckets, once; then they are given back."""
        if self._n == 1:
            parts, self._parts = self._parts, []
            yield _bucket(pa.Table.from_batches(parts, _SCHEMA))
            return
        self._end()
        for number in range(self._n):
            with pa.OSFile(str(self._path(number))) as file, pa.ipc.open_stream(file) as stream:
                yield _bucket(stream.read_all())
            self._path(number).unlink()
        self.close()

    def _end(self) -> None:
        for writer, file in zip(self._writers, self._files, strict=True):
            writer.close()
            file.close()
        self._writers, self._files = [], []

    def close(self) -> None:
        """Give back what was taken up."""
        self._end()
        self._parts = []
        if self._folder is not None:
            self._folder.cleanup()


def _bucket(table: pa.Table) -> IdBucket:
    texts = pa.chunked_array(table["id"].chunks, pa.string()).combine_chunks()
    return IdBucket(texts, table["wave"].to_numpy(), table["entry"].to_numpy())
