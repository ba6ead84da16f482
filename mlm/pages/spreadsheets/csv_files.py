"""The tables of a report and the data of its charts as CSV; text is never read as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from mlm.pages.document import figures_of, tables_of
from mlm.pages.rounding import CONFIDENTIAL, NOT_AVAILABLE
from mlm.pages.spreadsheets.lines import table_lines
from mlm.pages.tidy_table.rows import COLUMNS, Row

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def table_csv(block: Mapping[str, Any]) -> str:
    """A table of the document as CSV: numbers as published, text neutralised."""
    grid = table_lines(block)
    return _csv([grid.headings, *([_value(cell) for cell in line] for line in grid.lines)])


def figure_csv(block: Mapping[str, Any]) -> str:
    """The data of a chart as CSV."""
    columns = block["data"]
    marks = {(column, position): mark for column, position, mark in block["marks"]}
    marks |= {tuple(place): CONFIDENTIAL for place in block["hidden"]}
    values = [
        [
            marks.get((name, i), NOT_AVAILABLE) if value is None else value
            for i, value in enumerate(column)
        ]
        for name, column in columns.items()
    ]
    return _csv([list(columns), *zip(*values, strict=True)])


def tidy_csv(rows: Sequence[Row]) -> str:
    """The long table of a report as CSV."""
    return _csv([COLUMNS, *(list(row.values()) for row in rows)])


def neutral(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula, with an apostrophe before it."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def data_files(document: Mapping[str, Any]) -> dict[str, str]:
    """CSV of every table and of every chart's data, by path inside the report's folder."""
    files = {f"tables/{block['id']}.csv": table_csv(block) for block in tables_of(document)}
    return files | {
        f"figures/{block['id']}.csv": figure_csv(block) for block in figures_of(document)
    }


def _csv(rows: Sequence[Sequence[Any]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerows([neutral(value) for value in row] for row in rows)
    return stream.getvalue()


def _value(cell: Mapping[str, Any]) -> Any:
    return cell["value"] if cell.get("value") is not None else cell["text"]
