"""What lines and columns a table has in a file: one heading a column, one line a row.

On a page a row may name the rows below it. In a file it is a column of its own before the others,
so that each line can be read, sorted and filtered by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlm.pages.language import _

FRONT_SHEETS = 2  # of the workbook, before the tables: the contents and the notes
HEAD_LINES = 3  # of a sheet, before the rows: the title, the way back, the headings


@dataclass(frozen=True)
class TableLines:
    """A table as lines of cells.

    Attributes
    ----------
    headings : list of str
        All different.
    lines : list of list of dict
        The cells of each line, one a heading.
    places : dict
        Line by the place of a row in the table; rows that name others have none.
    keys : int
        Columns that stand before those of the table.
    """

    headings: list[str]
    lines: list[list[Mapping[str, Any]]]
    places: dict[int, int]
    keys: int


def table_lines(block: Mapping[str, Any]) -> TableLines:
    """The lines and columns of a table of the document."""
    has_names = any(row["kind"] == "group" for row in block["rows"])
    width = len(block["columns"])
    lines: list[list[Mapping[str, Any]]] = []
    places: dict[int, int] = {}
    empty = {"text": ""}
    name: Mapping[str, Any] = empty
    for position, row in enumerate(block["rows"]):
        if row["kind"] == "group":
            name = row["cells"][0]
            continue
        places[position] = len(lines)
        cells = [*row["cells"], *[empty] * (width - len(row["cells"]))]
        lines.append([name if row["kind"] == "indented" else empty, *cells] if has_names else cells)
    headings = [*([_("Heading")] if has_names else []), *_headings(block["columns"])]
    return TableLines(_numbered(headings), lines, places, int(has_names))


def _headings(columns: Sequence[Mapping[str, str]]) -> list[str]:
    """Headings of columns with the one above them; of equal ones, with the column before."""
    labels = [column["label"] or _("Row") for column in columns]
    alone = [label for label, column in zip(labels, columns, strict=True) if not column["group"]]
    often = {label for label, n in Counter(alone).items() if n > 1}
    found, before = [], ""
    for label, column in zip(labels, columns, strict=True):
        above = column["group"]
        if not above and label in often:
            above = before
        elif not above:
            before = label
        found.append(f"{above}: {label}" if above else label)
    return found


def _numbered(headings: Sequence[str]) -> list[str]:
    """Headings made different by a number."""
    found: list[str] = []
    for heading in headings:
        name, number = heading, 2
        while name in found:
            name, number = f"{heading} ({number})", number + 1
        found.append(name)
    return found
