"""Quoted cells that hold whole rows of their file: two stray quotation marks swallow the rows.

A cell that opens in column i of a file of k columns, and closes in the same column some lines
below, has k - 1 - i delimiters in its first line, k - 1 in each line between and i in its last
one. A comment of several lines has not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_BREAK = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class QuotedRows:
    """Lines of a file that count as one row, because a quoted cell holds rows.

    Attributes
    ----------
    first, last : int
        Numbers of the lines.
    """

    first: int
    last: int


def quoted_rows(
    records: Iterable[tuple[int, Sequence[str]]], width: int, delimiter: str
) -> Iterator[QuotedRows]:
    """Records with a cell that holds line breaks and the delimiters of whole rows.

    Parameters
    ----------
    records : iterable of (line, cells)
        Number of the last line of each record, and its cells.
    width : int
        Number of columns of the file; with one column no cell can be told from rows.
    delimiter : str
        Character between cells.
    """
    if width < 2:
        return
    before = 0
    for line, cells in records:
        if line > before + 1 and _holds_rows(cells, width, delimiter):
            yield QuotedRows(before + 1, line)
        before = line


def _holds_rows(cells: Sequence[str], width: int, delimiter: str) -> bool:
    for place, cell in enumerate(cells):
        lines = _BREAK.split(cell)
        if len(lines) < 2:
            continue
        found = [line.count(delimiter) for line in lines]
        between = {n for n, line in zip(found[1:-1], lines[1:-1], strict=True) if line.strip()}
        ends = found[0] == width - 1 - place and found[-1] == place
        if ends and between <= {width - 1}:
            return True
    return False
