"""Coefficients of the full and the final model."""

from __future__ import annotations

import copy

import pytest

from tests.unit.pages.reading import sentences, table_of
from tests.unit.pages.sample import (
    document_of,
    everything,
)


@pytest.fixture
def given():
    return everything()


def test_coefficients_are_judged_with_the_random_slopes_that_are_kept(given):
    model = given["results"]["slopes_model"]
    path, model["path"] = model["path"], []
    alone = table_of(document_of(given), "coefficients")
    assert "With random slopes" not in {column["group"] for column in alone["columns"]}
    with_slopes = copy.deepcopy(given["results"]["final"]["reml"])
    for item in with_slopes["fixed"]:
        item |= {"lower": item["estimate"] - 100.0, "upper": item["estimate"] + 100.0}
    model.update(reml=with_slopes, path=path)
    for item in given["results"]["associations"][0]["latest"]:
        item |= {"lower": item["estimate"] - 100.0}
    document = document_of(given)
    table = table_of(document, "coefficients")
    assert len(table["columns"]) == len(alone["columns"]) + 2
    assert "With random slopes" in {column["group"] for column in table["columns"]}
    text = sentences(document)
    assert "the effect of a group is told for the mean of that variable" in text
    found = "The clearest association is with Free lunch. All that it does in the model"
    assert found in text, "no interval excludes zero any more"


def test_models_that_take_changing_effects_as_constant_are_said_to(given):
    warning = "The effects of schools change from wave to wave"
    assert warning not in sentences(document_of(given))
    (level,) = given["results"]["over_time"]["levels"]
    level["form"] = "constant"
    given["results"]["over_time"]["by_wave"] = [level["level"]]
    text = sentences(document_of(given))
    assert f"{warning} (section 5), and these models take them as constant" in text
    assert f"{warning} (section 5), which these models do not know" in text
    assert f"{warning}. The means above" in text
    assert "With an effect of each of the schools" not in text
    given["configuration"]["variables"]["experience"]["level"] = "school"
    text = sentences(document_of(given))
    assert "With an effect of each of the schools in each wave there is no evidence" in text
