"""Units left out one by one."""

from __future__ import annotations

import json

import pytest

from mlm.pages.document import tables_of
from tests.unit.pages.reading import sentences, table_of
from tests.unit.pages.sample import (
    context_of,
    document_of,
    everything,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def given():
    return everything()


def test_influential_units_are_not_named(given):
    document = document_of(given)
    assert "secret" not in json.dumps(document)
    rows = table_of(document, "deletion")["rows"]
    names = [row["cells"][0]["text"] for row in rows]
    assert names == ["None left out", "School (1)"]  # the unit of a single step is not listed


def test_the_model_without_one_unit_is_told(given):
    document = document_of(given)
    text = sentences(document)
    assert "No single coefficient moves by more than 0.62 of its standard errors" in text
    assert "between schools: 231 with all of them, between 190 and 240 without one" in text
    rows = table_of(document, "deletion")["rows"]
    cells = [[cell["text"] for cell in row["cells"][4:]] for row in rows]
    assert cells == [["231", "1,180"], ["190", "1,170"]]


def test_a_unit_left_out_is_named_in_a_controlled_report(given):
    given["configuration"]["disclosure"] = {"mode": "controlled", "threshold": 10}
    rows = table_of(document_of(given), "deletion")["rows"]
    assert rows[1]["cells"][0]["text"] == "secretschool"


def test_a_public_report_does_not_tell_the_model_without_a_small_unit(given):
    from mlm.pages.disclosure.singles import tells_of_one

    place = "results#/diagnostics/deletion/units/0/variances/1/variance"
    assert not tells_of_one(place, context_of(given))
    given["results"]["effects"][0]["units"][0]["n"] = 12
    assert tells_of_one(place, context_of(given))
    document = document_of(given)
    assert "deletion" not in {table["id"] for table in tables_of(document)}
    assert "diagnostics/deletion" not in json.dumps(document)


def test_why_no_unit_was_left_out_is_told_and_few_units_are_hidden(given):
    pupil = {"unit": "pupil", "in_wave": False, "ids": ["pupil"]}
    reason = {"kind": "in_several_groups", "level": pupil, "units": 3}
    school = {"unit": "school", "in_wave": False, "ids": ["school"]}
    refused = {"kind": "refused", "level": school, "reason": reason}
    given["results"]["diagnostics"]["deletion"] = refused
    words = "The model was not estimated without each of the groups: some pupils ({}) were in two "
    words += "groups in one wave"
    assert words.format("fewer than 10") in sentences(document_of(given))
    given["configuration"]["disclosure"] = {"mode": "controlled", "threshold": 10}
    assert words.format("3") in sentences(document_of(given))


def test_a_model_without_groups_has_none_to_leave_out(given):
    refused = {"kind": "refused", "reason": {"kind": "no_groups"}}
    given["results"]["diagnostics"] |= {"influence": refused, "deletion": refused | {"level": None}}
    text = sentences(document_of(given))
    assert "was left out in turn" not in text and "without each of the groups" not in text


@pytest.mark.battery(2)
@pytest.mark.parametrize(
    ("change", "told"), [(0.4, False), (-0.99, False), (-1.2, True), (14.8, True)]
)
def test_a_coefficient_that_one_group_decides_is_said_to_rest_on_it(change, told):
    given = everything()
    given["results"]["diagnostics"]["deletion"]["largest_change"] = change
    assert ("rests on a single school" in sentences(document_of(given))) == told


def test_influence_is_told_once():
    """With whole rows left out; where that was not done, with means."""
    given = everything()
    once = "the usual mark of"
    assert sentences(document_of(given)).count(once) == 1
    refused = {"kind": "refused", "reason": {"kind": "each_group_needed"}}
    level = given["results"]["diagnostics"]["deletion"]["level"]
    given["results"]["diagnostics"]["deletion"] = refused | {"level": level}
    assert sentences(document_of(given)).count(once) == 1
