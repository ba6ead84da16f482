"""Time as waves, a line or a curve, and the waves beside a line."""

from __future__ import annotations

import pytest

from mlm.nouns.formula import parse_term
from mlm.nouns.marginality import Marginality
from mlm.nouns.planned_time import PlannedTime
from tests.plans import make_plan

WAVES = ("a", "b", "c", "d")
TIMES = (0.0, 1.0, 2.0, 3.0)


def named(terms) -> list[str]:
    return [str(term) for term in terms]


def test_a_curve_has_all_powers_of_time_and_products_with_each():
    time = PlannedTime("year", "polynomial", WAVES, TIMES, 3)
    assert named(time.terms) == ["year", "I(year ** 2)", "I(year ** 3)"]
    assert named(time.products("x")) == ["year:x", "I(year ** 2):x", "I(year ** 3):x"]
    assert str(time.term) == "year", "slopes are those of the line"
    assert time.is_trend and time.factor == "wave"


def test_one_wave_has_no_time():
    time = PlannedTime("year", "trend", ("a",), (0.0,))
    assert time.terms == () and time.products("x") == () and not time.is_trend


def test_products_leave_from_the_highest_power_down():
    plan = make_plan("same_schools", "polynomial", degree=2)
    terms = plan.full_model().terms
    rule = Marginality(terms, plan.protected)
    assert named(rule.members(rule.all & ~rule.free)) == ["year", "I(year ** 2)"]
    kept, left = rule.all, []
    for _ in range(2):
        (place,) = (i for i in rule.droppable(kept) if "year" in rule.terms[i].variables)
        left.append(str(rule.terms[place]))
        kept &= ~(1 << place)
    assert left == ["I(year ** 2):x", "year:x"]


@pytest.mark.parametrize(("coding", "degree"), [("trend", 1), ("polynomial", 2)])
def test_the_waves_stand_beside_every_term_of_time(coding, degree):
    time = PlannedTime("year", coding, WAVES, TIMES, degree)
    terms = (*time.terms, parse_term("x"), *time.products("x"))
    added = named(time.saturated(terms))[len(terms) :]
    assert added == ["wave", "wave:x"]
    assert time.saturated(time.saturated(terms)) == time.saturated(terms)


def test_waves_as_categories_stand_for_themselves():
    time = PlannedTime("year", "categories", WAVES, TIMES)
    assert time.saturated(time.terms) == time.terms


def test_a_curve_counts_from_the_first_wave_and_a_line_where_zero_is_not_among_them():
    plan = make_plan("same_schools", "polynomial", degree=2, first=1984.0)
    assert plan.time.times == (0.0, 2.0, 4.0) and plan.time.origin == 1984.0
    plan = make_plan("same_schools", "trend", first=1984.0)
    assert plan.time.times == (0.0, 2.0, 4.0) and plan.time.origin == 1984.0
    plan = make_plan("same_schools", "trend", first=-2.0)
    assert plan.time.times == (-2.0, 0.0, 2.0) and plan.time.origin == 0.0
