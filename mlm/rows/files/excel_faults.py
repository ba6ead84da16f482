"""Cells of an Excel sheet that its reader gives as empty though they are not; runs in the child.

These are errors such as #N/A, formulas that were stored without their value, and cells merged with
the one that holds their value.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree

from mlm.errors import FIRST_CASES, quoted
from mlm.rows.files.refusal import Refused

Fault = Literal["error", "formula", "merged"]

# no part may match what the part before it may: each byte is looked at once
_START = re.compile(rb"<(?:\w{1,20}:)?(c|row)(?:\s([^<>]*))?>")
_IS_ERROR = re.compile(rb"""(?:^|\s)t\s?=\s?["']e["']""")
_IS_TEXT = re.compile(rb"""(?:^|\s)t\s?=\s?["'](?:str|inlineStr)["']""")
_PLACE = re.compile(rb"""(?:^|\s)r\s?=\s?["']([A-Z]{0,3})([0-9]{1,7})["']""")
_FORMULA = re.compile(rb"<(?:\w{1,20}:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w{1,20}:)?v(?:\s[^<>]*)?>[^<]")
_EMPTY = re.compile(rb"<(?:\w{1,20}:)?v[\s/>]")
_WORDS: dict[Fault, str] = {
    "error": "an error of Excel such as #DIV/0! or #N/A; correct the formulas or empty the cells",
    "formula": "a formula without a stored value; open the file in a spreadsheet and save it, so "
    "that values are computed",
    "merged": "no value, as they are merged with the cell above or beside them; undo the merging "
    "and fill in each cell",
}


@dataclass(frozen=True)
class CellFault:
    """A cell whose value the reader cannot give.

    Attributes
    ----------
    kind : {"error", "formula", "merged"}
        What is wrong.
    row, column : int
        Place in the sheet, from 0.
    """

    kind: Fault
    row: int
    column: int

    @property
    def name(self) -> str:
        """The cell as spreadsheets name it: B5."""
        letters, rest = "", self.column + 1
        while rest:
            rest, last = divmod(rest - 1, 26)
            letters = chr(65 + last) + letters
        return f"{letters}{self.row + 1}"


def sheet_faults(
    path: str,
    sheet: str,
    size: tuple[int, int],
    merged: Iterable[tuple[tuple[int, int], tuple[int, int]]],
) -> list[CellFault]:
    """All cells of a sheet that the reader gives as empty though they are not.

    Parameters
    ----------
    path : str
        The file.
    sheet : str
        Name of the sheet.
    size : (rows, columns)
        What the sheet holds, from its first cell.
    merged : iterable of ((row, column), (row, column))
        First and last cell of each range of merged cells.
    """
    found = []
    with zipfile.ZipFile(path) as archive:
        for part in _parts(archive, sheet):
            found += _stored(archive.read(part))
    n_left = size[0] * size[1]
    for (top, left), (bottom, right) in merged:
        down, across = range(top, min(bottom + 1, size[0])), range(left, min(right + 1, size[1]))
        n_left -= len(down) * len(across)
        if n_left < 0:
            raise Refused(
                f"sheet {quoted(sheet)}: its merged cells overlap; the file is damaged, ask for it "
                "again"
            )
        cells = ((row, column) for row in down for column in across)
        found += [CellFault("merged", *cell) for cell in cells if cell != (top, left)]
    return found


def fault_texts(faults: Sequence[CellFault], sheet: str, names: Mapping[int, str]) -> list[str]:
    """What to say of the faults in some columns, given by place and name."""
    by_column: dict[tuple[int, Fault], list[CellFault]] = {}
    for fault in faults:
        by_column.setdefault((fault.column, fault.kind), []).append(fault)
    texts = []
    for column, name in names.items():
        for kind, words in _WORDS.items():
            if cells := by_column.get((column, kind)):
                first = ", ".join(cell.name for cell in cells[:FIRST_CASES])
                n = "1 cell holds" if len(cells) == 1 else f"{len(cells)} cells hold"
                texts.append(f"sheet {quoted(sheet)}, column {quoted(name)}: {n} {words} ({first})")
    return texts


def _parts(archive: zipfile.ZipFile, sheet: str) -> list[str]:
    """The part of a workbook that holds a sheet; all sheets where its book does not tell."""
    every = [n for n in archive.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", n)]
    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return every
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for entry in book.iter():
        if entry.tag.endswith("}sheet") and entry.get("name") == sheet:
            links_to = [value for key, value in entry.attrib.items() if key.endswith("}id")]
            target = targets.get(links_to[0], "") if links_to else ""
            part = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
            if part in archive.namelist():
                return [part]
    return every


def _stored(xml: bytes) -> Iterator[CellFault]:
    """Errors, and formulas without a value, of the XML of a sheet."""
    if not _FORMULA.search(xml) and not _IS_ERROR.search(xml):
        return
    row = column = -1
    starts = _START.finditer(xml)
    start = next(starts, None)
    while start is not None:
        following = next(starts, None)
        attributes = start[2] or b""
        place = _PLACE.search(attributes)
        if start[1] == b"row":
            row, column = int(place[2]) - 1 if place else row + 1, -1
        else:
            column += 1
            if place:
                row, column = int(place[2]) - 1, _column(place[1]) if place[1] else column
            end = following.start() if following is not None else len(xml)
            kind = _fault(attributes, xml, start.end(), end)
            if kind is not None:
                yield CellFault(kind, row, column)
        start = following


def _fault(attributes: bytes, xml: bytes, start: int, end: int) -> Fault | None:
    """What is wrong with a cell, whose content stands between two places."""
    if _IS_ERROR.search(attributes):
        return "error"
    if attributes.endswith(b"/"):
        return None
    if _FORMULA.search(xml, start, end) is None:
        return None
    has_value = _EMPTY if _IS_TEXT.search(attributes) else _VALUE  # a text may be empty
    return None if has_value.search(xml, start, end) else "formula"


def _column(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = 26 * place + letter - 64
    return place - 1
