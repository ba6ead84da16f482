"""Which standard deviations sizes are in: said, subtractable, and left out where they repeat."""

from __future__ import annotations

import copy

import pytest

from mlm.pages.findings.chosen import chosen_findings
from mlm.pages.findings.lead import lead_table
from mlm.pages.language import using
from mlm.pages.rounding import decimals_for_spread
from mlm.pages.text import plain_text, started
from mlm.pages.words.standardised import per_sd
from mlm.results.reading import At
from tests.unit.pages.findings.test_gaps import over_time
from tests.unit.pages.sample import context_of, inputs


def lead_of(given: dict) -> dict:
    context = context_of(given)
    return lead_table(context, chosen_findings(context))


def test_sizes_of_a_gap_can_be_subtracted():
    table = lead_of(over_time((-10.0, -15.0, -20.0), -10.0))
    rows = [row["cells"] for row in table["rows"] if row["kind"] != "group"][-3:]
    first, __, last = (row[-1]["value"] for row in rows)
    assert first == pytest.approx(last / 2, abs=0.01)
    notes = [plain_text(note) for note in table["notes"]]
    assert notes[0].startswith(
        "In SD, against pupils of the group “Regular class”: each row in their standard "
    )
    assert notes[1].startswith("In SD, other groups: all rows in that of the ")
    last = context_of(inputs()).results.waves[-1]
    decimals = decimals_for_spread(last.sd.value, last.rows.value)
    assert notes[1].endswith(f", {last.sd.value:.{decimals}f} scale points.")


def test_words_before_articles_are_joined_in_french():
    given = over_time((-10.0, -15.0, -20.0), -10.0)
    categories = given["configuration"]["variables"]["class_type"]["categories"]
    for code in categories:
        categories[code] = {"label": code, "phrase": "les classes ordinaires"}
    with using("fr"):
        (first, __) = map(plain_text, lead_of(given)["notes"])
    assert first.startswith("En ET, par rapport aux classes ordinaires")


@pytest.mark.parametrize("unit", ["SD", "standard deviations"])
def test_an_outcome_in_standard_deviations_has_no_second_size(unit):
    given = copy.deepcopy(over_time((-0.4, -0.5, -0.6), -0.2, 0.05))
    outcome = given["configuration"]["analyses"]["math"]["outcome"]
    given["configuration"]["variables"][outcome]["unit"] = unit
    found = chosen_findings(context_of(given))
    every = (*found.told, *found.further, *found.untold)
    assert all(each.size is None for each in every)
    assert not any("; " in plain_text(each.runs).partition(")")[0] for each in found.told)
    assert "In SD" not in [column["label"] for column in lead_of(given)["columns"]]


def test_an_interval_stands_beside_the_last_gap_and_its_change():
    found = chosen_findings(context_of(over_time((-4.0, -6.0, -9.0), -5.0)))
    every = (*found.told, *found.further, *found.untold)
    (text,) = [plain_text(started(each.runs)) for each in every if each.kind == "gap"]
    assert "were 9.0 scale points (7.0 to 11.0) below the others in Grade 2, 5.0 scale" in text


def test_one_standard_deviation_of_a_number_in_these_is_not_told_twice():
    given = copy.deepcopy(inputs())
    variable = given["configuration"]["variables"]["experience"]
    own = At(1.02, "survey#/waves/0/variables/experience/sd")
    for unit, words in (("standard deviations", ""), ("years", " (1.0 years)")):
        variable["unit"] = unit
        assert plain_text(per_sd(context_of(given), "experience", own)) == words
