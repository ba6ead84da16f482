"""Records of one kind as columns: each is made when it is asked for.

A million units whose records were all there would take three gigabytes; their columns take a
twentieth of it.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

import numpy as np
from pydantic import BaseModel

if TYPE_CHECKING:
    import pyarrow as pa

RECORDS_AT_A_TIME = 1 << 14
"""Records whose values are made at a time, where all are asked for."""


class TableRows(Sequence):
    """Records that lie in columns.

    Parameters
    ----------
    kind : type
        Kind of the records; all its fields are columns.
    columns : mapping of str to Sequence
        A column a field: arrays (n,) of numbers, truths or names, arrays (n, T) where each
        record has T of them, or sequences of what records hold. A number that is not finite stands
        for None.

    Raises
    ------
    ValueError
        Columns are of different lengths, or a number that must be there is not finite.
    """

    def __init__(self, kind: type[BaseModel], columns: Mapping[str, Sequence | np.ndarray]):
        self.kind, self._columns = kind, {name: columns[name] for name in kind.model_fields}
        if len({len(column) for column in self._columns.values()}) > 1:
            raise ValueError("columns of different lengths")
        for name, column in self._columns.items():
            if not _may_lack(kind, name) and _is_float(column) and not np.isfinite(column).all():
                raise ValueError(f"{name}: a number that is not finite")

    def __len__(self) -> int:
        return len(next(iter(self._columns.values())))

    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return tuple(self._made(*place.indices(len(self))))
        place = range(len(self))[place]
        return next(self._made(place, place + 1, 1))

    def __iter__(self) -> Iterator[BaseModel]:
        for start in range(0, len(self), RECORDS_AT_A_TIME):
            yield from self._made(start, min(start + RECORDS_AT_A_TIME, len(self)), 1)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, tuple | TableRows) or len(self) != len(other):
            return NotImplemented if not isinstance(other, tuple | TableRows) else False
        return all(own == its for own, its in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.kind.__name__}, {len(self)} rows)"

    def _made(self, start: int, stop: int, step: int) -> Iterator[BaseModel]:
        parts = [
            _values(column[start:stop:step], _may_lack(self.kind, name))
            for name, column in self._columns.items()
        ]
        for values in zip(*parts, strict=True):
            yield self.kind.model_construct(**dict(zip(self._columns, values, strict=True)))

    def column(self, name: str) -> np.ndarray:
        """A field of all records (n,)."""
        column = self._columns[name]
        if isinstance(column, np.ndarray):
            return column
        out = np.empty(len(column), dtype=object)
        for start in range(0, len(column), RECORDS_AT_A_TIME):
            part = column[start : start + RECORDS_AT_A_TIME]
            out[start : start + len(part)] = np.fromiter(part, dtype=object, count=len(part))
        return out

    def table(self, start: int, stop: int) -> pa.Table:
        """Some of the records as a table of their fields."""
        import pyarrow as pa

        return pa.table(
            {name: self._arrow(name, start, stop) for name in self._columns},
            schema=schema_of(self.kind),
        )

    def _arrow(self, name: str, start: int, stop: int) -> pa.Array:
        import pyarrow as pa

        column, kind = self._columns[name][start:stop], schema_of(self.kind).field(name).type
        if not isinstance(column, np.ndarray):
            starts = range(0, len(column), RECORDS_AT_A_TIME)
            parts = [pa.array(list(column[i : i + RECORDS_AT_A_TIME]), kind) for i in starts]
            return pa.chunked_array(parts, kind)
        if column.ndim > 1:
            offsets = np.arange(len(column) + 1, dtype=np.int32) * np.int32(column.shape[1])
            flat = pa.array(np.ascontiguousarray(column).reshape(-1), kind.value_type)
            return pa.ListArray.from_arrays(pa.array(offsets), flat)
        if _is_float(column):
            return pa.array(column, kind, mask=~np.isfinite(column))
        return pa.array(column, kind)

    @classmethod
    def of_table(cls, kind: type[BaseModel], table: pa.Table) -> TableRows:
        """The records whose fields are the columns of a table.

        Raises
        ------
        ValueError
            The table has other columns, or lacks what must be there.
        """
        wanted = schema_of(kind)
        other = set(table.column_names) ^ set(wanted.names)
        if other:
            raise ValueError(f"columns that it lacks, or has too many: {', '.join(sorted(other))}")
        table = table.select(wanted.names).cast(wanted)
        for name in wanted.names:
            if table[name].null_count and not _may_lack(kind, name):
                raise ValueError(f"{name}: a value is missing")
        return cls(kind, {name: _column(table[name]) for name in wanted.names})


class ArrowColumn(Sequence):
    """A column of a table of which records hold tuples, or texts."""

    def __init__(self, column: pa.ChunkedArray):
        self._column = column

    def __len__(self) -> int:
        return len(self._column)

    def __getitem__(self, place: int | slice) -> Any:
        if not isinstance(place, slice):
            place = range(len(self))[place]
            return self[place : place + 1][0]
        start, stop, step = place.indices(len(self))
        found = self._column.slice(start, max(stop - start, 0)).to_pylist()[::step]
        return [tuple(each) if isinstance(each, list) else each for each in found]


def in_columns(kind: type[BaseModel], records: Sequence) -> TableRows:
    """Records of one kind in columns."""
    if isinstance(records, TableRows):
        return records
    names = kind.model_fields
    return TableRows(kind, {name: [getattr(row, name) for row in records] for name in names})


def column_of(records: Sequence, name: str) -> np.ndarray:
    """A field of all of some records (n,)."""
    if isinstance(records, TableRows):
        return records.column(name)
    return np.fromiter((getattr(each, name) for each in records), dtype=object, count=len(records))


def schema_of(kind: type[BaseModel]) -> pa.Schema:
    """Columns of a table of records."""
    import pyarrow as pa

    return pa.schema({n: arrow_type(known.annotation) for n, known in kind.model_fields.items()})


def arrow_type(kind: Any) -> pa.DataType:
    """The type of a column from that of a field: numbers, truths, names, and names in a row."""
    import pyarrow as pa

    if hasattr(kind, "__metadata__"):
        return arrow_type(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        (own,) = (part for part in get_args(kind) if part is not type(None))
        return arrow_type(own)
    if get_origin(kind) is tuple:
        return pa.list_(arrow_type(get_args(kind)[0]))
    if get_origin(kind) is Literal:
        return pa.string()
    return {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}[kind]


@cache
def _may_lack(kind: type[BaseModel], name: str) -> bool:
    """Whether a field may be None."""
    return type(None) in get_args(kind.model_fields[name].annotation)


def _is_float(column: Any) -> bool:
    return isinstance(column, np.ndarray) and column.dtype.kind == "f"


def _column(column: pa.ChunkedArray) -> np.ndarray | ArrowColumn:
    import pyarrow as pa

    if (
        pa.types.is_floating(column.type)
        or not column.null_count
        and (pa.types.is_integer(column.type) or pa.types.is_boolean(column.type))
    ):
        return column.to_numpy()
    return ArrowColumn(column)


def _values(column: Any, may_lack: bool) -> list:
    """What records hold of some rows of a column."""
    if not isinstance(column, np.ndarray):
        return list(column)
    values = column.tolist()
    if column.ndim > 1:
        return [tuple(value) for value in values]
    if may_lack and _is_float(column) and not np.isfinite(column).all():
        there = np.isfinite(column).tolist()
        return [value if is_there else None for value, is_there in zip(values, there, strict=True)]
    return values
