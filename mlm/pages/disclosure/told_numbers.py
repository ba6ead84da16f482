"""Numbers in the words of the files: each must stand in the document beside the same words.

Pages, briefs, charts and office files are made of the document. What they say is read again, and
every number in it, with the word before or after it, must be said by the document too: there each
number has its source, and what it says of counts is known.
"""

from __future__ import annotations

import itertools
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from mlm.pages.disclosure.printed import Printed
from mlm.pages.disclosure.readers.kinds import read_file
from mlm.pages.disclosure.readers.page import read_page
from mlm.pages.disclosure.readers.said import Said
from mlm.pages.drawing.letters import Typeface
from mlm.pages.tidy_table.rows import SIDES

TOKEN = re.compile(r"U\+[0-9A-F]{4,6}|\d+(?:[\u00a0\u202f]\d{3}(?!\d))*(?:[.,]\d+)*|[^\W\d_]+|\?")
DIGIT = re.compile("[0-9]")
UNREAD_LETTER = "?"
STEPS, ROUNDING = {"1", "2", "2.5", "5"}, 1e-6
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
JOINT = re.compile(r"[:^@]")  # of codes and headings in cells
MATHEMATICAL = {  # letters of equations in all their shapes
    code: string.ascii_letters[(code - 0x1D400 + 26) % 52] for code in range(0x1D400, 0x1D6A4)
}
SIZES = {"kB", "MB", "ko", "Mo"}
TITLES = ("title", "survey_title")
Place = tuple[str | None, str, str | None]


def strange_numbers(
    files: Mapping[str, bytes],
    document: Mapping[str, Any],
    own: Any = None,
    typeface: Typeface | None = None,
) -> list[str]:
    """Numbers that files say and the document does not, each with its file and words.

    Parameters
    ----------
    files : mapping of str to bytes
        All files of a report.
    document : mapping
        ``report.json``.
    own : JSON value, optional
        The survey's configuration, whose names and codes the long table repeats.
    typeface : Typeface, optional
        Letters of the house.
    """
    known = _Known(document, own)
    found = []
    for name, content in files.items():
        if name != "report.json":
            found += [
                f"{name}: {words}" for words in known.strange(read_file(name, content, typeface))
            ]
    return found


def strange_on_index(page: bytes, documents: Sequence[Mapping[str, Any]]) -> list[str]:
    """Numbers of an index that none of its reports says, but for the sizes of files.

    Parameters
    ----------
    page : bytes
        HTML of the index.
    documents : sequence of mapping
        ``report.json`` of each report that it lists.
    """
    known = [_Known(document) for document in documents]
    numbers = set().union(*(each.numbers for each in known))
    values = set().union(*(each.values | each.drawn for each in known))
    said = read_page(page, is_apart=True)
    texts = [*said.texts, *(text for drawing in said.drawings for text in drawing)]
    ticks = set().union(*map(_ticks, said.drawings))
    return [
        text
        for text in texts
        for __, number, after in numbers_in(text)
        if text not in ticks and after not in SIZES
        if number not in numbers and not _readings(number) & values
    ]


class _Known:
    """What a document says: numbers with the words beside them, values, and data of charts."""

    def __init__(self, document: Mapping[str, Any], own: Any = None):
        self.before: set[tuple[str | None, str]] = set()
        self.after: set[tuple[str, str | None]] = set()
        self.alone: set[str] = set()  # numbers that are the whole of a text
        self.values: set[float] = set()
        self.last_words: set[str | None] = set()  # of titles, which page numbers stand after
        self.drawn: set[float] = set()
        self.drawn_names: set[str] = set()  # of waves and categories, which are bare numbers
        self._said: set[str] = set()  # texts: many come again and again
        self._walk([document, list(SIDES), list(_names(own))])
        for section in document["sections"]:
            self._say(f"{section['number']} {section['title']}")
        days = (document["date"], document["publication"]["date"])
        self.values |= {_serial(day) for day in days if day}
        self.threshold = str(document["disclosure"]["threshold"])
        for figure in Printed().take(dict(document)).figures:
            _collect([figure["data"], figure["options"]], self.drawn)
            self.drawn_names.update(filter(NUMBER.fullmatch, _names(figure["data"])))
        self.numbers = {number for __, number in self.before}
        self.short = set(map(_short, self.values))

    def _walk(self, value: Any) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                is_title = key in TITLES or (key == "text" and value.get("type") == "heading")
                if is_title and isinstance(item, str):
                    self.last_words |= set(TOKEN.findall(item)[-1:])
                if key not in ("source", "sources"):
                    self._walk(item)
            if {"group", "label"} <= value.keys():
                self._say(f"{value['group']} {value['label']}")
        elif isinstance(value, list):
            if value and all(isinstance(run, dict) and "text" in run for run in value):
                self._say("".join(run["text"] for run in value))
            for item in value:
                self._walk(item)
        elif isinstance(value, str):
            self._say(value)
        else:
            _collect(value, self.values)

    def _say(self, text: str) -> None:
        if text in self._said:
            return
        self._said.add(text)
        if NUMBER.fullmatch(text):
            self.values.add(float(text))
        for before, number, after in numbers_in(text):
            self.alone |= {number} if before is None and after is None else set()
            self.before.add((before, number))
            self.after.add((number, after))

    def strange(self, said: Said) -> Iterator[str]:
        """Numbers of a file that the document does not say."""
        yield from (f"{value:g}" for value in said.values if _short(value) not in self.short)
        for text in () if said.is_laid_out else said.texts:
            strange = [place for place in numbers_in(text) if not self._knows(place)]
            if strange and said.are_cells:
                parts = (place for part in JOINT.split(text) for place in numbers_in(part))
                strange = [place for place in parts if not self._knows(place)]
            yield from map(_words, strange)
        if said.is_laid_out:
            yield from self._strange_in_lines(said.texts)
        for drawing in said.drawings:
            ticks = _ticks(drawing)
            for text in drawing:
                if text not in ticks and not all(map(self._is_drawn, numbers_in(text))):
                    yield text

    def _knows(self, place: Place) -> bool:
        before, number, after = place
        if before is None and after is None:
            told = number in self.alone
        else:
            told = before is not None and (before, number) in self.before
            told |= after is not None and (number, after) in self.after
        return told or number == self.threshold

    def _is_drawn(self, place: Place) -> bool:
        """Whether a number of a chart is one of its data, or stands in its words.

        A text may begin with the name of a wave before a number: `2021: 115 allocated`.
        """
        before, number, after = place
        if before is None and number in self.drawn_names and (after or "")[:1].isdigit():
            return True
        readings = _readings(place[1])
        is_unread = UNREAD_LETTER in place
        told = self._knows(place) or (is_unread and place[1] in self.numbers)
        return told or any(value in self.drawn for value in readings)

    def _strange_in_lines(self, texts: Sequence[str]) -> Iterator[str]:
        """Numbers of texts that go on in the next line, or are cells; but for page numbers."""
        alone = [place for text in texts for place in numbers_in(text)]
        running = numbers_in(" ".join(texts))
        for place, line in zip(running, alone, strict=True):
            mixed = (line[0], *place[1:]), (*place[:2], line[2])
            is_page = place[0] in self.last_words and place[1].isdigit()
            if not is_page and not any(map(self._knows, (place, line, *mixed))):
                yield _words(place)


def _names(value: Any) -> Iterator[str]:
    """All that a JSON value says, its keys too: names and codes of a configuration or a chart."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _names(item)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)
    elif value is not None:
        yield str(value)


def _serial(day: str) -> float:
    """A date as workbooks store it: days since the end of 1899."""
    return float((date.fromisoformat(day) - date(1899, 12, 30)).days)


def _short(value: float) -> str:
    """A value with the digits that every kind of file keeps."""
    return f"{value + 0.0:.14g}"  # without the sign of zero


def _words(place: Place) -> str:
    return " ".join(filter(None, place))


def _readings(number: str) -> set[float]:
    """What a number in words can be, whatever the marks of its language: 1,526 or 10,8."""
    found = set()
    for decimal, thousands in ((".", ","), (",", "\u202f"), (",", "\u00a0"), (",", ".")):
        bare = number.replace(thousands, "").replace(decimal, ".")
        if bare.count(".") <= 1 and bare.replace(".", "").isdecimal():
            places = len(bare.partition(".")[2])
            found |= {float(bare), round(float(bare) / 100, places + 2)}
    return found


def _ticks(drawing: Sequence[str]) -> set[str]:
    """Numbers on the axes of a chart, which stand alone: multiples of a step between two of them.

    Axes have steps of 1, 2, 2.5 or 5 times a power of ten; a single number is a multiple of 5.
    """
    values: dict[float, set[str]] = {}  # 8.0 may be read as 80 and stand beside it
    for text in drawing:
        bare = text.replace("\N{MINUS SIGN}", "").replace("%", "").replace("+", "").strip()
        found = _readings(bare) if bare and TOKEN.fullmatch(bare) else set()
        if found:
            value = max(found) * (-1 if text.startswith("\N{MINUS SIGN}") else 1)
            values.setdefault(value, set()).add(text)
    alone = [texts for value, texts in values.items() if abs(value) >= 10 and value % 5 == 0]
    ticks = set().union(*alone)
    for one, other in itertools.combinations(sorted(values), 2):
        step = other - one
        digits = f"{step:.3e}".partition("e")[0].rstrip("0").rstrip(".")
        if digits in STEPS and abs(one / step - round(one / step)) < ROUNDING:
            ticks |= values[one] | values[other]
    return ticks


def _collect(value: Any, values: set[float]) -> None:
    """Put all numbers of a JSON value into a set, without their signs."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            _collect(item, values)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        values |= {float(value), abs(float(value))}


def numbers_in(text: str) -> Sequence[Place]:
    """Every number of a text, with the word before and after it."""
    if text.isascii() and DIGIT.search(text) is None:
        return ()
    return _numbers_in(text)


@lru_cache(maxsize=16384)
def _numbers_in(text: str) -> tuple[Place, ...]:
    """The same, for a text that the files of a report say again and again."""
    if not text.isascii():
        text = text.translate(MATHEMATICAL)
    tokens: list[str | None] = [None, *TOKEN.findall(text), None]
    return tuple(
        (before, token, after)
        for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if token is not None and token[0].isdigit()
    )
