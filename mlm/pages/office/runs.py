"""Runs of a document in a paragraph of an office file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlm.pages.text import Run

INK = "0b0c0c"


def write(paragraph, runs: Sequence[Run]) -> None:
    """Append runs to a paragraph of python-docx or python-pptx, emphasis in bold."""
    for run in runs:
        made = paragraph.add_run()
        made.text = run["text"]
        if "strong" in run:
            made.font.bold = True


def cell_runs(cell: Mapping[str, Any]) -> list[Run]:
    """The runs of a cell of a table."""
    if "runs" in cell:
        return cell["runs"]
    if "letter" in cell:
        return [{"text": f"{cell['letter']}{cell['index']}"}]
    return [{"text": cell["text"]}]


def head(column: Mapping[str, Any]) -> str:
    """The heading of a column, after that over several of them."""
    return ": ".join(part for part in (column["group"], column["label"]) if part)


def bare(colour: str) -> str:
    """A colour as office programs write it, without its sign."""
    return colour.removeprefix("#")
