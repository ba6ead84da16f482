"""What changed since the last results: each kind of change is told, and that there is none."""

import copy

import pytest

from mlm.pages.document import make_document, tables_of
from mlm.pages.node import trace
from mlm.pages.previous import make_record, turn_over
from tests.unit.pages.reading import numbers_of, sentences, strings_of
from tests.unit.pages.sample import inputs


@pytest.fixture
def given():
    return inputs()


@pytest.fixture
def before(given):
    return copy.deepcopy(make_record(**given))


def section(given, before):
    document = make_document(**given, previous=before)
    return document, next(s for s in document["sections"] if s["id"] == "changes")


def words(found):
    return " ".join(strings_of(found))


def table_of(document, name):
    return next((t for t in tables_of(document) if t["id"] == name), None)


def test_the_first_results_have_nothing_to_compare_with(given):
    assert "there is nothing to compare them with yet" in sentences(make_document(**given))


def test_nothing_changed_is_said(given, before):
    _, found = section(given, before)
    assert "Nothing changed" in words(found)
    assert len(found["blocks"]) == 1


def test_an_estimate_that_moved_more_than_its_error_is_listed(given, before):
    moved, still = list(before["fixed"])[1:3]
    before["fixed"][moved]["estimate"] += 1.5 * before["fixed"][moved]["std_error"]
    before["fixed"][still]["estimate"] += 0.9 * before["fixed"][still]["std_error"]
    document, _ = section(given, before)
    assert len(table_of(document, "changes-estimates")["rows"]) == 1


def test_terms_that_entered_and_left_are_told(given, before):
    before["terms"] = [*before["terms"][:-1], "experience^3"]
    _, found = section(given, before)
    assert "Entered the final model" in words(found)
    assert "Teacher experience cubed" in words(found)


def test_rows_of_a_new_wave_are_told(given, before):
    del before["rows"]["2"]
    before["waves"] = ["K", "1"]
    document, found = section(given, before)
    cells = table_of(document, "changes-rows")["rows"][0]["cells"]
    assert [cell["text"] for cell in cells[:2]] == ["Grade 2", "new wave"]
    assert "of Kindergarten, Grade 1" in words(found)


def test_codes_that_came_went_and_changed_are_told(given, before):
    book = before["codebook"]["class_type"]["categories"]
    book.update(reg="Large class", aide="With aide")
    del book["small"]
    _, found = section(given, before)
    assert "Class type: new category Small class (small)." in words(found)
    assert "Class type: the category With aide (aide) is gone." in words(found)
    assert "the code reg now means Regular class; before it meant Large class" in words(found)


def test_units_whose_verdict_changed_are_listed(given, before):
    level = given["results"]["effects"][0]["level"]
    name, unit = next(
        (n, u) for n, u in before["units"][level].items() if u["verdict"] == "between"
    )
    unit["verdict"] = "above"
    document, _ = section(given, before)
    rows = table_of(document, f"changes-units-{level}")["rows"]
    assert [cell["text"] for cell in rows[0]["cells"][:3]] == [
        name,
        "above expectation",
        "cannot be told from the average",
    ]


def test_a_small_unit_is_not_named_in_the_comparison(given, before):
    unit = given["results"]["effects"][0]["units"][3]
    unit.update(unit="tinyschool", n=9)
    before["units"]["school"]["tinyschool"] = {"verdict": "above", "n": 400, "estimate": 1.0}
    document, _ = section(given, before)
    assert "tinyschool" not in words(document)


def test_every_number_of_the_comparison_is_traced(given, before):
    before["rows"]["K"] -= 100
    name = list(before["fixed"])[1]
    before["fixed"][name]["estimate"] += 100
    document, found = section(given, before)
    inputs_ = {**{k: given[k] for k in ("results", "survey")}, "previous": before}
    numbers = numbers_of(found)
    assert numbers
    for item in numbers:
        assert trace(item["source"], inputs_) == item["value"]


def test_few_rows_added_are_hidden(given, before):
    before["rows"]["K"] -= 3
    document, _ = section(given, before)
    cells = table_of(document, "changes-rows")["rows"][0]["cells"]
    assert cells[3]["text"] == "[c]"
    assert "[c]" in (cells[1]["text"], cells[2]["text"])


def test_the_same_results_again_keep_the_records(given, before):
    older = {**before, "n_obs": 1}
    kept = {"current": before, "previous": older}
    again = {**before, "date": "2030-01-01", "version": "9"}
    assert turn_over(kept, again) == kept


def test_other_results_turn_the_records_over(before):
    newer = {**before, "n_obs": 1}
    kept = turn_over({"current": before, "previous": None}, newer)
    assert kept == {"current": newer, "previous": before}
    assert turn_over(kept, newer) == kept


def test_a_rounding_error_does_not_turn_the_records_over(before):
    again = copy.deepcopy(before)
    name = next(iter(again["fixed"]))
    again["fixed"][name]["estimate"] *= 1 + 1e-9
    kept = {"current": before, "previous": None}
    assert turn_over(kept, again) == kept
