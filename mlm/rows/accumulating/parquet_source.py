"""Rows of Parquet files, batch by batch: the reader of cleaned waves and of the library's door."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mlm.errors import SurveyError
from mlm.nouns.characters import nfc
from mlm.nouns.machine.progress import count
from mlm.rows.accumulating.arrow_arrays import ArrowArrays, is_number
from mlm.rows.accumulating.batches import (
    BATCH_ROWS,
    SAMPLE_ROWS,
    Batch,
    Coded,
    as_numbers,
    sorted_values,
)
from mlm.rows.accumulating.column_kinds import dates_refused

if TYPE_CHECKING:
    import pyarrow as pa

RECORD_ROWS = 1 << 18  # rows of a record batch
GROUP_BYTES = 1 << 27  # decoded size up to which a row group is decoded at once
READ_BYTES = 1 << 16  # of a column at a time: whole columns would stay in memory otherwise


class ParquetSource:
    """The rows of one or more Parquet files, in the order of the files.

    Attributes
    ----------
    names : tuple of str
        Columns that every file has.
    where : str
        The files as an error message names them.
    rows : int
        Rows of all files.
    """

    def __init__(self, paths: Sequence[Path]):
        footers = [_footer(path) for path in paths]
        schemas = [_in_nfc(footer.schema.to_arrow_schema()) for footer in footers]
        self.rows = sum(footer.num_rows for footer in footers)
        self._paths, self._different = list(paths), frozenset()
        self._range = range(self.rows)
        self._ahead: tuple[frozenset[str], Batch, Iterator[Batch]] | None = None
        self._types = {field.name: field.type for field in schemas[0]}
        self.names = tuple(n for n in schemas[0].names if all(n in s.names for s in schemas))
        self.where = str(paths[0]) if len(paths) == 1 else f"every one of {len(paths)} files"
        _check_same_kinds(self.names, self._paths, schemas)

    @classmethod
    def of(cls, places: Sequence[Path]) -> ParquetSource:
        """The source of some files and folders; the files of a folder by name, at any depth.

        Raises
        ------
        SurveyError
            When a place does not exist, is no Parquet file, or a folder holds none.
        """
        paths: list[Path] = []
        problems = [] if places else ["an empty list of files; expected Parquet files."]
        for place in places:
            found = sorted(place.rglob("*.parquet")) if place.is_dir() else [place]
            if not found:
                problems.append(f"{place}: the folder holds no file that ends in .parquet.")
            elif not found[0].is_file():
                problems.append(f"{place}: there is no such file or folder.")
            paths += found
        if problems:
            raise SurveyError(problems)
        return cls(paths)

    def with_different(self, names: Sequence[str]) -> ParquetSource:
        """The same rows; ids in some columns are known to come about once.

        They are handed over as ``WrittenNumbers`` where they are such.
        """
        found = copy(self)
        found._different = frozenset(names)
        return found

    def part(self, number: int, of: int) -> ParquetSource:
        """One of so many parts of the rows of a single file, which follow each other.

        Parameters
        ----------
        number, of : int
            Which part, from 0, and how many there are.
        """
        found = copy(self)
        found._range = range(self.rows * number // of, self.rows * (number + 1) // of)
        found.rows = len(found._range)
        return found

    def is_number(self, name: str) -> bool:
        """Whether a column holds numbers, truth values among them.

        Raises
        ------
        SurveyError
            The column holds dates.
        """
        import pyarrow as pa

        kind = self._types[name]
        if pa.types.is_temporal(kind.value_type if pa.types.is_dictionary(kind) else kind):
            raise dates_refused(name)
        return is_number(self._types[name])

    def distinct(self, names: Sequence[str]) -> dict[str, list]:
        """Distinct values of some columns, from one pass; dictionaries keep their order."""
        import pyarrow as pa

        found: dict[str, dict] = {name: {} for name in names}
        if not names:
            return {}
        for batch in self.batches(names):
            for name, column in batch.columns.items():
                values = column.values if isinstance(column, Coded) else np.unique(column)
                found[name].update(dict.fromkeys(v for v in values.tolist() if v == v))
        return {
            name: list(values)
            if pa.types.is_dictionary(self._types[name])
            else sorted_values(list(values))
            for name, values in found.items()
        }

    def sample(self, numbers: Sequence[str], others: Sequence[str]) -> dict[str, np.ndarray]:
        """Numbers of the first batch, which is kept for the pass over the same columns."""
        names = frozenset([*numbers, *others])
        rows = self._read(names)
        first = next(rows, None)
        if first is None:
            return {name: np.empty(0) for name in numbers}
        self._ahead = names, first, rows
        stride = max(1, -(-first.rows // SAMPLE_ROWS))
        return {n: as_numbers(n, first.columns[n][::stride]) for n in numbers}

    def batches(self, names: Sequence[str]) -> Iterator[Batch]:
        """All rows, some columns, in order."""
        if self._ahead is not None and self._ahead[0] == frozenset(names):
            _, first, rows = self._ahead
            self._ahead = None
            return itertools.chain([first], rows)
        return self._read(frozenset(names))

    def record_batches(
        self, names: Sequence[str], plain: Sequence[str] = ()
    ) -> Iterator[pa.RecordBatch]:
        """All rows, some columns, in order, as Arrow has them; texts are dictionaries.

        Those of ``plain`` are not, which is faster where hardly any text comes twice.
        """
        for path in self._paths:
            for part in self._of_file(path, frozenset(names), RECORD_ROWS, frozenset(plain)):
                count("rows", part.num_rows, self.rows)
                yield part

    def _read(self, names: frozenset[str]) -> Iterator[Batch]:
        for path in self._paths:
            first = 0
            arrays = {name: ArrowArrays() for name in self.names if name in names}
            for part in self._of_file(path, names, BATCH_ROWS, self._different):
                columns = {name: arrays[name].of(part.column(name)) for name in arrays}
                count("rows", part.num_rows, self.rows)
                yield Batch(columns, part.num_rows, first, str(path))
                first += part.num_rows

    def _of_file(
        self,
        path: Path,
        names: frozenset[str],
        n_rows: int,
        plain: frozenset[str] = frozenset(),
    ) -> Iterator[pa.RecordBatch]:
        import pyarrow.parquet as pq

        delivered = {nfc(n): n for n in pq.read_schema(path).names}
        chosen = [delivered[name] for name in self.names if name in names]
        texts = [
            name
            for name in chosen
            if nfc(name) not in plain and not is_number(self._types[nfc(name)])
        ]
        with pq.ParquetFile(
            path, read_dictionary=texts, pre_buffer=False, buffer_size=READ_BYTES
        ) as file:
            first = 0
            for group in range(file.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                wanted = _inside(first, rows, self._range) if len(self._paths) == 1 else range(rows)
                for part in _parts(file, group, chosen, n_rows, wanted):
                    yield part.rename_columns([nfc(name) for name in part.schema.names])
                first += rows


def _inside(first: int, rows: int, wanted: range) -> range:
    """Rows of a group, of which the first is given, that are among some rows of the file."""
    start, stop = (min(max(end - first, 0), rows) for end in (wanted.start, wanted.stop))
    return range(start, stop)


def _parts(file, group: int, names: Sequence[str], n_rows: int, wanted: range):
    """Record batches of some rows of a group: decoded at once where it is small: this is faster."""
    rows = file.metadata.row_group(group).num_rows
    if not wanted:
        return
    if rows * len(names) * 8 <= GROUP_BYTES:
        table = file.read_row_group(group, columns=names, use_threads=False)
        yield from table.slice(wanted.start, len(wanted)).to_batches(n_rows)
        return
    start = 0
    for part in file.iter_batches(n_rows, row_groups=[group], columns=names, use_threads=False):
        own = _inside(start, part.num_rows, wanted)
        start += part.num_rows
        if own:
            yield part.slice(own.start, len(own))


def _in_nfc(schema):
    """A schema with its names in Unicode's form NFC."""
    import pyarrow as pa

    return pa.schema([field.with_name(nfc(field.name)) for field in schema])


def _footer(path: Path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_metadata(path)
    except (pa.ArrowException, OSError) as error:
        raise SurveyError(
            f"{path}: not a readable Parquet file ({error}). Expected Parquet; read other formats "
            "into a DataFrame first."
        ) from error


def _check_same_kinds(names: Sequence[str], paths: Sequence[Path], schemas: Sequence) -> None:
    """Refuse files in which a column holds numbers here and text there."""
    import pyarrow as pa

    problems = []
    for name in names:
        kinds = [schema.field(name).type for schema in schemas]
        known = [i for i, kind in enumerate(kinds) if not pa.types.is_null(kind)]
        odd = [i for i in known if is_number(kinds[i]) != is_number(kinds[known[0]])]
        if odd:
            problems.append(
                f"column {name} is {kinds[known[0]]} in {paths[known[0]]} and {kinds[odd[0]]} in "
                f"{paths[odd[0]]}; expected numbers in all files or in none."
            )
    if problems:
        raise SurveyError(problems)
