"""Parquet files that users deliver, as text; runs in the child process.

Cells become texts, as of every other format, since cleaning judges what was written: codes of
missing values, numbers with a unit, dates. Cleaned waves, whose columns have their types, are read
by ``rows.accumulating.parquet_source``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mlm.rows.files.cells import cell_text, number_texts
from mlm.rows.files.refusal import Refused

CHUNK_ROWS = 1 << 17


class ParquetReader:
    """A Parquet file: its columns and their texts.

    Parameters
    ----------
    path : str
        The file.
    """

    def __init__(self, path: str):
        self._file = pq.ParquetFile(path)

    def describe(self) -> dict:
        """Columns, number of rows, and whether each column holds numbers or text."""
        schema = self._file.schema_arrow
        notes = {field.name: {"kind": _kind(field.type)} for field in schema}
        return {
            "columns": schema.names,
            "notes": notes,
            "first": 1,
            "n_rows": self._file.metadata.num_rows,
        }

    def chunks(self, columns: Sequence[str]) -> Iterator[list[pa.Array]]:
        """Texts of some columns, chunk by chunk."""
        for name in columns:
            kind = self._file.schema_arrow.field(name).type
            if pa.types.is_nested(kind) or pa.types.is_binary(kind):
                raise Refused(
                    f"the column {name!r} has cells of type {kind}; store text or numbers"
                )
        for batch in self._file.iter_batches(CHUNK_ROWS, columns=list(columns)):
            yield [_texts(batch.column(name)) for name in columns]


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    return "text"


def _texts(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _texts(column.dictionary_decode())
    if pa.types.is_floating(kind):
        return number_texts(pc.cast(column, pa.float64()))
    if pa.types.is_temporal(kind):
        return pa.array([cell_text(cell) for cell in column.to_pylist()], pa.string())
    return pc.fill_null(pc.cast(column, pa.string()), "")
