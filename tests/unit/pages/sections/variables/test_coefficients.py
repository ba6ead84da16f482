"""Coefficients of the full and the final model."""

from __future__ import annotations

import pytest

from mlm.pages.text import plain_text
from tests.unit.pages.reading import sentences, table_of
from tests.unit.pages.sample import (
    document_of,
    everything,
)


def notes_of(given) -> str:
    return " ".join(map(plain_text, table_of(document_of(given), "coefficients")["notes"]))


@pytest.fixture
def given():
    return everything()


def test_coefficients_are_judged_in_the_settled_model(given):
    for item in given["results"]["settled"]["reml"]["fixed"]:
        item |= {"lower": item["estimate"] - 100.0, "upper": item["estimate"] + 100.0}
    for item in given["results"]["associations"][0]["latest"]:
        item |= {"lower": item["estimate"] - 100.0}
    document = document_of(given)
    table = table_of(document, "coefficients")
    assert {column["group"] for column in table["columns"]} == {
        "",
        "Full model",
        "Settled model",
        "95% interval",
        "Test",
    }
    text = sentences(document)
    found = "The clearest association is with Free lunch. All terms that it is in"
    assert found in text, "no interval excludes zero any more"


def test_cautions_that_models_take_changing_effects_as_constant_are_gone(given):
    (level,) = given["results"]["over_time"]["levels"]
    level["form"] = "constant"
    given["results"]["over_time"]["by_wave"] = [level["level"]]
    text = sentences(document_of(given))
    assert "take them as constant" not in text and "do not know" not in text
    assert "The effects of schools change from wave to wave in the settled model" in text


def test_a_category_without_a_row_is_not_taken_for_the_reference(given):
    notes = [n for n in given["results"]["notes"] if n["kind"] != "aliased"]
    given["results"]["notes"] = notes
    assert "Without a row" not in notes_of(given)
    term = [{"variable": "ses", "category": "N"}]
    aliased = [
        {"kind": "aliased", "fit": fit, "columns": [term]} for fit in ("full.ml", "full.reml")
    ]
    given["results"]["notes"] = [*notes, *aliased]
    assert notes_of(given).count("Without a row, as the other terms determine it: ") == 1
