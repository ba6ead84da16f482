"""Levels in words."""

from __future__ import annotations

import pytest

from mlm.pages.labels import Labels
from mlm.pages.words.levels import between_units, identifier, is_crossed, pluralise
from mlm.results.level import Level
from tests.unit.pages.sample import configuration

SCHOOL = Level(unit="school", ids=("school",))
IN_WAVE = Level(unit="school", in_wave=True, ids=("school", "wave"))
PUPIL = Level(unit="pupil", ids=("school", "pupil"))
MOVING = Level(unit="pupil", ids=("pupil",))
OCCASION = Level(unit="occasion", ids=())


@pytest.fixture
def labels():
    return Labels(configuration(), "math")


@pytest.mark.parametrize(
    ("level", "one", "many"),
    [
        ("school", "school", "schools"),
        ("class", "class", "classes"),
        ("county", "county", "counties"),
        (SCHOOL, "school", "schools"),
        (IN_WAVE, "school in a wave", "schools by wave"),
        (OCCASION, "occasion", "occasions"),
    ],
)
def test_levels_in_the_singular_and_plural(labels, level, one, many):
    assert (labels.level(level), labels.plural(level)) == (one, many)


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        (
            (SCHOOL, PUPIL, OCCASION),
            ["schools", "pupils within schools", "occasions within pupils"],
        ),
        ((SCHOOL, MOVING, OCCASION), ["schools", "pupils", "occasions within pupils"]),
        (
            (SCHOOL, IN_WAVE, Level(unit="pupil", ids=())),
            ["schools", "waves within schools", "pupils within a school and wave"],
        ),
    ],
)
def test_where_the_variation_of_a_level_lies(labels, levels, words):
    assert [between_units(level, levels, labels) for level in levels] == [
        f"between {w}" for w in words
    ]


def test_levels_that_are_one_are_named_together():
    together = (SCHOOL, PUPIL)
    joint = Labels(configuration(), "math", dict.fromkeys(together, together))
    assert joint.plural(SCHOOL) == joint.plural(PUPIL) == "schools + pupils"
    assert joint.level(SCHOOL) == "school + pupil" and joint.plural("school") == "schools"
    levels = (SCHOOL, OCCASION)
    assert between_units(OCCASION, levels, joint) == "between occasions within schools + pupils"


def test_units_found_under_several_others_are_crossed():
    assert is_crossed(MOVING, (SCHOOL, MOVING, OCCASION))
    assert not any(is_crossed(level, (SCHOOL, PUPIL, OCCASION)) for level in (SCHOOL, PUPIL))
    assert not is_crossed(OCCASION, (SCHOOL, MOVING, OCCASION))


def test_units_and_units_in_waves_have_identifiers_of_their_own():
    assert identifier(IN_WAVE) != identifier(SCHOOL)


def test_plural_of_day_is_days():
    assert pluralise("day") == "days"
