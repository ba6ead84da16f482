"""What changed since the last results: each kind of change is told, and that there is none."""

import json

import pytest

from mlm.pages.derived import trace
from mlm.pages.document import tables_of
from mlm.pages.previous import Kept, make_record, turn_over
from tests.unit.pages.reading import numbers_of, sentences, strings_of
from tests.unit.pages.sample import document_of, inputs, records, sources

pytestmark = pytest.mark.slow


@pytest.fixture
def given():
    return inputs()


@pytest.fixture
def before(given):
    """The stored record of the same results."""
    return json.loads(record(given).to_json())


def record(given):
    names = ("configuration", "analysis", "results", "survey", "provenance")
    found = records(given)
    return make_record(**{name: found[name] for name in names})


def section(given, before):
    document = document_of(given | {"previous": before})
    return document, next(s for s in document["sections"] if s["id"] == "changes")


def words(found):
    return " ".join(strings_of(found))


def table_of(document, name):
    return next((t for t in tables_of(document) if t["id"] == name), None)


def test_the_first_results_have_nothing_to_compare_with(given):
    assert "there is nothing to compare them with yet" in sentences(document_of(given))


def test_nothing_changed_is_said(given, before):
    _, found = section(given, before)
    assert "Nothing changed" in words(found)
    assert len(found["blocks"]) == 1


def test_an_estimate_that_moved_more_than_its_error_is_listed(given, before):
    moved, still = before["fixed"][1:3]
    moved["estimate"] += 1.5 * moved["std_error"]
    still["estimate"] += 0.9 * still["std_error"]
    document, _ = section(given, before)
    assert len(table_of(document, "changes-estimates")["rows"]) == 1


def test_a_brief_does_not_say_that_what_it_does_not_list_is_unchanged(given, before):
    def told() -> str:
        document, _ = section(given, before)
        (found,) = (s for s in document["brief"]["sections"] if s["id"] == "changes")
        return words(found["items"])

    assert "Nothing changed" in told()
    before["fixed"][1]["estimate"] += 1.5 * before["fixed"][1]["std_error"]
    assert "not listed here" not in told()
    assert "the report lists them, under “What changed since the last results”" in told()


def test_terms_that_entered_and_left_are_told(given, before):
    cubed = [{"variable": "experience", "category": None, "power": 3}]
    before["terms"] = [*before["terms"][:-1], cubed]
    _, found = section(given, before)
    assert "Entered the settled model" in words(found)
    assert "Teacher experience cubed" in words(found)


def test_rows_of_a_new_wave_are_told(given, before):
    before["rows"] = [item for item in before["rows"] if item["wave"] != "2"]
    before["waves"] = ["K", "1"]
    document, found = section(given, before)
    cells = table_of(document, "changes-rows")["rows"][0]["cells"]
    assert [cell["text"] for cell in cells[:2]] == ["Grade 2", "new wave"]
    assert "of Kindergarten, Grade 1" in words(found)


def test_codes_that_came_went_and_changed_are_told(given, before):
    book = next(item for item in before["codebook"] if item["name"] == "class_type")
    book["categories"] = [
        {"code": "reg", "label": "Large class"},
        {"code": "aide", "label": "With aide"},
    ]
    _, found = section(given, before)
    assert "Class type: new category Small class (small)." in words(found)
    assert "Class type: the category With aide (aide) is gone." in words(found)
    assert "the code reg now means Regular class; before it meant Large class" in words(found)


def test_units_whose_verdict_changed_are_listed(given, before):
    effects = before["effects"][0]
    unit = next(unit for unit in effects["units"] if unit["verdict"] == "between")
    unit["verdict"] = "above"
    document, _ = section(given, before)
    rows = table_of(document, f"changes-units-{effects['level']['unit']}")["rows"]
    assert [cell["text"] for cell in rows[0]["cells"][:3]] == [
        unit["unit"][0],
        "above expectation",
        "cannot be distinguished from the average",
    ]


@pytest.mark.parametrize(("key", "other"), [("compare", "waves_seen"), ("compare", "lasting")])
def test_another_comparison_is_told_and_its_verdicts_are_not_compared(given, before, key, other):
    effects = before["effects"][0]
    effects |= {key: other, "granted": not effects["granted"]}
    effects["units"][0]["verdict"] = "above"
    document, found = section(given, before)
    assert "are now compared" in words(found)
    assert "may no longer be ranked" not in words(found)
    assert table_of(document, f"changes-units-{effects['level']['unit']}") is None


def test_against_whom_is_the_same_where_nothing_is_around(given, before):
    before["effects"][0]["against"] = "above"
    assert "Nothing changed" in words(section(given, before)[1])


def test_a_record_that_does_not_say_what_was_compared_is_read(given, before):
    for key in ("compare", "against", "wave"):
        del before["effects"][0][key]
    assert "Nothing changed" in words(section(given, before)[1])


def test_a_small_unit_is_not_named_in_the_comparison(given, before):
    unit = given["results"]["effects"][0]["units"][3]
    unit.update(unit=["tinyschool"], n=9)
    kept = {"unit": ["tinyschool"], "verdict": "above", "n": 400, "estimate": 1.0, "std_error": 0.1}
    before["effects"][0]["units"].append(kept)
    document, _ = section(given, before)
    assert "tinyschool" not in words(document)


def test_every_number_of_the_comparison_is_traced(given, before):
    before["rows"][0]["rows"] -= 100
    before["fixed"][1]["estimate"] += 100
    _, found = section(given, before)
    numbers = numbers_of(found)
    assert numbers
    for item in numbers:
        assert trace(item["source"], sources(given | {"previous": before})) == item["value"]


def test_few_rows_added_are_hidden(given, before):
    before["rows"][0]["rows"] -= 3
    document, _ = section(given, before)
    cells = table_of(document, "changes-rows")["rows"][0]["cells"]
    assert cells[3]["text"] == "[c]"
    assert "[c]" in (cells[1]["text"], cells[2]["text"])


def changed(kept, **fields):
    return kept.model_copy(update=fields)


def test_the_same_results_again_keep_the_records(given):
    found = record(given)
    kept = Kept(found, changed(found, n_obs=1))
    again = changed(found, date="2030-01-01", version="9")
    assert turn_over(kept, again) == kept


def test_other_results_turn_the_records_over(given):
    found = record(given)
    newer = changed(found, n_obs=1)
    kept = turn_over(Kept(found), newer)
    assert kept == Kept(newer, found)
    assert turn_over(kept, newer) == kept


def test_a_rounding_error_does_not_turn_the_records_over(given):
    found = record(given)
    first = changed(found.fixed[0], estimate=found.fixed[0].estimate * (1 + 1e-9))
    kept = Kept(found)
    assert turn_over(kept, changed(found, fixed=(first, *found.fixed[1:]))) == kept
    other = changed(found.fixed[0], estimate=found.fixed[0].estimate * (1 + 1e-3))
    assert turn_over(kept, changed(found, fixed=(other, *found.fixed[1:]))) != kept
