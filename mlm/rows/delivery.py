"""The files of a wave as they were delivered: read as text, their columns and rows checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from mlm.errors import SurveyError
from mlm.rows.configuration.models import Configuration
from mlm.rows.configuration.names import nearest
from mlm.rows.reading import TextFile, read_text_file
from mlm.rows.wording import FIRST_CASES, lines_text


@dataclass(frozen=True)
class Delivery:
    """The files of a wave as one table of text.

    Attributes
    ----------
    files : tuple of TextFile
        The files in the order of the configuration.
    table : pyarrow.Table
        Id columns (named by level) and variables of all files, one below the other.
    """

    files: tuple[TextFile, ...]
    table: pa.Table

    def account(self) -> list[dict]:
        """File, hash and number of rows of each file, for the ledger."""
        return [
            {"file": file.name, "sha256": file.sha256, "rows_read": file.table.num_rows}
            for file in self.files
        ]

    def places(self, rows: np.ndarray) -> str:
        """Text that says where the first rows (bool, N) are: 'file lines 5, 9, 12'."""
        parts = []
        for file, found in self._by_file(rows):
            parts.append(f"{file.name} {lines_text(file.line_numbers(found))}")
        return "; ".join(parts)

    def first_lines(self, rows: np.ndarray) -> list:
        """Lines of the first rows: numbers, or 'file:line' where a wave has several files."""
        lines = []
        for file, found in self._by_file(rows):
            for line in file.line_numbers(found):
                lines.append(line if len(self.files) == 1 else f"{file.name}:{line}")
        return lines

    def _by_file(self, rows: np.ndarray) -> Iterator[tuple[TextFile, np.ndarray]]:
        first = np.flatnonzero(rows)[:FIRST_CASES]
        start = 0
        for file in self.files:
            inside = first[(first >= start) & (first < start + file.table.num_rows)]
            if len(inside):
                yield file, inside - start
            start += file.table.num_rows


def read_delivery(
    configuration: Configuration, wave: str, root: Path | str | None = None
) -> Delivery:
    """All files of a wave as text, with the columns that the configuration names.

    Raises
    ------
    SurveyError
        Files that cannot be read, columns that are not there, a number of rows that was announced
        otherwise, a last line without a line break.
    """
    settings = configuration.wave(wave)
    files, problems = [], []
    paths = configuration.wave_files(wave, root)
    for name, path in zip(settings.files, paths, strict=True):
        try:
            file = read_text_file(
                path, name=name, delimiter=settings.delimiter, encoding=settings.encoding
            )
        except SurveyError as error:
            problems += error.problems
            continue
        files.append(file)
        problems += _column_problems(configuration, wave, file)
    if not problems:
        problems += _row_problems(settings.rows, files)
    if problems:
        raise SurveyError([f"wave {wave}: {problem}" for problem in problems])
    wanted = _wanted_columns(configuration, wave)
    tables = [
        file.table.select(list(wanted.values())).rename_columns(list(wanted)) for file in files
    ]
    return Delivery(tuple(files), pa.concat_tables(tables))


def _wanted_columns(configuration: Configuration, wave: str) -> dict[str, str]:
    """Column of the files for each level and variable."""
    ids = {name: configuration.id_column_of(name, wave) for name in configuration.level_names}
    return ids | {name: configuration.column_of(name, wave) for name in configuration.variables}


def _column_problems(configuration: Configuration, wave: str, file: TextFile) -> list[str]:
    present = file.table.column_names
    return [
        f"{file.name}: the column {column!r} ({name}) is not there; correct the configuration "
        f"('id', 'column', 'names') or the file; {nearest(column, present)}"
        for name, column in _wanted_columns(configuration, wave).items()
        if column not in present
    ]


def _row_problems(announced: int | None, files: list[TextFile]) -> list[str]:
    rows = sum(file.table.num_rows for file in files)
    if announced is not None and rows != announced:
        return [
            f"{announced} rows are announced ('rows'), {rows} were read; correct the number, or "
            "ask whether a file is cut or holds rows twice"
        ]
    if rows == 0:
        names = ", ".join(file.name for file in files)
        return [f"{names}: there is a header but no data row; put the wave's rows there"]
    return [
        f"{file.name}: the last line has no line break, the file may be cut; compare the number of "
        "rows with the data owner and declare it as 'rows' of the wave, or end the line"
        for file in files
        if not file.ends_whole and announced is None
    ]
