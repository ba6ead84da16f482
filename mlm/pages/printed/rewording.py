"""Rewording: sentences in which a number is hidden are said without it.

A sentence may carry what is said instead (:func:`mlm.pages.text.or_else`). One that carries nothing
is left out, as are its words in a paragraph of several and the sentences that lean on it: those
that begin with a word for what it named, and others that say so (:func:`mlm.pages.text.leaning`).
A number that stands alone keeps its mark, and ``fewer than 10`` is a number that can be read. Every
run keeps its place in its list, empty where nothing is said, so that the audit finds the others
where they were.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mlm.pages.language import refers_back
from mlm.pages.rounding import CONFIDENTIAL

INSTEAD = "instead"  # of a run: what is said in place of it and of those after it with None
LEANS = "leans"  # of a run: its sentence speaks of what one before it said, and goes with that
ENDS = re.compile(r"(?<=[.!?])(\s+)")
WORD = re.compile(r"[^\W\d_]")
Run = dict[str, Any]


def reword(document: dict[str, Any]) -> None:
    """Say without numbers, in place, what has hidden ones; cells of tables are left as they are."""
    _reword(document)


def _reword(value: Any) -> None:
    if isinstance(value, list):
        if value and all(isinstance(item, dict) and "text" in item for item in value):
            value[:] = [dict(item) for item in value]  # a number may stand in several sentences
            say_instead(value)
            _leave_out(value)
            for run in value:
                run.pop(LEANS, None)
            return
        for item in value:
            if isinstance(item, (dict, list)):
                _reword(item)
        return
    is_table = value.get("type") == "table"
    for key, item in value.items() if "source" not in value else ():
        if isinstance(item, (dict, list)) and not (is_table and key == "rows"):
            _reword(item)


def say_instead(runs: list[Run]) -> None:
    """Say, in place, what sentences carry for the case that one of their numbers is hidden."""
    for start, end in _carrying(runs):
        words = runs[start][INSTEAD]
        if any(map(_is_hidden, runs[start:end])):
            for run in runs[start:end]:
                run.clear()
                run["text"] = ""
            runs[start]["text"] = words
    for run in runs:
        run.pop(INSTEAD, None)


def _carrying(runs: list[Run]) -> list[tuple[int, int]]:
    """Place of the first run of each sentence that carries something, and that after its last."""
    starts = [place for place, run in enumerate(runs) if run.get(INSTEAD) is not None]
    ends = []
    for start in starts:
        end = start + 1
        while end < len(runs) and INSTEAD in runs[end] and runs[end][INSTEAD] is None:
            end += 1
        ends.append(end)
    return list(zip(starts, ends, strict=True))


def _leave_out(runs: list[Run]) -> None:
    """Leave out of a paragraph the sentences with a hidden number."""
    if not any(map(_is_hidden, runs)):
        return
    parts = list(_parts(runs))
    hidden = {number for number, place, __ in parts if _is_hidden(runs[place])}
    worded = {
        number for number, place, text in parts if _is_bare(runs[place]) and WORD.search(text)
    }
    leaning = {number for number, place, __ in parts if LEANS in runs[place]}
    leaning |= {number for number, text in _beginnings(parts) if refers_back(text)}
    gone = _with_those_that_lean(hidden & worded, leaning)
    texts = [""] * len(runs)
    for number, place, text in parts:
        texts[place] += "" if number in gone else text
    for run, text in zip(runs, texts, strict=True):
        if not text:
            run.clear()
        run["text"] = text


def _with_those_that_lean(gone: set[int], leaning: set[int]) -> set[int]:
    """Sentences that are left out, and those after them that lean on them."""
    found = set(gone)
    for number in sorted(leaning):
        head = number - 1
        while head in leaning:
            head -= 1
        if head in gone:
            found.add(number)
    return found


def _beginnings(parts: list[tuple[int, int, str]]) -> Iterator[tuple[int, str]]:
    """Number of each sentence, and its first words."""
    seen = set()
    for number, __, text in parts:
        if number not in seen and not text.isspace():
            seen.add(number)
            yield number, text


def _parts(runs: list[Run]) -> Iterator[tuple[int, int, str]]:
    """Number of the sentence, place of the run and text of each part of a run, in order."""
    number = 0
    for place, run in enumerate(runs):
        if not _is_bare(run):
            yield number, place, run["text"]
            continue
        for part in ENDS.split(run["text"]):
            if part:
                yield number, place, part
            number += bool(part) and part.isspace()


def _is_hidden(run: Run) -> bool:
    """Whether a number is hidden and only marked."""
    return "hidden" in run and run["text"] == CONFIDENTIAL


def _is_bare(run: Run) -> bool:
    """Whether a run is words alone."""
    return not {"source", "hidden"} & run.keys()
