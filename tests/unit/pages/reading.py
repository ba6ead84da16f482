"""Reading a page back: its numbers, text and cells."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from mlm.pages.derived import trace
from mlm.pages.document import tables_of
from mlm.pages.rounding import rounded

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


class Page(HTMLParser):
    """The parts of an HTML page that tests look at."""

    def __init__(self, text: str):
        super().__init__()
        self.data: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.tags: list[tuple[str, dict]] = []
        self._open: list[str] = []
        self._value: str | None = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)
        if tag == "data":
            self._value = dict(attrs)["value"]
            self.data.append((self._value, ""))

    def handle_endtag(self, tag):
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag == "data":
            self._value = None

    def handle_data(self, data):
        if self._value is not None:
            self.data[-1] = (self._value, self.data[-1][1] + data)
        if not {"style", "svg", "script"} & set(self._open):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def ids(self) -> list[str]:
        return [attrs["id"] for _, attrs in self.tags if "id" in attrs]


def numbers_of(value) -> list[dict]:
    """Every printed number of a document: runs and cells that carry a source."""
    if isinstance(value, dict):
        here = [value] if "source" in value else []
        return here + [found for item in value.values() for found in numbers_of(item)]
    if isinstance(value, list):
        return [found for item in value for found in numbers_of(item)]
    return []


def is_traced(found: dict, inputs: dict) -> bool:
    """Whether a printed number is the rounded value of what its source names."""
    value = trace(found["source"], inputs)
    return rounded(value, found["decimals"], found["style"]) == found["value"]


def strings_of(value) -> list[str]:
    """Every text of a document."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [found for item in value.values() for found in strings_of(item)]
    if isinstance(value, list):
        return [found for item in value for found in strings_of(item)]
    return []


def table_of(document, identifier: str) -> dict:
    """The table of a document with an identifier."""
    return next(table for table in tables_of(document) if table["id"] == identifier)


def sentences(document) -> str:
    """All running text of a document, one block a line."""
    lines = []
    for name in ("items", "further", "untold", "remarks"):
        for finding in document["findings"][name]:
            lines.append("".join(run["text"] for run in finding["runs"]))
    for section in document["sections"]:
        for block in section["blocks"]:
            items = block["items"] if block["type"] == "list" else [block.get("runs")]
            lines += ["".join(run["text"] for run in item) for item in items if item]
    return "\n".join(lines)
