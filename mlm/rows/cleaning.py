"""Cleaning of one wave: files in, one checked table and its ledger out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.errors import SurveyError
from mlm.rows.codebook import CleanColumn, apply_codebook, read_ids
from mlm.rows.configuration.models import Configuration
from mlm.rows.configuration.names import nearest
from mlm.rows.ledger import build_ledger
from mlm.rows.reading import TextFile, read_text_file
from mlm.rows.units import UnitOrder, order_units
from mlm.rows.wording import FIRST_CASES, counted, lines_text


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

    def _by_file(self, rows: np.ndarray):
        first = np.flatnonzero(rows)[:FIRST_CASES]
        start = 0
        for file in self.files:
            inside = first[(first >= start) & (first < start + file.table.num_rows)]
            if len(inside):
                yield file, inside - start
            start += file.table.num_rows


def clean_wave(
    configuration: Configuration, wave: str, root: Path | str | None = None
) -> tuple[pa.Table, dict]:
    """Cleaned rows of a wave, and its ledger.

    Parameters
    ----------
    configuration : Configuration
        The survey and its codebook.
    wave : str
        Name of the wave.
    root : path, optional
        Folder that ``files`` are relative to; default: the project's folder.

    Returns
    -------
    table : pyarrow.Table
        The id of every level (string, never null, named by level), then every variable: double
        for numbers, string for categories, null where missing. Sorted by the ids, top to bottom.
    ledger : dict
        What was read, kept, excluded and missing (see ``build_ledger``).

    Raises
    ------
    SurveyError
        Holds every problem of the files, columns, cells and units of the wave.
    """
    delivery = read_delivery(configuration, wave, root)
    columns = {
        name: apply_codebook(name, variable, delivery.table[name])
        for name, variable in configuration.variables.items()
    }
    problems = [
        fault.describe(int(fault.rows.sum()), delivery.places(fault.rows))
        for column in columns.values()
        for fault in column.faults
    ]
    ids, kept, excluded = _identify(configuration, delivery)
    if not kept.any():
        problems.append("no row has an id at every level; correct the ids or the id columns")
        raise SurveyError([f"wave {wave}: {problem}" for problem in problems])
    units = order_units(ids, kept)
    problems += _unit_problems(configuration, delivery, units, columns)
    problems += _outcome_problems(configuration, columns, kept)
    if problems:
        raise SurveyError([f"wave {wave}: {problem}" for problem in problems])
    ledger = build_ledger(
        configuration,
        wave,
        files=[
            {"file": file.name, "sha256": file.sha256, "rows_read": file.table.num_rows}
            for file in delivery.files
        ],
        excluded=excluded,
        kept=kept,
        columns=columns,
        groups=units.counts(),
    )
    return _sorted_table(ids, units, columns), ledger


# --- reading ----------------------------------------------------------------------------


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
        f"{file.name}: the column {column!r} ({name}) is not there; "
        f"{nearest(column, present)} Correct 'column' or 'names' in the configuration, or the file"
        for name, column in _wanted_columns(configuration, wave).items()
        if column not in present
    ]


def _row_problems(announced: int | None, files: list[TextFile]) -> list[str]:
    rows = sum(file.table.num_rows for file in files)
    if announced is not None and rows != announced:
        return [f"{announced} rows are announced ('rows'), {rows} were read; a file may be cut"]
    if rows == 0:
        names = ", ".join(file.name for file in files)
        return [f"{names}: there is a header but no data row; put the wave's rows there"]
    return [
        f"{file.name}: the last line has no line break, the file may be cut; compare the number of "
        "rows with the data owner and declare it as 'rows' of the wave, or end the line"
        for file in files
        if not file.ends_whole and announced is None
    ]


# --- units ------------------------------------------------------------------------------


def _identify(configuration: Configuration, delivery: Delivery):
    """Ids by level, rows (N,) that have all of them, and the exclusions of the others."""
    kept = np.ones(delivery.table.num_rows, dtype=bool)
    ids, excluded = {}, []
    for level in configuration.levels:
        ids[level.name], without = read_ids(level, delivery.table[level.name])
        for reason, rows in without.items():
            rows = rows & kept
            if rows.any():
                excluded.append(
                    {
                        "reason": f"no {level.name} id ({reason})",
                        "rows": int(rows.sum()),
                        "first": delivery.first_lines(rows),
                    }
                )
                kept &= ~rows
    return ids, kept, excluded


def _unit_problems(
    configuration: Configuration,
    delivery: Delivery,
    units: UnitOrder,
    columns: dict[str, CleanColumn],
) -> list[str]:
    problems = []
    lowest = configuration.level_names[-1]
    repeated = units.repeated_rows()
    if repeated.any():
        problems.append(
            f"{counted(int(repeated.sum()), 'row')} for a {lowest} that the wave already has "
            f"({delivery.places(repeated)}); each {lowest} may have one row in a wave: "
            "remove the repeated rows, or correct the ids"
        )
    for name, variable in configuration.variables.items():
        if variable.level in configuration.level_names[:-1]:
            varying, rows = units.varying(variable.level, columns[name].values)
            if varying:
                level = configuration.level(variable.level)
                problems.append(
                    f"{name}: differs within {counted(varying, level.name, level.plural)} although "
                    f"its level is {level.name} ({delivery.places(rows)}); correct the cells, or "
                    "say a lower level"
                )
    return problems


def _outcome_problems(
    configuration: Configuration, columns: dict[str, CleanColumn], kept: np.ndarray
) -> list[str]:
    problems = []
    outcomes = dict.fromkeys(analysis.outcome for analysis in configuration.analyses.values())
    for name in outcomes:
        values = columns[name].values.filter(pa.array(kept))
        if values.null_count == len(values):
            problems.append(f"{name}: the outcome is missing in every row; check its column")
        elif pc.min(values).as_py() == pc.max(values).as_py():
            problems.append(
                f"{name}: the outcome has the same value in every row, there is nothing to "
                "explain; check its column"
            )
    return problems


def _sorted_table(ids: dict, units: UnitOrder, columns: dict[str, CleanColumn]) -> pa.Table:
    order = pa.array(units.rows)
    arrays = {
        level: pa.array(distinct.texts, pa.string()).take(pa.array(distinct.codes[units.rows]))
        for level, distinct in ids.items()
    }
    arrays |= {name: column.values.take(order) for name, column in columns.items()}
    return pa.table(arrays)
