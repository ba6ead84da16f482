"""Trimming: parts of tables of which nearly nothing is left once few people are protected.

A group of rows in each of which numbers are hidden, half of them in all, tells little; a column
that follows from others (a share beside its count) and has gaps tells little. They are left out,
and a note of the table names them. A sentence in a cell is said without its hidden numbers. What is
left out shows less, so that nothing that was protected can follow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlm.pages.blocks import spans_of
from mlm.pages.language import _
from mlm.pages.printed.rewording import say_instead
from mlm.pages.rounding import CONFIDENTIAL
from mlm.pages.text import enumerate_words, say

Row = dict[str, Any]


def trim(table: dict[str, Any]) -> Counter[str]:
    """Leave out groups of rows that tell nothing, and columns that follow and have gaps.

    Returns
    -------
    Counter
        Hidden cells that were left out, by the rule that hid them.
    """
    before = _hidden(table)
    for row in table["rows"]:
        for cell in row["cells"]:
            say_instead(cell.get("runs", []))
            _shorten(cell)
    names = [*_trim_groups(table), *_trim_columns(table)]
    if names:
        told = _("Left out, since numbers of them would be hidden: {names}.")
        table["notes"].append(say(told, names=enumerate_words(names)))
    return before - _hidden(table)


def _hidden(value: Any) -> Counter[str]:
    """How many numbers each rule hides."""
    found: Counter[str] = Counter()
    left = [value]
    while left:
        part = left.pop()
        if isinstance(part, list):
            left += part
        elif isinstance(part, dict):
            if "hidden" in part and "text" in part:
                found[part["hidden"]] += 1
            else:
                left += part.values()
    return found


def _shorten(cell: dict[str, Any]) -> None:
    """One mark for a sentence in a cell that has several."""
    hidden = [run for run in cell.get("runs", ()) if "hidden" in run]
    if len(hidden) > 1:
        kept = {"text": CONFIDENTIAL, "hidden": hidden[0]["hidden"], "id": cell["id"]}
        cell.clear()
        cell.update(kept)


def _counts(cells: Iterable[Mapping[str, Any]]) -> tuple[int, int]:
    """How many numbers of cells are shown, and how many hidden."""
    known = list(cells)
    return sum("source" in cell for cell in known), sum("hidden" in cell for cell in known)


def _trim_groups(table: dict[str, Any]) -> Iterator[str]:
    """Leave out rows below a name that tell little, with the name; the names."""
    numbers = [place for place, column in enumerate(table["columns"]) if column["kind"] == "number"]

    def tells_little(rows: list[Row]) -> bool:
        counts = [_counts(row["cells"][place] for place in numbers) for row in rows]
        shown, hidden = map(sum, zip(*counts, strict=True))
        return all(gaps for __, gaps in counts) and hidden > 1 and shown <= hidden

    groups = _groups(table["rows"])
    kept = [rows for rows in groups if len(rows) == 1 or not tells_little(rows[1:])]
    if kept:
        yield from (rows[0]["cells"][0]["text"] for rows in groups if rows not in kept)
        table["rows"] = [row for rows in kept for row in rows]


def _groups(rows: list[Row]) -> list[list[Row]]:
    """Each row with those below it that it names."""
    groups: list[list[Row]] = []
    for row in rows:
        if row["kind"] == "indented" and groups and groups[-1][0]["kind"] == "group":
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _trim_columns(table: dict[str, Any]) -> Iterator[str]:
    """Leave out columns that follow from others and have gaps."""
    rows = [row["cells"] for row in table["rows"] if row["kind"] != "group"]
    gone = [
        place
        for place, column in enumerate(table["columns"])
        if column["follows"] and _counts(cells[place] for cells in rows)[1]
    ]
    for place in gone:
        column = table["columns"][place]
        yield ": ".join(filter(None, (column["group"], column["label"])))
    if not gone:
        return
    for cells in rows:
        cells[:] = [cell for place, cell in enumerate(cells) if place not in gone]
    table["columns"] = [c for place, c in enumerate(table["columns"]) if place not in gone]
    table["has_groups"] = any(column["group"] for column in table["columns"])
    table["spans"] = spans_of(table["columns"])
