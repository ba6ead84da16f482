"""Terms of the glossary linked where a section uses them first; for the page alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mlm.pages.text import Run

GLOSSARY = "glossary"


def with_glossary_links(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the first use of each term in a section as a run of its own.

    Such a run has ``entry``, the term as the glossary has it. Only sentences are linked: names,
    captions and cells are not.
    """
    terms = _terms(document)
    if not terms:
        return dict(document)
    sections = [
        section if section["id"] == GLOSSARY else _linked(section, terms)
        for section in document["sections"]
    ]
    return {**document, "sections": sections}


def _terms(document: Mapping[str, Any]) -> dict[str, re.Pattern[str]]:
    """The terms of the glossary, the longest first, as they stand in a sentence."""
    sections = [item for item in document["sections"] if item["id"] == GLOSSARY]
    entries = [
        entry["term"]
        for section in sections
        for block in section["blocks"]
        if block["type"] == "definitions"
        for entry in block["entries"]
    ]
    return {
        term: re.compile(rf"(?<![\w-]){re.escape(term)}s?(?![\w-])", re.IGNORECASE)
        for term in sorted(entries, key=len, reverse=True)
    }


def _linked(section: Mapping[str, Any], terms: Mapping[str, re.Pattern[str]]) -> dict[str, Any]:
    left = dict(terms)
    blocks = []
    for block in section["blocks"]:
        if block["type"] in ("paragraph", "note"):
            block = block | {"runs": _with_links(block["runs"], left)}
        elif block["type"] == "list":
            block = block | {"items": [_with_links(item, left) for item in block["items"]]}
        blocks.append(block)
    return {**section, "blocks": blocks}


def _with_links(runs: Sequence[Run], left: dict[str, re.Pattern[str]]) -> list[Run]:
    """The runs with the terms that are left linked, which are then left no more."""
    made: list[Run] = []
    todo = list(runs)
    while todo:
        run = todo.pop(0)
        found = None if set(run) != {"text"} else _first(run["text"], left)
        if found is None:
            made.append(run)
            continue
        term, start, end = found
        del left[term]
        before, inside, after = run["text"][:start], run["text"][start:end], run["text"][end:]
        # what stands before may hold other terms
        todo = [{"text": part} for part in (before,) if part] + [
            {"text": inside, "entry": term},
            *([{"text": after}] if after else []),
            *todo,
        ]
    return made


def _first(text: str, left: Mapping[str, re.Pattern[str]]) -> tuple[str, int, int] | None:
    """The longest term in a text, with where it stands."""
    for term, pattern in left.items():
        match = pattern.search(text)
        if match is not None:
            return term, match.start(), match.end()
    return None
