"""What anyone can read of a published report: its tables, its words, its charts. No more."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HIDDEN = "[c]"
HEADING = "Heading"  # column before those of a table on the page: what names several rows
LONG = "tidy"  # the table of all statistics, under the name of its file
TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.DOTALL)
NUMBER = re.compile(r"[-−]?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?")


@dataclass(frozen=True)
class Table:
    """A table as its CSV file holds it: names of columns, and rows of texts."""

    name: str
    columns: list[str]
    rows: list[list[str]]

    def records(self) -> list[dict[str, str]]:
        """Rows as texts by column."""
        return [dict(zip(self.columns, row, strict=False)) for row in self.rows]


@dataclass(frozen=True)
class Publication:
    """The files of one report.

    Attributes
    ----------
    tables : dict of str to Table
        ``tables/*.csv`` by name.
    charts : dict of str to Table
        ``figures/*.csv`` by name.
    words : str
        All text: pages, briefs, words of drawings with their alternatives, cells of the workbook.
    """

    tables: dict[str, Table] = field(default_factory=dict)
    charts: dict[str, Table] = field(default_factory=dict)
    words: str = ""

    def records(self, name: str) -> list[dict[str, str]]:
        """Rows of a table; none where it was not published."""
        return self.tables[name].records() if name in self.tables else []

    def grouped(self, name: str) -> Iterator[tuple[str, str, dict[str, str]]]:
        """Group, label and cells of the rows of a table.

        Groups stand in a column of headings or, in older files, in rows without cells.
        """
        group = ""
        for row in self.records(name):
            cells = dict(row)
            own = cells.pop(HEADING, None)
            label = cells.pop(next(iter(cells)))
            if own is None and not any(cells.values()):
                group = label
                continue
            yield (group if own is None else own), label, cells


def read_publication(folder: Path) -> Publication:
    """Read the files of a folder that was published."""
    tables = {path.stem: _table(path) for path in sorted(folder.glob("tables/*.csv"))}
    charts = {path.stem: _table(path) for path in sorted(folder.glob("figures/*.csv"))}
    pages = [*sorted(folder.glob("*.html")), *sorted(folder.glob("figures/*.svg"))]
    if (folder / "report.json").exists():
        document = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        for block in _blocks(document):
            if block["type"] == "table" and block["id"] in tables:
                _print_digits(tables[block["id"]], block)
    if (folder / "tidy.csv").exists():
        tables[LONG] = _table(folder / "tidy.csv")
    words = [_words(path.read_text(encoding="utf-8")) for path in pages]
    words += [_book(path) for path in folder.glob("*.xlsx")]
    words += [path.read_text(encoding="utf-8") for path in folder.glob("report.json")]
    return Publication(tables, charts, " ".join(words))


def _blocks(document: dict) -> Iterator[dict]:
    found = document.get("findings", {})
    yield from (block for block in map(found.get, ("figure", "lead", "table")) if block)
    yield from (block for section in document["sections"] for block in section["blocks"])


def _print_digits(table: Table, block: dict) -> None:
    """Write numbers with all digits with which they are printed: 0.3 as 0.300 where it is 30.0%."""
    rows = [row["cells"] for row in block["rows"] if row["kind"] != "group"]
    for texts, cells in zip(table.rows, rows, strict=True):
        start = len(texts) - len(block["columns"])
        for place, cell in enumerate(cells, start=start):
            if cell.get("style") in ("percent", "number") and number_in(texts[place]) is not None:
                places = cell["decimals"] + 2 * (cell["style"] == "percent")
                texts[place] = f"{float(texts[place]):.{max(places, 0)}f}"


def _table(path: Path) -> Table:
    lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    return Table(path.stem, lines[0], lines[1:]) if lines else Table(path.stem, [], [])


def _words(page: str) -> str:
    alternatives = re.findall(r'(?:alt|aria-label|title|content)="([^"]*)"', page)
    text = " ".join([TAG.sub(" ", page), *alternatives])
    return " ".join(html.unescape(text).split())


def _book(path: Path) -> str:
    with zipfile.ZipFile(path) as book:
        return " ".join(_words(book.read(name).decode()) for name in sorted(book.namelist())
                        if name.endswith(".xml"))  # fmt: skip


def number_in(text: str | None) -> float | None:
    """The number of a cell; None where it holds none, or marks one as hidden."""
    found = NUMBER.fullmatch((text or "").strip())
    return float(found.group().replace(",", "").replace("−", "-")) if found else None


def half_of(text: str) -> float:
    """Half a unit of the last digit of a printed number; one without decimals may end in zeros."""
    whole, __, decimals = text.strip().replace(",", "").partition(".")
    if decimals:
        return 0.5 * 10.0 ** -len(decimals)
    zeros = len(whole) - len(whole.rstrip("0"))
    return 0.5 * 10.0**zeros if whole.strip("-−") != "0" else 0.5
