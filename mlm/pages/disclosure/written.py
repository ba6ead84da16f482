"""What the written files of a report say of counts: their cells read again, file by file.

The layout of a report tells which number stands in which cell before anything is hidden. What is
really there is read from the files: the JSON document, the CSV of tables and charts, the workbook,
and the page, whose cells must say the same.
"""

from __future__ import annotations

import csv
import html
import io
import json
import math
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlm.pages.disclosure.audit import Statement
from mlm.pages.disclosure.facts import drawn_half, half_unit, is_ratio, written_half
from mlm.pages.disclosure.printed import CHARTED, figure_sources
from mlm.pages.disclosure.sheet import Sheet
from mlm.pages.spreadsheets.lines import FRONT_SHEETS, HEAD_LINES, table_lines
from mlm.pages.tidy_table.rows import NUMBERS
from mlm.results.reading import Source

TIDY = "tidy.csv"
CELL = re.compile(r'<t[dh][^>]* id="([^"]+)"[^>]*>(.*?)</t[dh]>', re.DOTALL)
TAG = re.compile(r"<[^>]+>")
SAID = re.compile(r"\d+|\[c\]")
SHEET_CELL = re.compile(r'<c r="([A-Z]+)(\d+)"(?![^>]*t="s")[^>]*><v>([^<]*)</v></c>')


@dataclass(frozen=True)
class Slot:
    """A number of a report before anything is hidden: where it stands, and what it is.

    ``way`` leads to it in the document, or in the cell of a table, which has the id ``cell``; a
    chart and a place in a column are kept where it stands in one.
    """

    way: tuple[str | int, ...]
    source: Source
    style: str
    decimals: int | str
    cell: str | None = None
    chart: tuple[str, str, int] | None = None


def slots_of(document: Mapping[str, Any]) -> list[Slot]:
    """The numbers of a report, sections by their names."""
    found: list[Slot] = []
    _find_slots(document, (), None, found)
    return found


def _find_slots(value: Any, way: tuple, cell: str | None, found: list[Slot]) -> None:
    if isinstance(value, list):
        for place, item in enumerate(value):
            if isinstance(item, (dict, list)):
                name = item.get("id", place) if way == ("sections",) else place
                _find_slots(item, (*way, name), cell, found)
        return
    if "source" in value:
        found.append(Slot(way, value["source"], value["style"], value["decimals"], cell))
        return
    kind = value.get("type")
    if kind == "figure":
        for column, place, source in figure_sources(value):
            at, chart = (*way, "data", column, place), (value["id"], column, place)
            found.append(Slot(at, source, "count", "chart", chart=chart))
    if kind == "table":
        for item in (item for row in value["rows"] for item in row["cells"]):
            _find_slots(item, (), item["id"], found)
    for key, item in value.items():
        is_told = kind == "table" and key == "rows"
        if isinstance(item, (dict, list)) and key not in CHARTED and not is_told:
            _find_slots(item, (*way, key), cell, found)


def statements_of(read: WrittenFiles, slots: Sequence[Slot], sheet: Sheet) -> list[Statement]:
    """What the files of a report say of counts, one statement a place."""
    found = []
    for slot in slots:
        for place, value, half in read.values(slot):
            bounds = sheet.fact(slot.source, slot.style, value, half)
            if bounds:
                found.append(Statement(place, bounds))
    return found


def differences(read: WrittenFiles) -> list[str]:
    """Cells of tables that the page or a CSV file says otherwise than the document."""
    found = []
    for name, table in read.tables.items():
        for line, row in enumerate(table["rows"]):
            for place, cell in enumerate(row["cells"]):
                for file, text in read.texts(name, line, place, cell):
                    if text is not None and _said(text) != _said(cell["text"]):
                        found.append(f"{file}, table {name}, row {line + 1}, column {place + 1}")
    return [*found, *read.strange_in_tidy()]


class WrittenFiles:
    """The files of a report, each read once.

    Parameters
    ----------
    files : mapping of str to bytes
        Files by their paths, ``report.json`` among them.
    """

    def __init__(self, files: Mapping[str, bytes]):
        self.files = files
        self.document = json.loads(files["report.json"])
        self.sections = {item["id"]: item for item in self.document["sections"]}
        self.tables = {block["id"]: block for block in self._tables()}
        self.cells = {
            cell["id"]: (name, line, place, cell)
            for name, block in self.tables.items()
            for line, row in enumerate(block["rows"])
            for place, cell in enumerate(row["cells"])
        }
        self.grids = {name: table_lines(block) for name, block in self.tables.items()}
        self.page = {
            name: html.unescape(TAG.sub("", inside))
            for name, inside in CELL.findall(files.get("report.html", b"").decode())
        }
        self.csv = {
            name: list(csv.reader(io.StringIO(content.decode())))
            for name, content in files.items()
            if name.endswith(".csv")
        }
        book = files.get("tables.xlsx")
        self.sheets = dict(zip(self.tables, _sheets(book), strict=False)) if book else {}

    def _tables(self) -> Iterator[dict[str, Any]]:
        from mlm.pages.document import tables_of

        return tables_of(self.document)

    def values(self, slot: Slot) -> Iterator[tuple[str, float, float]]:
        """Place, value and half a unit of its last digit wherever a number is printed."""
        if slot.cell is not None:
            yield from self._values_of_cell(slot)
            return
        node = self._node(slot.way)
        name = "report.json " + "/".join(map(str, slot.way))
        if slot.chart is not None:
            chart, column, place = slot.chart
            lines = self.csv.get(f"figures/{chart}.csv")
            written = lines[place + 1][lines[0].index(column)] if lines else None
            for file, value in ((name, node), (f"figures/{chart}.csv row {place + 2}", written)):
                number = _number(value)
                if number is not None:
                    yield file, number, self._half_in_chart(slot, number)
            return
        if isinstance(node, dict) and node.get("value") is not None:
            yield name, node["value"], _half(slot, node, node["value"])

    def _half_in_chart(self, slot: Slot, number: float) -> float:
        if not is_ratio(slot.source):
            return written_half(number)
        options = self._node((*slot.way[:-3], "options"))
        return drawn_half(number, slot.chart[2] in options.get("rounded", ()))

    def _values_of_cell(self, slot: Slot) -> Iterator[tuple[str, float, float]]:
        """The same for a cell of a table; nothing where the cell is left out."""
        if slot.cell not in self.cells:
            return
        table, line, place, cell = self.cells[slot.cell]
        node = _follow(cell, slot.way)
        if node is not None and node.get("value") is not None:
            yield f"report.json {slot.cell}", node["value"], _half(slot, node, node["value"])
        if slot.way:
            return
        at, column = self._place(table, line, place)
        texts = [(f"tables/{table}.csv", self.csv.get(f"tables/{table}.csv"), at + 1)]
        texts.append((f"tables.xlsx {table}", self.sheets.get(table), at))
        for file, lines, at in texts:
            number = _number(lines[at][column]) if lines is not None else None
            if number is not None:
                where = f"{file} row {line + 1} column {place + 1}"
                yield where, number, _half(slot, node, number)

    def strange_in_tidy(self) -> list[str]:
        """Numbers of the long table that the document does not say."""
        head, *rows = self.csv.get(TIDY, [[]])
        numbers = [place for place, name in enumerate(head) if name in NUMBERS]
        known = set(_values(self.document))
        return [
            f"{TIDY} row {line}, column {head[place]}"
            for line, row in enumerate(rows, start=1)
            for place in numbers
            if row[place] and float(row[place]) not in known
        ]

    def texts(self, table: str, line: int, place: int, cell: Mapping[str, Any]):
        """File and text of a cell where a file says it in words."""
        yield "report.html", self.page.get(cell.get("id"))
        lines = self.csv.get(f"tables/{table}.csv")
        if "value" not in cell and lines is not None and line in self.grids[table].places:
            at, column = self._place(table, line, place)
            yield f"tables/{table}.csv", lines[at + 1][column].removeprefix("'")

    def _place(self, table: str, line: int, place: int) -> tuple[int, int]:
        """Line and column in the files of a cell of a table."""
        grid = self.grids[table]
        return grid.places[line], place + grid.keys

    def _node(self, way: Sequence[str | int]) -> Any:
        value: Any = self.document
        steps = list(way)
        if steps[0] == "sections":
            value, steps = self.sections[steps[1]], steps[2:]
        return _follow(value, steps)


def _half(slot: Slot, node: Mapping[str, Any] | None, value: float) -> float:
    """Half a unit of the last digit of a value that is written for a number of the document.

    Of the digit with which the number is printed, or, where more are written, of the last of these.
    """
    decimals = slot.decimals if node is None else node.get("decimals", slot.decimals)
    half = half_unit({"decimals": decimals, "style": slot.style})
    places = round(-math.log10(2 * half))
    return half if abs(round(value, places) - value) < 1e-12 else written_half(value)


def _follow(value: Any, steps: Sequence[str | int]) -> Any:
    """What steps lead to; None where there is no such place."""
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _values(value: Any) -> Iterator[float]:
    """The values of all numbers of a document."""
    if isinstance(value, dict):
        if isinstance(value.get("value"), int | float):
            yield float(value["value"])
        for item in value.values():
            yield from _values(item)
    elif isinstance(value, list):
        for item in value:
            yield from _values(item)


def _number(text: Any) -> float | None:
    """A number of a file; None for text."""
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def _said(text: str) -> list[str]:
    """What a text says in digits and marks, however it is set."""
    return SAID.findall(text)


def _sheets(content: bytes) -> Iterator[list[_Line]]:
    """Numbers of the sheets of a workbook after those before the tables, as lines of cells."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        number = FRONT_SHEETS + 1
        while (name := f"xl/worksheets/sheet{number}.xml") in book.NameToInfo:
            yield _lines(book.read(name).decode())
            number += 1


class _Line(dict):
    """Cells of a line by column; empty where there is none."""

    def __missing__(self, place: int) -> str:
        return ""


class _Lines(dict):
    def __missing__(self, line: int) -> _Line:
        return _Line()


def _lines(sheet: str) -> _Lines:
    lines = _Lines()
    for letters, row, value in SHEET_CELL.findall(sheet):
        column = 0
        for letter in letters:
            column = 26 * column + ord(letter) - ord("A") + 1
        lines.setdefault(int(row) - 1 - HEAD_LINES, _Line())[column - 1] = value
    return lines
