"""What changed since the last results: each kind of change is told, and that there is none."""

import json

import pytest

from mlm.pages import previous
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


def test_of_more_units_than_can_be_listed_none_is_kept(given, monkeypatch):
    size = len(record(given).effects[0].units)
    monkeypatch.setattr(previous, "UNITS_KEPT", size)
    assert len(record(given).effects[0].units) == size > 0
    monkeypatch.setattr(previous, "UNITS_KEPT", size - 1)
    assert record(given).effects[0].units == ()
    section(given, json.loads(record(given).to_json()))


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


def moved_main_effect(before, name="class_type"):
    """A coefficient of a variable by itself, moved by more than its error in the results before."""
    for item in before["fixed"]:
        if [factor["variable"] for factor in item["term"]] == [name]:
            item["estimate"] += 5.0 * item["std_error"]
            return
    raise AssertionError(name)


def plain(name):
    return {"variable": name, "category": None, "power": 1, "function": None}


def test_a_coefficient_whose_interaction_left_is_not_compared(given, before):
    moved_main_effect(before)
    document, found = section(given, before)
    assert table_of(document, "changes-estimates") is not None
    before["terms"] = [*before["terms"], [plain("class_type"), plain("lunch")]]
    document, found = section(given, before)
    assert table_of(document, "changes-estimates") is None
    assert "Not the same quantity as before, and not compared: the coefficients of" in words(found)
    (told,) = (s for s in document["brief"]["sections"] if s["id"] == "changes")
    assert "changed by more than their error" not in words(told["items"])
    assert "What changed is in the report" in words(told["items"])


def test_a_coefficient_on_another_reference_is_not_compared(given, before):
    moved_main_effect(before)
    factors = [factor for item in before["fixed"] for factor in item["term"]]
    own = [factor for factor in factors if factor["variable"] == "class_type"]
    book = next(item for item in before["codebook"] if item["name"] == "class_type")
    codes = {item["code"] for item in book["categories"]}
    (reference,) = codes - {factor["category"] for factor in own}
    other = own[0]["category"]
    for factor in own:
        if factor["category"] == other:
            factor["category"] = reference
    for item in before["fixed"]:
        item["estimate"] += 5.0 * item["std_error"]
    document, _ = section(given, before)
    listed = table_of(document, "changes-estimates")
    assert listed is not None and "Class type" not in words(listed)


def test_a_file_that_differs_is_not_called_unchanged(given, before):
    before["account"] = "0" * len(before["account"])
    found = words(section(given, before)[1])
    assert "Nothing changed" not in found
    assert "estimates and verdicts are as they were; the files, or what else is counted" in found
    before["fixed"][1]["estimate"] += 0.1 * before["fixed"][1]["std_error"]
    found = words(section(given, before)[1])
    assert "Estimates changed, none that is compared by more than its error." in found
    assert "Nothing changed" not in found


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


def with_zeros(before: dict) -> dict:
    """The record with ids that are written with zeros before them."""
    for unit in before["effects"][0]["units"]:
        unit["unit"] = [f"{int(part):04d}" for part in unit["unit"]]
    return before


def test_units_are_the_same_where_only_the_spelling_of_their_ids_changed(given, before):
    assert "Nothing changed" not in words(section(given, with_zeros(before))[1])
    unit = next(u for u in before["effects"][0]["units"] if u["verdict"] == "between")
    unit["verdict"] = "above"
    document, found = section(given, before)
    assert "Schools with another verdict than before: 1." in sentences(document)
    assert "not among those of before" not in words(found)
    assert "what of these is not listed here did not change" in words(found)


def test_units_that_cannot_be_found_again_are_told(given, before):
    for unit in before["effects"][0]["units"]:
        unit["unit"] = [f"x{part}" for part in unit["unit"]]
    document, _ = section(given, before)
    n = len(before["effects"][0]["units"])
    told = f"Schools that were not among those of before by their ids: {n}."
    assert told in sentences(document)


def test_verdicts_that_changed_are_counted_where_none_may_be_named(given, before):
    for unit in before["effects"][0]["units"][:3]:
        unit["verdict"] = "below" if unit["verdict"] == "above" else "above"
    for unit in (*before["effects"][0]["units"], *given["results"]["effects"][0]["units"]):
        unit["n"] = 9
    document, _ = section(given, before)
    assert "Schools with another verdict than before: 3. None of them is named." in sentences(
        document
    )


def test_another_verdict_on_a_policy_is_told(given, before):
    effect = before["policies"][0]
    assert effect["side"] != "below"
    effect["side"] = "below"
    _, found = section(given, before)
    assert "the effect is now" in words(found)
    assert "before it was clearly below zero." in words(found)


def test_another_verdict_on_a_level_is_told(given, before):
    test = before["level_tests"][0]
    test["p_value"] = 0.4 if test["p_value"] < 0.05 else 0.001
    assert "clear evidence that schools differ; before there was" in words(
        section(given, before)[1]
    )


def test_a_record_without_verdicts_on_policies_and_levels_is_read(given, before):
    del before["policies"], before["level_tests"]
    assert "Nothing changed" in words(section(given, before)[1])
