"""Coefficients of the full and the final model."""

from __future__ import annotations

import pytest

from tests.unit.pages.reading import sentences, table_of
from tests.unit.pages.sample import (
    document_of,
    everything,
)


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
