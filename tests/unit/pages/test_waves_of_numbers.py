"""Waves whose names are bare numbers, as `mlm init` drafts them: each file of each kind of report.

Words of charts, tables and office files begin with the name of a wave, or have a number beside it;
it is no result that the document would have to say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from mlm.pages.disclosure.told_numbers import strange_numbers
from tests.unit.pages.sample import everything, files_of, files_of_records, residuals
from tests.unit.pages.sampled import sampled_records
from tests.unit.pages.sampled.variants import VARIANTS

pytestmark = pytest.mark.slow
PARTS = ("results", "survey", "residuals")
NUMBERED = ("2021", "1", "10")
REPORTS: Mapping[str, tuple[Callable[[], dict], Callable[[dict], dict[str, bytes]]]] = {
    "rows": (lambda: everything() | {"residuals": residuals()}, files_of),
    "sample": (VARIANTS["everything"], lambda given: files_of_records(sampled_records(given))),
}


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """A JSON value with other texts and keys in place of some."""
    if isinstance(value, dict):
        return {names.get(key, key): renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def with_numbered_waves(given: dict) -> dict:
    """Inputs with waves that are named by numbers and have no labels."""
    waves = given["configuration"]["waves"]
    names = {wave["name"]: name for wave, name in zip(waves, NUMBERED, strict=False)}
    made = given | {name: renamed(given[name], names) for name in PARTS if name in given}
    named = [
        {key: item for key, item in wave.items() if key != "label"} | {"name": names[wave["name"]]}
        for wave in waves
    ]
    return made | {"configuration": renamed(given["configuration"], names) | {"waves": named}}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", REPORTS)
def test_names_of_waves_that_are_numbers_are_taken_for_no_results(kind, language):
    make, files_of_kind = REPORTS[kind]
    given = with_numbered_waves(make())
    given["configuration"]["language"] = language
    files = files_of_kind(given)
    assert strange_numbers(files, json.loads(files["report.json"])) == []
