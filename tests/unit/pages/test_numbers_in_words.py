"""Numbers in words: each has a source, or is a constant of the texts or of the configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from mlm.pages.disclosure.told_numbers import TOKEN
from tests.unit.pages.sample import context_of, document_of, everything, records, residuals

TEXTS = Path(__file__).parents[3] / "reports" / "text"
NO_WORDS = {"source", "sources", "data", "options", "hidden", "marks", "id", "key", "cell"}
NO_WORDS |= {"number", "date", "day"}  # of a section, of the report
CONSTANT = (
    r"\d+([.,]\d+)?\s?%",  # quantiles at the head of columns
    r"In \d waves|Dans \d vagues",
    r"\d standard deviations|\d écarts types",
    r"[0-9a-f]{8,}…?",  # hashes
    r"(Table|Figure|Tableau) \d+",
    r"School \(\d+\)|Pupil \(\d+\)",  # units without names, numbered as they are listed
)


def numbers(text: str) -> set[str]:
    return {token for token in TOKEN.findall(text) if token[0].isdigit()}


def words_of(value: Any, way: tuple = ()) -> Iterator[tuple[tuple, str]]:
    """Texts of a document that have no source, with their places."""
    if isinstance(value, dict):
        if "source" in value or "hidden" in value and "text" in value:
            return
        skipped = NO_WORDS | ({"text"} if "runs" in value else set())
        value = {key: item for key, item in value.items() if key not in skipped}
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if isinstance(item, str):
            yield (*way, key), item
        elif isinstance(item, dict | list):
            yield from words_of(item, (*way, key))


def constants(language: str) -> set[str]:
    """Numbers in the texts of the code, in a language."""
    name = "messages.pot" if language == "en" else f"{language}.po"
    with (TEXTS / name).open("rb") as file:
        messages = list(read_po(file))
    return {number for m in messages if m.id for number in numbers(f"{m.id} {m.string or ''}")}


def named_units(results: dict) -> Iterator[str]:
    """Names of units, which may be numbers."""
    for item in results["effects"]:
        yield from (str(name) for unit in item["units"] for name in unit["unit"])


def values_held(results: dict) -> Iterator[str]:
    """Values of numeric variables at which adjusted means are told."""
    for item in results["over_time"]["by"]:
        yield from (f"{group['value']:.0f}" for group in item["groups"] if group["value"])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_number_in_words_has_a_source_or_is_a_constant(language):
    given = everything()
    given["residuals"] = residuals()
    given["configuration"]["language"] = language
    known = constants(language)
    made = records(given)
    for name in ("configuration", "provenance"):
        known |= numbers(made[name].model_dump_json())
    known |= set(named_units(given["results"])) | set(values_held(given["results"]))
    rules = context_of(given).rules
    known.add(str(rules.threshold * rules.waves))  # rows of as many pupils as the threshold
    strange = [
        (way, text)
        for way, text in words_of(document_of(given))
        if numbers(text) - known and not any(re.fullmatch(form, text) for form in CONSTANT)
    ]
    assert strange == []


def test_a_count_written_as_words_is_found():
    document = {"runs": [{"text": "7 pupils left, of "}, {"text": "80", "source": "a#/b"}]}
    assert [numbers(text) for __, text in words_of(document)] == [{"7"}]
