"""Tuples of records that lie in tables beside the file of the record that holds them.

What is told of each of a hundred thousand units are rows of Parquet files in a folder; the file of
results says which rows are whose. Here they are records like all others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapSerializer,
    WrapValidator,
)

from mlm.results.level import Level
from mlm.results.storing.table_rows import TableRows, in_columns, schema_of

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
    records: tuple[BaseModel, ...] | TableRows


ROWS_WRITTEN = 1 << 20
"""Rows of a table that are written at a time."""


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
        kind = get_args(source)[0]
        read, stored = WrapValidator(_reader(kind)), WrapSerializer(self._stored)
        return handler.generate_schema(Annotated[source, read, stored])

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
        if info.mode == "python" or not info.context:
            return handler(tuple(records))
        before = info.context["rows_before"]
        first = before[self.table]
        before[self.table] += len(records)
        return {"table": f"{FOLDER}/{self.table}.parquet", "first": first, "rows": len(records)}


def text_beside_tables(record: BaseModel) -> str:
    """A record as JSON that refers to tables, one line a value, ended by a line break."""
    context = {"rows_before": Counter()}
    return record.model_dump_json(indent=1, by_alias=True, context=context) + "\n"


class DataRows(Sequence):
    """Records as plain data, as a file of results has them; each is made when it is asked for.

    Parameters
    ----------
    records : sequence of BaseModel
    """

    def __init__(self, records: Sequence[BaseModel]):
        self.records = records

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, place: int) -> dict[str, Any]:
        return self.records[place].model_dump(mode="json", by_alias=True)


def data_of(record: BaseModel) -> dict[str, Any]:
    """A record as plain data: what would be rows of tables in a file are made one by one."""
    context = {"rows_before": Counter()}
    found = record.model_dump(mode="json", by_alias=True, context=context)
    return _with_rows(record, found)


def _with_rows(record: BaseModel, found: dict[str, Any]) -> dict[str, Any]:
    for name, known in type(record).model_fields.items():
        value, key = getattr(record, name), known.alias or name
        if any(isinstance(mark, Tabled) for mark in known.metadata):
            found[key] = DataRows(value)
        elif isinstance(value, BaseModel) and isinstance(found.get(key), dict):
            _with_rows(value, found[key])
        elif isinstance(value, tuple) and isinstance(found.get(key), list):
            for item, own in zip(value, found[key], strict=True):
                if isinstance(item, BaseModel) and isinstance(own, dict):
                    _with_rows(item, own)
    return found


def tables_of(record: BaseModel, kinds: Mapping[str, type[BaseModel]]) -> dict[str, UnitTable]:
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
        name: UnitTable(kind, [part for part in found if part.table == name])
        for name, kind in kinds.items()
    }


class UnitTable:
    """The rows of a table, made some at a time.

    Parameters
    ----------
    kind : type
        Kind of the records that its rows are.
    parts : sequence of PartOfTable
        The records, level by level.
    """

    def __init__(self, kind: type[BaseModel], parts: Sequence[PartOfTable]):
        self._kind, self._parts = kind, parts

    @property
    def schema(self) -> pa.Schema:
        """Columns of the table."""
        import pyarrow as pa

        return pa.schema([(LEVEL, pa.string()), *schema_of(self._kind)])

    def whole(self) -> pa.Table:
        """All rows."""
        import pyarrow as pa

        return pa.concat_tables(self.blocks()).combine_chunks()

    def blocks(self) -> Iterator[pa.Table]:
        """All rows, ``ROWS_WRITTEN`` at a time; a block at least."""
        import pyarrow as pa

        held, size = [self.schema.empty_table()], 0
        for level, records, start, stop in self._slices():
            names = pa.repeat(pa.scalar(level, pa.string()), stop - start)
            held.append(records.table(start, stop).add_column(0, LEVEL, names))
            size += stop - start
            if size == ROWS_WRITTEN:
                yield pa.concat_tables(held).combine_chunks()
                held, size = [], 0
        if held:
            yield pa.concat_tables(held).combine_chunks()

    def _slices(self) -> Iterator[tuple[str, TableRows, int, int]]:
        """Records of one level that lie in one block: which, the first and the one behind."""
        before = 0
        for part in self._parts:
            records, start = in_columns(self._kind, part.records), 0
            while start < len(records):
                stop = min(len(records), start + ROWS_WRITTEN - before % ROWS_WRITTEN)
                yield part.level, records, start, stop
                before, start = before + stop - start, stop


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


def _reader(kind: type[BaseModel]) -> Callable:
    """What is done with records that a field is given: those in columns are left as they are."""

    def read(stored: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        if isinstance(stored, TableRows):
            return stored
        if not isinstance(stored, Mapping):
            return handler(stored)
        place, around = RowsOfTable.model_validate(stored), (info.context or {}).get("folder")
        path = PurePosixPath(place.table)
        if around is None or len(path.parts) != 2 or path.parts[0] != FOLDER:
            raise ValueError(f"its rows lie in {place.table}: load the file that refers to it")
        return _rows(Path(around, path), place, kind)

    return read


def _rows(path: Path, place: RowsOfTable, kind: type[BaseModel]) -> TableRows:
    """The rows of a table as records.

    Raises
    ------
    ValueError
        The table is not there, is no table, has too few rows, or others than such records.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise ValueError(f"{place.table} is not beside it, or no Parquet file ({error})") from error
    if table.num_rows < place.first + place.rows:
        raise ValueError(f"{place.table} has {table.num_rows} rows, not those that are named")
    own = table.slice(place.first, place.rows).drop_columns([LEVEL])
    try:
        return TableRows.of_table(kind, own)
    except ValueError as error:
        raise ValueError(f"{place.table}: {error}") from error
