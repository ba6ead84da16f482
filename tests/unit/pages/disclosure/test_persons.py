"""Persons: units of any level may be persons, whose counts and names are protected."""

from __future__ import annotations

import pytest

from mlm.pages.disclosure.persons import fewest_persons, persons_in_each
from mlm.pages.disclosure.singles import shows_single
from mlm.pages.document import tables_of
from tests.unit.pages.sample import context_of, document_of, everything, inputs


def of_persons(given, *names):
    for level in given["configuration"]["levels"]:
        level["persons"] = level["name"] in names
    return context_of(given)


@pytest.mark.parametrize("level", ["school", "pupil"])
def test_a_unit_that_is_a_person_counts_as_one(level):
    assert fewest_persons(level, of_persons(inputs(), level)) == 1


def test_a_unit_that_is_none_counts_as_the_persons_in_it():
    assert fewest_persons("school", of_persons(inputs())) > 1


def test_no_unit_that_is_a_person_is_named_or_shown_by_itself():
    open_, closed = of_persons(everything()), of_persons(everything(), "school")
    for effects in open_.results.effects:
        assert open_.rules.named(effects.units) and shows_single(open_, effects.level.value)
    for effects in closed.results.effects:
        assert effects.level.value.unit == "school"
        assert not closed.rules.named(effects.units)
        assert not shows_single(closed, effects.level.value)


def test_controlled_reports_name_persons():
    given = everything()
    given["configuration"]["disclosure"] = {"mode": "controlled"}
    context = of_persons(given, "school")
    assert all(context.rules.named(effects.units) for effects in context.results.effects)


@pytest.mark.parametrize(
    ("leave", "persons", "each"), [(2, 31, 15), (2, 19, 9), (1, 8, 8), (0, 0, 1)]
)
def test_schools_that_leave_count_as_the_pupils_that_are_in_them(leave, persons, each):
    given = of_small_schools(leave, persons)
    assert persons_in_each("survey#/attrition/0/leave", context_of(given)) == each


def test_teachers_that_leave_count_as_persons_whatever_they_hold():
    given = of_small_schools(2, 31)
    assert persons_in_each("survey#/attrition/0/leave", of_persons(given, "school")) == 1


@pytest.mark.parametrize(("persons", "shown"), [(31, "2"), (9, "[c]")])
def test_few_schools_are_told_where_they_hold_enough_pupils(persons, shown):
    document = document_of(of_small_schools(2, persons))
    table = next(t for t in tables_of(document) if t["id"] == "attrition")
    assert table["rows"][0]["cells"][4]["text"] == shown


def of_small_schools(leave: int, persons: int) -> dict:
    """Schools of which the smallest has a pupil; some leave, with so many pupils in them."""
    given = inputs()
    for item in given["survey"]["hierarchy"]:
        if item["level"]["unit"] == "school":
            item["rows"]["quantiles"][0] = item["children"]["quantiles"][0] = 1.0
    stay = given["survey"]["levels"][0]["groups_by_wave"][0]["groups"] - leave
    new = given["survey"]["levels"][0]["groups_by_wave"][1]["groups"] - stay
    held = {"stay": 5000, "leave": persons, "new": 600, "back": 0}
    flow = {"level": "school", "wave": "K", "other": "1", "stay": stay, "leave": leave, "new": new}
    flow |= {"back": 0, "moved": None, "persons": held}
    given["survey"]["attrition"].insert(0, flow)
    return given
