"""Tuples of records that lie in tables beside the file of the record that holds them.

What is told of each of a hundred thousand units are rows of Parquet files in a folder; the file of
results says which rows are whose. Here they are records like all others.
"""

from __future__ import annotations

import types
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, WrapSerializer

from mlm.results.level import Level

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "results.units"
"""Folder of the tables, beside the file of the record."""

LEVEL = "level"
"""Column of a table that names the level of a row's unit; no field of its record."""


class RowsOfTable(BaseModel):
    """Which rows of a table hold the records."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str = Field(description="file, its path from the folder of this one")
    first: int = Field(ge=0, description="place of the first row")
    rows: int = Field(ge=0)


class PartOfTable(NamedTuple):
    """Records of one level that are rows of a table."""

    table: str
    level: str
    records: tuple[BaseModel, ...]


@dataclass(frozen=True)
class Tabled:
    """Marks a field that is a tuple of flat records here, and rows of a table in a file.

    Where a record is made to text without a count of the rows before, they stand in it.

    Attributes
    ----------
    table : str
        Name of the table.
    """

    table: str

    def __get_pydantic_core_schema__(self, source, handler):
        stored = WrapSerializer(self._stored, when_used="json")
        return handler.generate_schema(Annotated[source, BeforeValidator(_records), stored])

    def __get_pydantic_json_schema__(self, schema, handler):
        rows = handler(schema["schema"])
        reference = RowsOfTable.model_json_schema()
        for part in (reference, *reference["properties"].values()):
            part.pop("title")
        return {
            "description": "in a file: where they lie; each item is a row, its fields are columns",
            "anyOf": [reference, rows],
        }

    def _stored(self, records: tuple, handler, info) -> Any:
        if not info.context:
            return handler(records)
        before = info.context["rows_before"]
        first = before[self.table]
        before[self.table] += len(records)
        return {"table": f"{FOLDER}/{self.table}.parquet", "first": first, "rows": len(records)}


def text_beside_tables(record: BaseModel) -> str:
    """A record as JSON that refers to tables, one line a value, ended by a line break."""
    context = {"rows_before": Counter()}
    return record.model_dump_json(indent=1, by_alias=True, context=context) + "\n"


def tables_of(record: BaseModel, kinds: Mapping[str, type[BaseModel]]) -> dict[str, pa.Table]:
    """The tables that the text of a record refers to, by their names.

    Parameters
    ----------
    record : Record
        What holds the records.
    kinds : mapping of str to type
        Kind of the records of each table, of those without rows too.
    """
    found = list(_parts(record, ""))
    return {
        name: _table(kind, [part for part in found if part.table == name])
        for name, kind in kinds.items()
    }


def _parts(record: BaseModel, level: str) -> Iterator[PartOfTable]:
    """Records that are rows, in the order in which they are written, with the level around."""
    fields = type(record).model_fields
    own = getattr(record, LEVEL, None)
    level = ":".join(own.ids) if isinstance(own, Level) else level
    for name, known in fields.items():
        value = getattr(record, name)
        mark = next((mark for mark in known.metadata if isinstance(mark, Tabled)), None)
        if mark is not None:
            yield PartOfTable(mark.table, level, value)
            continue
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, BaseModel):
                yield from _parts(item, level)


def _table(kind: type[BaseModel], parts: list[PartOfTable]) -> pa.Table:
    import pyarrow as pa

    rows = [record for part in parts for record in part.records]
    levels = [part.level for part in parts for _ in part.records]
    columns = {LEVEL: pa.array(levels, pa.string())}
    for name, known in kind.model_fields.items():
        values = [getattr(row, name) for row in rows]
        columns[name] = pa.array(values, _arrow_type(known.annotation))
    return pa.table(columns)


def _records(stored: Any, info: ValidationInfo) -> Any:
    if not isinstance(stored, Mapping):
        return stored
    place, around = RowsOfTable.model_validate(stored), (info.context or {}).get("folder")
    path = PurePosixPath(place.table)
    if around is None or len(path.parts) != 2 or path.parts[0] != FOLDER:
        raise ValueError(f"its rows lie in {place.table}: load the file that refers to it")
    return _rows(Path(around, path), place)


def _rows(path: Path, place: RowsOfTable) -> list[dict[str, Any]]:
    """The rows of a table as plain data.

    Raises
    ------
    ValueError
        The table is not there, is no table, or has too few rows.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise ValueError(f"{place.table} is not beside it, or no Parquet file ({error})") from error
    if table.num_rows < place.first + place.rows:
        raise ValueError(f"{place.table} has {table.num_rows} rows, not those that are named")
    return table.slice(place.first, place.rows).drop_columns([LEVEL]).to_pylist()


def _arrow_type(kind: Any) -> pa.DataType:
    """The type of a column from that of a field: numbers, truths, names, and names in a row."""
    import pyarrow as pa

    if hasattr(kind, "__metadata__"):
        return _arrow_type(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        (own,) = (part for part in get_args(kind) if part is not type(None))
        return _arrow_type(own)
    if get_origin(kind) is tuple:
        return pa.list_(_arrow_type(get_args(kind)[0]))
    if get_origin(kind) is Literal:
        return pa.string()
    return {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}[kind]
