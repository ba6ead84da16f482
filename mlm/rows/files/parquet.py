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

from mlm.errors import listed, quoted
from mlm.nouns.ids.identifier import exact_below
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
        notes = {
            field.name: {"kind": _kind(field.type), "exact": _exact(field.type)} for field in schema
        }
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
        first = 1
        for batch in self._file.iter_batches(CHUNK_ROWS, columns=list(columns)):
            yield [_texts(name, batch.column(name), first) for name in columns]
            first += batch.num_rows


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    return "text"


def _exact(kind: pa.DataType) -> float | None:
    """Size from which a type rounds whole numbers; None where it does not."""
    if pa.types.is_dictionary(kind):
        return _exact(kind.value_type)
    return exact_below(kind.to_pandas_dtype()) if pa.types.is_floating(kind) else None


def _texts(name: str, column: pa.Array, first: int) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _texts(name, column.dictionary_decode(), first)
    if pa.types.is_floating(kind):
        return number_texts(column)
    if pa.types.is_decimal(kind):
        texts = pc.replace_substring_regex(pc.cast(column, pa.string()), r"\.0+$", "")
        return pc.fill_null(texts, "")
    if pa.types.is_temporal(kind):
        return _date_texts(name, column, first)
    return pc.fill_null(pc.cast(column, pa.string()), "")


def _in_microseconds(kind: pa.DataType) -> pa.DataType:
    """The type that Python's dates and times have, of one that counts nanoseconds."""
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", kind.tz)
    return pa.duration("us") if pa.types.is_duration(kind) else pa.time64("us")


def _date_texts(name: str, column: pa.Array, first: int) -> pa.Array:
    """Texts of dates, times and durations; values that are no date of the calendar are refused."""
    texts, wrong = [], []
    if getattr(column.type, "unit", None) == "ns":
        column = pc.cast(column, _in_microseconds(column.type), safe=False)
    for row, cell in enumerate(column, start=first):
        try:
            texts.append(cell_text(cell.as_py()))
        except (ValueError, OverflowError):
            wrong.append(row)
    if wrong:
        raise Refused(
            f"the column {quoted(name)} has {len(wrong)} cells (rows {listed(wrong)}) of type "
            f"{column.type} that stand for no date between the years 1 and 9999; correct them, or "
            "store the column as text"
        )
    return pa.array(texts, pa.string())
