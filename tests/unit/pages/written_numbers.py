"""Numbers of written files, and those with more digits than the report's document gives them."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import PurePath
from xml.etree import ElementTree

from mlm.pages.rounding import SHARES
from tests.unit.pages.reading import Page

MOST_DIGITS = 7  # of a value without stated decimals: in the data of a chart
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")

FINE = re.compile(r"(?<![\w.])\d+[.,]\d{5,}(?![\w.])")  # inside a text


def faults_of(files: dict[str, bytes]) -> tuple[list[str], int]:
    """Numbers that are finer than the rule allows, with their files; how many were looked at."""
    document = json.loads(files["report.json"], parse_float=Written, parse_int=Written)
    known, wrong = published(document)
    values = {float(literal) for literal in known}
    found = {name: written(name, content) for name, content in files.items()}
    strange = [
        f"{name}: {literal}"
        for name, literals in found.items()
        for literal in literals
        if float(literal) not in values
    ]
    return [*wrong, *strange], len(known) + sum(map(len, found.values()))


def digits(literal: str) -> int:
    """Significant digits that a number is written with."""
    return len(literal.partition("e")[0].replace(".", "").lstrip("-+0"))


def decimals(literal: str) -> int:
    return len(literal.partition("e")[0].partition(".")[2])


def published(value) -> tuple[set[str], list[str]]:
    """Literals of a document, and those that have more digits than they may."""
    if isinstance(value, Written):
        return {value}, [value] if "." in value and digits(value) > MOST_DIGITS else []
    if isinstance(value, str):
        return set(), FINE.findall(value)
    known, wrong = set(), []
    if isinstance(value, dict):
        wrong += [str(value)] if _is_too_long(value) else []
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        more, bad = published(item)
        known |= more
        wrong += bad
    return known, wrong


def _is_too_long(run: dict) -> bool:
    """Whether the value of a run or cell has more digits than are stated beside it."""
    if run.get("value") is None or "decimals" not in run:
        return False
    if run["style"] in ("p", "p_equals", "plain", "tiny"):
        return digits(run["value"]) > 6
    return decimals(run["value"]) > max(int(run["decimals"]), 0) + 2 * (run["style"] in SHARES)


class Written(str):
    """A number as it is written in a file."""


def written(name: str, content: bytes) -> list[str]:
    """The numbers of a file that are values: cells, and values of the page."""
    suffix = PurePath(name).suffix
    if suffix == ".csv":
        cells = [cell for row in csv.reader(io.StringIO(content.decode())) for cell in row]
        return [cell for cell in cells if NUMBER.fullmatch(cell) and "." in cell]
    if suffix == ".html":
        return [value for value, __ in Page(content.decode()).data if NUMBER.fullmatch(value)]
    if suffix == ".xlsx":
        return [literal for literal in _numeric_cells(content) if "." in literal]
    return []


def _numeric_cells(content: bytes) -> list[str]:
    """Values of the cells of a workbook that are numbers."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    found = []
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for name in book.namelist():
            if name.startswith("xl/worksheets/"):
                for cell in ElementTree.fromstring(book.read(name)).iter(f"{space}c"):
                    if cell.get("t") is None and cell.find(f"{space}v") is not None:
                        found.append(cell.find(f"{space}v").text)
    return found
