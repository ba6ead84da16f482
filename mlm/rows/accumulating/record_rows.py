"""Rows that are handed over as record batches of Arrow, such as a wave that was just cleaned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from mlm.rows.accumulating.arrow_arrays import ArrowArrays
from mlm.rows.accumulating.batches import Batch

if TYPE_CHECKING:
    import pyarrow as pa


class Records(Protocol):
    """What hands over its rows as record batches, more than once."""

    schema: pa.Schema

    def record_batches(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """All rows, some columns, in order."""


class RecordRows:
    """The rows of record batches, as a pass over rows reads them.

    Parameters
    ----------
    records : Records
        Where they come from.
    rows : int
        How many there are.
    where : str
        What an error message calls them.
    """

    def __init__(self, records: Records, rows: int, where: str = "the data"):
        self._records = records
        self.names, self.rows, self.where = tuple(records.schema.names), rows, where

    def batches(self, names: Sequence[str]) -> Iterator[Batch]:
        """All rows, some columns, in order."""
        chosen, first = [name for name in self.names if name in names], 0
        arrays = {name: ArrowArrays() for name in chosen}
        for part in self._records.record_batches(chosen):
            columns = {name: arrays[name].of(part.column(name)) for name in chosen}
            yield Batch(columns, part.num_rows, first)
            first += part.num_rows
