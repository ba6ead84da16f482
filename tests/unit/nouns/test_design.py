"""Designs say what recurs and where time stands, and each has its words in a report."""

from __future__ import annotations

import pytest

from mlm.nouns.design import (
    CROSS_SECTION,
    DESIGNS,
    LONGITUDINAL,
    NEW_SCHOOLS,
    SAME_PUPILS,
    SAME_SCHOOLS,
    design_named,
)
from mlm.pages.context import DESIGN_WORDS

LEVELS = ("county", "school", "pupil")


def test_designs_are_found_by_their_names():
    assert all(
        design_named(name) is design and str(design) == name for name, design in DESIGNS.items()
    )
    assert set(LONGITUDINAL) == set(DESIGNS.values()) - {CROSS_SECTION}
    with pytest.raises(KeyError):
        design_named("no_such_design")


@pytest.mark.parametrize(
    ("design", "above", "usual"),
    [
        (SAME_PUPILS, ("pupil",), "pupil"),
        (SAME_SCHOOLS, ("county", "school"), "school"),
        (NEW_SCHOOLS, ("county", "school"), "county"),
    ],
)
def test_time_stands_directly_below_a_level(design, above, usual):
    assert tuple(design.above_time(LEVELS)) == above
    assert design.usual_level(LEVELS) == usual


def test_time_is_above_all_levels_where_no_unit_recurs():
    assert NEW_SCHOOLS.usual_level(LEVELS[1:]) is None
    assert CROSS_SECTION.usual_level(LEVELS) is None


def test_with_many_levels_the_place_of_time_must_be_said():
    deep = (*LEVELS, "item")
    assert all(design.is_clear(LEVELS) for design in LONGITUDINAL)
    assert [design for design in LONGITUDINAL if design.is_clear(deep)] == [SAME_PUPILS]


def test_each_design_has_words():
    assert set(DESIGN_WORDS) == set(DESIGNS.values())
