"""Sentences that keep two places of a report from seeming to contradict each other."""

from __future__ import annotations

from copy import deepcopy

import pytest

from mlm.pages.document import figures_of, tables_of
from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import document_of, inputs


def factor(variable, power=1):
    return {"variable": variable, "category": None, "power": power}


FREE = {"variable": "ses", "category": "N", "power": 1}
EXPERIENCE, SQUARED = [factor("experience")], [factor("experience", 2)]
SES = [factor("ses")]


@pytest.fixture
def given():
    return inputs()


def slope(results):
    return next(item for item in results["slopes"] if item.get("column") == FREE)


def test_average_of_a_slope_alone_stands_beside_that_of_all_slopes(given):
    results = given["results"]
    fixed = results["slopes_model"]["reml"]["fixed"]
    final = next(found for found in fixed if found["term"] == [FREE])
    slope(results)["mean_effect"] = final["estimate"]
    assert "with all slopes that hold in one model" not in sentences(document_of(given))
    slope(results)["mean_effect"] = final["estimate"] + 2.0
    text = sentences(document_of(given))
    assert f"in one model the average is {final['estimate']:.1f}." in text


def test_average_is_not_compared_where_the_effect_changes_with_time(given):
    slope(given["results"])["mean_effect"] += 2.0
    given["results"]["slopes_model"]["terms"].append([factor("grade"), factor("ses")])
    assert "with all slopes that hold in one model" not in sentences(document_of(given))


def test_means_alike_at_both_ends_but_not_between_are_told(given):
    standards = given["results"]["over_time"]["adjusted_means"]
    last = standards[-1]
    last["estimate"] = standards[0]["estimate"] - 0.4
    last["change"] |= {"estimate": -0.4, "std_error": 2.1, "lower": -4.5, "upper": 3.7}
    text = sentences(document_of(given))
    assert "There is no clear evidence that mean Mathematics score" in text
    assert "It was not the same in every wave, though" in text
    given["results"]["over_time"]["test"]["p_value"] = 0.4
    assert "It was not the same in every wave" not in sentences(document_of(given))


@pytest.mark.parametrize(
    ("dropped", "said"),
    [
        ([SQUARED, EXPERIENCE], "found above is number 1."),
        ([EXPERIENCE, SQUARED, SES], "it keeps more terms than the smallest need."),
        ([SES], "found above is not among them."),
    ],
)
def test_the_model_of_the_reduction_has_its_place_among_the_smallest(given, dropped, said):
    reduction = given["results"]["reduction"]
    other = deepcopy(reduction["adequate"][0])
    other["dropped"] = [[factor("class_type")]]
    reduction["adequate"][0]["dropped"] = dropped
    reduction["adequate"].append(other)
    assert said in sentences(document_of(given))


def test_marks_of_low_reliability_have_a_column_only_where_there_are_any(given):
    def heads():
        found = next(t for t in tables_of(document_of(given)) if t["id"].startswith("units-"))
        return [str(column["label"]) for column in found["columns"]]

    assert "Mark" not in heads()
    given["results"]["effects"][0]["units"][0]["reliability"] = 0.2
    assert "Mark" in heads()


def test_the_fan_says_what_its_lines_hold(given):
    fan = next(f for f in figures_of(document_of(given)) if f["kind"] == "fan")
    assert len(fan["data"]["effect"]) == 7
    assert "the middle 80%" in str(fan)
