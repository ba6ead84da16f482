"""That the rule on units hides all effects of a variable is told, and what decides it."""

from __future__ import annotations

import json

import pytest

from mlm.pages.disclosure.few_units import untold_for_few_units, untold_variables
from mlm.pages.findings.second_page import sd_words
from mlm.pages.text import plain_text
from tests.unit.pages.disclosure.test_support import with_category
from tests.unit.pages.sample import context_of, document_of, everything

pytestmark = pytest.mark.slow


def told_in_brief(given) -> str:
    sections = document_of(given)["brief"]["sections"]
    return json.dumps([each for each in sections if each["id"] == "untold"], ensure_ascii=False)


@pytest.mark.parametrize(
    ("rows", "schools", "untold", "by_units"),
    [(3000, 2, True, True), (9, 9, True, False), (3000, 3, False, False)],
)
def test_a_variable_of_few_units_is_told_as_such(rows, schools, untold, by_units):
    context = context_of(with_category(rows, schools))
    assert ("ses" in untold_variables(context)) is untold
    assert ("ses" in untold_for_few_units(context)) is by_units


def test_the_brief_says_that_and_how_to_change_it():
    given = with_category(3000, 2)
    said = told_in_brief(given)
    assert "Nothing is told of the effects of" in said and "not found in enough schools" in said
    assert "“units” under “disclosure”" in said and "mode: controlled" in said
    given["configuration"]["disclosure"] = {"mode": "controlled"}
    assert "Nothing is told of the effects of" not in told_in_brief(given)
    assert "Nothing is told of the effects of" not in told_in_brief(with_category(3000, 3))


def test_no_standard_deviation_is_told_for_a_policy_that_is_hidden():
    given = everything()
    (policy,) = {item["variable"] for item in given["results"]["policy"]}
    assert "it is that of" in plain_text(sd_words(context_of(given)))
    categories = list(given["configuration"]["variables"][policy]["categories"])
    for wave in given["survey"]["waves"]:
        units = [{"level": "school", "category": name, "groups": 1} for name in categories]
        wave["variables"][policy]["units"] = units
    assert "it is that of" not in plain_text(sd_words(context_of(given)))
