"""Slopes in sentences: those that were not tested with their reasons, in every language."""

from __future__ import annotations

import pytest

from mlm.pages.language import using
from mlm.pages.sections.slopes.section import slopes_section
from mlm.pages.sections.slopes.words import slopes_answer
from mlm.pages.text import plain_text
from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import (
    context_of,
    document_of,
    inputs,
)

FEW = {"kind": "too_few_groups", "groups": 4, "needed": 6, "what": "slope_variance"}


@pytest.fixture
def given():
    return inputs()


def notes(context) -> str:
    blocks = slopes_section(context).blocks
    return " ".join(plain_text(block["runs"]) for block in blocks if block["type"] == "note")


def test_slopes_that_were_refused_are_gathered_by_reason(given):
    refused = given["results"]["slopes"][1]
    given["results"]["slopes"].append(refused | {"variable": "experience"})
    given["results"]["slopes"].append(refused | {"variable": "class_type", "reason": FEW})
    words = notes(context_of(given))
    assert (
        "Not tested: Free lunch and Teacher experience between pupils (the variable does not vary "
        "within the groups) and Class type between pupils (too few groups for the variance of "
        "a slope: 4, while 6 are needed)"
    ) in words


def test_a_reason_is_told_in_the_language_of_the_report(given):
    given["results"]["slopes"][1]["reason"] = FEW
    with using("fr"):
        words = notes(context_of(given))
    assert "too few" not in words and "trop peu" in words


def test_a_slope_whose_test_was_refused_is_not_among_those_tested(given):
    slope = given["results"]["slopes"][0]
    slope["test"] = {"kind": "refused", "reason": {"kind": "fits_worse", "by": 0.25}}
    context = context_of(given)
    assert "No effect could be tested" in plain_text(slopes_answer(context))
    assert "the larger model fits worse by 0.25" in notes(context)
    kinds = {block["type"] for block in slopes_section(context).blocks}
    assert not kinds & {"table", "figure"}, "an empty table"


def test_variables_that_differ_between_the_same_groups_are_told_together(given):
    slope = given["results"]["slopes"][0]
    given["results"]["slopes"].append(slope | {"variable": "experience"})
    words = plain_text(slopes_answer(context_of(given)))
    assert words.startswith("Effects differ between schools for Free lunch and Teacher experience.")


CLASS = {"unit": "class", "in_wave": False, "ids": ["school", "class"]}


def test_levels_that_explain_a_slope_as_well_are_both_named(given):
    given["results"]["levels"].insert(-1, {"level": CLASS, "n": 200})
    slope = given["results"]["slopes"][0]
    slope["or_over"], slope["level"] = [slope["level"]], CLASS
    words = plain_text(slopes_answer(context_of(given)))
    assert words.startswith("Effects differ between schools or classes for Free lunch. ")
    assert "they cannot tell at which of them the effect differs." in words


def test_a_slope_that_one_level_explains_best_is_told_without_doubt(given):
    words = plain_text(slopes_answer(context_of(given)))
    assert words.startswith("Effects differ between schools for Free lunch. ")
    assert "cannot tell" not in words


def test_the_adjusted_p_value_is_shown_beside_the_other_and_told_where_nothing_is_clear(given):
    slope = given["results"]["slopes"][0]
    slope["kept"] = False
    slope["test"] |= {"statistic": 5.27, "p_value": 0.047, "p_adjusted": 0.28}
    context = context_of(given)
    words = plain_text(slopes_answer(context))
    assert "p = 0.047; p = 0.280 when all slopes tested are counted)" in words.replace("\xa0", " ")
    (table,) = [block for block in slopes_section(context).blocks if block["type"] == "table"]
    assert [cell["text"] for cell in table["rows"][0]["cells"]][-3:] == ["0.047", "0.280", "no"]


@pytest.mark.battery(3)
@pytest.mark.parametrize("size", [0.4, 5.8, 9.99, 10.01, 40.0])
def test_sizes_in_standard_deviations_are_no_shares_of_people(given, size):
    slope = given["results"]["slopes"][0]
    slope |= {"sd": size, "sd_effect": size}
    sd = given["results"]["waves"][-1]["sd"]
    words = sentences(document_of(given))
    assert f"is {size / sd:.2f} of" in words


def factor(variable, power=1):
    return {"variable": variable, "category": None, "power": power}


FREE = {"variable": "ses", "category": "N", "power": 1, "function": None}


def slope(results):
    return next(item for item in results["slopes"] if item.get("column") == FREE)


def test_no_slope_found_is_no_evidence(given):
    slope = given["results"]["slopes"][0]
    slope["kept"], slope["test"]["p_value"] = False, 0.31
    assert "There is no clear evidence that any of the 1 effects tested differs" in sentences(
        document_of(given)
    )


def test_a_variable_is_named_once_with_all_its_levels(given):
    first = given["results"]["slopes"][0]
    pupils = {"unit": "pupil", "in_wave": False, "ids": ["school", "pupil"]}
    given["results"]["slopes"].insert(1, first | {"level": pupils})
    words = plain_text(slopes_answer(context_of(given)))
    assert words.startswith("Effects differ between schools and pupils for Free lunch. ")
