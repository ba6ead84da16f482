"""The parts a report document is made of: paragraphs, tables, figures, notes, equations.

Each function returns a plain dictionary, ready for JSON. Templates only lay these out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mlm.pages.language import _
from mlm.pages.rounding import NOT_APPLICABLE, NOT_IN_MODEL, SHORTHAND, Number, percent
from mlm.pages.text import Part, Run, plain_text, say
from mlm.results.reading import At

MARKS = (NOT_APPLICABLE, NOT_IN_MODEL)  # in place of a number that a chart has not
BEHIND = ("observed", "saturated")  # columns of a chart that stand behind its own numbers
LONG_CELL = 28  # letters of a cell from which its column is wide
Block = dict[str, Any]
Cell = str | Number | Mapping[str, str] | Sequence[Run] | None


def slug(name: str) -> str:
    """A name as an identifier that is safe in files, links and markup."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")


def symbol(letter: str, index: str) -> dict[str, str]:
    """A cell that shows a letter with an index below it."""
    return {"text": f"{letter}_{index}", "letter": letter, "index": index}


def paragraph(runs: Part, role: str = "body") -> Block:
    """A paragraph; role ``answer`` for the sentence that answers a section's question."""
    return {"type": "paragraph", "role": role, "runs": _runs(runs)}


def note(kind: str, runs: Part) -> Block:
    """A boxed remark; kind is ``information`` or ``caution``."""
    return {"type": "note", "kind": kind, "runs": _runs(runs)}


def heading(identifier: str, text: str) -> Block:
    """A heading inside a section."""
    return {"type": "heading", "id": slug(identifier), "text": text}


def bullets(items: Sequence[Part]) -> Block:
    """An unordered list of sentences."""
    return {"type": "list", "items": [_runs(item) for item in items]}


def definitions(entries: Sequence[tuple[str, Part]]) -> Block:
    """Terms with their explanations."""
    return {
        "type": "definitions",
        "entries": [{"term": term, "runs": _runs(runs)} for term, runs in entries],
    }


def code(text: str, label: str) -> Block:
    """Text to be copied as it stands (a formula, a command)."""
    return {"type": "code", "text": text, "label": label}


def equation(tokens: Sequence[Mapping[str, str]], spoken: str) -> Block:
    """A displayed equation.

    Parameters
    ----------
    tokens : sequence of mapping
        Each either ``{"op": text}`` or ``{"sym": letter, "sub": text, "sup": text}``.
    spoken : str
        The equation in words, for readers who do not see it.
    """
    tokens = [{"op": "", "sym": "", "sub": "", "sup": ""} | dict(token) for token in tokens]
    return {"type": "equation", "tokens": tokens, "spoken": spoken}


def column(
    label: str, kind: str = "number", group: str = "", main: bool = False, follows: bool = False
) -> dict[str, str | bool]:
    """A column of a table: heading, ``text`` or ``number``, and an optional spanning heading.

    Where there is room for a few columns only, the `main` ones are shown. What follows from other
    columns or tables (a share beside its count) is left out whole where any of it is hidden.
    """
    return {"label": label, "kind": kind, "group": group, "main": main, "follows": follows}


def group_row(label: str) -> dict[str, Any]:
    """A row that names the rows below it."""
    return {"kind": "group", "cells": [label]}


def row(*cells: Cell, indented: bool = False) -> dict[str, Any]:
    """A row of cells; the first is its header, indented below a `group_row`."""
    return {"kind": "indented" if indented else "row", "cells": list(cells)}


def table(
    identifier: str,
    caption: Part,
    columns: Sequence[Mapping[str, str]],
    rows: Sequence[Mapping[str, Any]],
    notes: Sequence[Part] = (),
    alike: Sequence[Sequence[int]] = (),
    folded: bool = False,
) -> Block:
    """A table with caption; every cell gets an id, every number keeps its source.

    Parameters
    ----------
    identifier : str
        Short name, unique in the document; also the name of its CSV file.
    columns : sequence of `column`
    rows : sequence of `row` or `group_row`
    notes : sequence of text or runs
        Printed below the table; the key of shorthand symbols is added by itself.
    alike : sequence of sequence of int
        Places of columns that are read together and share their decimals (`agree`).
    folded : bool
        Whether it is for those who check the rest: folded on the page, and in a PDF its caption.
    """
    identifier = slug(identifier)
    made = [_row(identifier, i, item) for i, item in enumerate(rows)]
    columns = [dict(item) | {"long": _is_long(made, i)} for i, item in enumerate(columns)]
    return {
        "type": "table",
        "id": identifier,
        "label": "",
        "caption": _runs(caption),
        "columns": columns,
        "has_groups": any(item["group"] for item in columns),
        "spans": spans_of(columns),
        "rows": made,
        "notes": [_runs(item) for item in notes],
        "alike": [list(places) for places in alike],
        "folded": folded,
    }


def has_table(blocks: Sequence[Block], names: tuple[str, ...]) -> bool:
    """Whether a table is among blocks whose identifier begins with one of some names."""
    return any(block["type"] == "table" and block["id"].startswith(names) for block in blocks)


def finish(block: Block) -> None:
    """Finish a table: texts of cells with several parts, decimal points, key of its shorthand."""
    block.pop("alike", None)
    _align(block["columns"], block["rows"])
    for item in block["columns"]:
        item.pop("follows", None)
    for cell in (cell for item in block["rows"] for cell in item["cells"] if "runs" in cell):
        cell["text"] = plain_text(cell["runs"])
    used = {cell["text"] for item in block["rows"] for cell in item["cells"]}
    block["notes"] += [
        say("{mark} {meaning}.", mark=mark, meaning=_(meaning))
        for mark, meaning in SHORTHAND.items()
        if mark in used
    ]


def drawn_rows(block: Mapping[str, Any]) -> list[int]:
    """Positions of the rows of a figure that are drawn: those whose own numbers are not hidden.

    Hidden counts and shares have marks of their own, and what stands behind a number may be
    missing.
    """
    gone = {
        position
        for name, position in block.get("hidden", ())
        if name not in block.get("sources", {}) and name not in BEHIND
    }
    size = max(map(len, block["data"].values()), default=0)
    return [position for position in range(size) if position not in gone]


def finish_figure(block: Block) -> None:
    """Finish a figure: where its rounded numbers come from is of no use to its readers."""
    block.pop("numbers", None)


def figure(
    identifier: str,
    kind: str,
    caption: Part,
    how: Part,
    alt: Part,
    data: Mapping[str, Sequence[Any]],
    options: Mapping[str, Any] | None = None,
    pooled: int = 0,
    unit: str = "",
    title: Part = "",
) -> Block:
    """A chart: what it shows, how to read it, its text alternative and the data it draws.

    Parameters
    ----------
    kind : str
        Which drawing of :mod:`mlm.pages.figures` makes it.
    data : mapping of str to sequence
        Columns of equal length; written beside the chart as CSV. Numbers are given as they are
        published (:func:`mlm.pages.rounding.drawn` and others), counts and shares of rows and units
        as views, so that a public report can hide them. A number that there cannot be is
        `NOT_APPLICABLE` or `NOT_IN_MODEL`; one that is not known is None.
    options : mapping, optional
        Axis labels and other words the drawing needs; numbers as in `data`.
    pooled : int
        Marks of too few units that were joined with their neighbours.
    unit : str
        What the chart is measured in.
    title : text or runs
        What the chart finds, in one sentence; empty where it finds nothing in particular.
    """
    return {
        "type": "figure",
        "id": f"{slug(identifier)}-chart",
        "label": "",
        "kind": kind,
        "title": _runs(title) if title else [],
        "caption": _runs(caption),
        "unit": unit,
        "how": _runs(how),
        "alt": _runs(alt),
        "data": {name: [_bare(value) for value in values] for name, values in data.items()},
        "sources": {
            name: [value.source if isinstance(value, At) else None for value in values]
            for name, values in data.items()
            if any(isinstance(value, At) for value in values)
        },
        "marks": [
            [name, position, value]
            for name, values in data.items()
            for position, value in enumerate(values)
            if value in MARKS
        ],
        "hidden": [],
        "numbers": {
            name: [value.source if isinstance(value, Number) else None for value in values]
            for name, values in data.items()
        },
        "pooled": pooled,
        "options": {name: _bare(value) for name, value in (options or {}).items()},
    }


def _bare(value: Any) -> Any:
    """What a chart has of a value: the published one.

    Raises
    ------
    TypeError
        A number that no rule has rounded.
    """
    if isinstance(value, Number):
        return value.value
    if isinstance(value, At):
        return percent(value).value if isinstance(value.value, float) else value.value
    if value in MARKS:
        return None
    if isinstance(value, float):
        raise TypeError(f"a chart was given the exact number {value!r}: round it by drawn()")
    return value


def _runs(part: Part) -> list[Run]:
    return say("{part}", part=part)


def _row(identifier: str, position: int, item: Mapping[str, Any]) -> dict[str, Any]:
    cells = []
    for number, cell in enumerate(item["cells"]):
        cells.append(_cell(cell) | {"id": f"{identifier}-{position + 1}-{number + 1}"})
    return {"kind": item["kind"], "cells": cells}


def _cell(cell: Cell) -> dict[str, Any]:
    if isinstance(cell, Number):
        return cell.run()
    if isinstance(cell, Mapping):
        return dict(cell)
    if isinstance(cell, list):
        return {"text": plain_text(cell), "runs": cell}
    return {"text": cell or ""}


def _is_long(rows: Sequence[dict[str, Any]], position: int) -> bool:
    """Whether a column holds texts of more than a few words, which need room on a phone."""
    cells = [row["cells"] for row in rows if row["kind"] != "group"]
    return any(len(c[position]["text"]) > LONG_CELL for c in cells if len(c) > position)


def _align(columns: Sequence[Mapping[str, str]], rows: Sequence[dict[str, Any]]) -> None:
    """Give each cell the places its decimals lack, so that decimal points stand in line."""
    for position, item in enumerate(columns):
        if item["kind"] != "number":
            continue
        cells = [made["cells"][position] for made in rows if len(made["cells"]) > position]
        shown = [cell for cell in cells if cell.get("style") in ("number", "signed")]
        most = max((cell["decimals"] for cell in shown), default=0)
        for cell in shown:
            places = max(cell["decimals"], 0)
            if places < most and cell["value"] is not None:
                cell["pad"] = most - places
                cell["pad_point"] = places == 0


def spans_of(columns: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Headings over several columns, each with how many it spans."""
    spans: list[dict[str, Any]] = []
    for item in columns:
        if spans and spans[-1]["label"] == item["group"] and item["group"]:
            spans[-1]["width"] += 1
        else:
            spans.append({"label": item["group"], "width": 1})
    return spans
