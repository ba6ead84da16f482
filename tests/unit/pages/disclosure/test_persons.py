"""Persons: units of any level may be persons, whose counts and names are protected."""

from __future__ import annotations

import pytest

from mlm.pages.disclosure.persons import fewest_persons
from mlm.pages.disclosure.singles import shows_single
from tests.unit.pages.sample import context_of, everything, inputs


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
