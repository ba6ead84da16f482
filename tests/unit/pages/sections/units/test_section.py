"""The section on units: no order without a licence, no name of a small unit."""

from __future__ import annotations

import json

import pytest

from mlm.pages.document import figures_of, tables_of
from tests.unit.pages.reading import sentences
from tests.unit.pages.sample import (
    document_of,
    inputs,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def given():
    return inputs()


def refuse(given):
    effect = given["results"]["effects"][0]
    effect["licence"]["granted"] = False
    effect["licence"]["checks"][2].update(value=0.71, lower=0.41, passed=False)


def test_effects_of_one_wave_are_told_to_draw_on_the_others(given):
    told = "What is compared are the effects in one wave"
    assert told in sentences(document_of(given))
    for unit in given["results"]["effects"][0]["units"]:
        unit["n_compared"] = unit["n"]
    assert told not in sentences(document_of(given))


def test_a_refused_licence_shows_no_order(given):
    refuse(given)
    document = document_of(given)
    kinds = {block["kind"] for block in figures_of(document)}
    assert "caterpillar" not in kinds
    assert not any(table["id"] == "units-school" for table in tables_of(document))
    text = sentences(document)
    assert "Schools are not ranked: the mean reliability of what is compared may be as low" in text


def test_a_refused_licence_leaves_no_unit_in_any_file(given):
    refuse(given)
    for unit in given["results"]["effects"][0]["units"]:
        unit.update(unit=["secretschool"])
    assert "secretschool" not in json.dumps(document_of(given))


def test_a_unit_of_few_rows_is_not_named(given):
    given["results"]["effects"][0]["units"][3].update(unit=["tinyschool"], n=9)
    assert "tinyschool" not in json.dumps(document_of(given))


def test_groups_are_named_where_only_the_order_is_in_doubt(given):
    effect = given["results"]["effects"][0]
    effect["licence"]["granted"] = False
    effect["licence"]["checks"][3].update(lower=0.2, passed=False)
    above = [unit["unit"][0] for unit in effect["units"] if unit["side"] == "above"]
    (found,) = (t for t in tables_of(document_of(given)) if t["id"] == "sides-school")
    cells = [[cell["text"] for cell in line["cells"]] for line in found["rows"]]
    assert cells[0] == ["Above expectation", str(len(above)), ", ".join(above)]
    assert [line[0] for line in cells] == ["Above expectation", "As expected", "Below expectation"]
    assert cells[1][2] == "[z]"
    assert "units-school" not in {table["id"] for table in tables_of(document_of(given))}


@pytest.mark.parametrize("side", ["above", "expected", "below"])
def test_of_named_groups_none_counts_a_unit_that_may_not_be_named(given, side):
    """Beside the names of the others its group could be told from the number."""
    effect = given["results"]["effects"][0]
    effect["licence"]["granted"] = False
    effect["licence"]["checks"][3].update(lower=0.2, passed=False)
    effect["units"][3].update(unit=["tinyschool"], n=9, side=side)
    document = document_of(given)
    others = [unit for unit in effect["units"] if unit["unit"] != ["tinyschool"]]
    (found,) = (t for t in tables_of(document) if t["id"] == "sides-school")
    numbers = [line["cells"][1]["text"] for line in found["rows"]]
    sides = ("above", "expected", "below")
    assert numbers == [str(sum(u["side"] == each for u in others)) for each in sides]
    assert "neither listed nor counted" in json.dumps(document)
    assert f"Of {len(others)} schools, compared" in sentences(document)
    assert f"{numbers[1]} as expected" in sentences(document)


def test_groups_are_counted_and_nobody_named_without_reliable_effects(given):
    refuse(given)
    (found,) = (t for t in tables_of(document_of(given)) if t["id"] == "sides-school")
    assert [len(line["cells"]) for line in found["rows"]] == [2, 2, 2]
    (words,) = ("".join(run["text"] for run in runs) for runs in found["notes"])
    assert "lies on the other side of zero is at most 5%" in words


def test_what_is_compared_is_said_with_its_wave_and_against_whom(given):
    effect = given["results"]["effects"][0]
    said = {
        ("last_wave", "2"): "compared in the last wave, Grade 2, against all schools",
        ("last_wave", None): "compared against all schools",
        (
            "waves_seen",
            None,
        ): "in the mean of the waves in which each was seen, against all schools",
        ("lasting", None): "in what is the same in every wave, against all schools",
    }
    for (compare, wave), words in said.items():
        effect.update(compare=compare, wave=wave)
        assert words in sentences(document_of(given))


def test_units_without_rows_in_the_last_wave_are_counted_and_have_no_place(given):
    effect = given["results"]["effects"][0]
    places = {"mean_rank", "rank_lower", "rank_upper", "probability_top", "probability_bottom"}
    effect["units"][4].update(dict.fromkeys(places), raw=None, ranked=False, n_compared=0)
    effect["n_ranked"] = 11
    document = document_of(given)
    assert "1 of the schools has no occasions in that wave: its effect is predicted" in sentences(
        document
    )
    (found,) = (t for t in tables_of(document) if t["id"] == "units-school")
    name = effect["units"][4]["unit"][0]
    (line,) = (row for row in found["rows"] if row["cells"][0]["text"] == name)
    assert [cell["text"] for cell in line["cells"][-5:]] == ["[z]"] * 5


def test_levels_of_which_nothing_lasts_are_told_with_what_is_possible(given):
    results = given["results"]
    level = results["effects"][0]["level"]
    results["effects"] = []
    results["not_compared"] = [
        {
            "level": level,
            "compare": "lasting",
            "against": "all",
            "without": level,
            "form": "unstructured",
            "possible": [{"compare": "last_wave", "against": "all"}],
        }
    ]
    text = sentences(document_of(given))
    assert "Schools are not compared: no part of the effects of schools is the same in" in text
    assert "compare: last_wave, against: all" in text


def test_charts_without_a_unit_to_show_are_left_out(given):
    for unit in given["results"]["effects"][0]["units"]:
        unit.update(n_compared=4)
    kinds = {block["kind"] for block in figures_of(document_of(given))}
    assert "caterpillar" in kinds and "shrinkage" not in kinds
    (found,) = (t for t in tables_of(document_of(given)) if t["id"] == "units-school")
    assert {line["cells"][2]["text"] for line in found["rows"]} == {"[c]"}
