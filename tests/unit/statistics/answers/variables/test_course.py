"""Whether a line or a curve fits the waves, and what is told where it does not."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.errors import FitError
from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, RandomTerm, Term
from mlm.results.over_time import LackOfFit
from mlm.results.test import RefusedTest
from mlm.statistics.answers.policy.policy_effects import policy_by_time, policy_effects
from mlm.statistics.answers.variables.adjusted_by_group import adjusted_means_by
from mlm.statistics.answers.variables.adjusted_means import adjusted_curve, adjusted_means
from mlm.statistics.answers.variables.course import (
    course_of_time,
    course_within,
    lack_of_fit_record,
    told_within,
)
from mlm.statistics.fitting.solution import Solution, solve
from tests.drawn_cases import cases
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")]
CURVE = {"w0": 0.0, "w1": 0.9, "w2": 0.3, "w3": 0.8}


@cache
def rows(bend: float = 1.0, bend_of_a: float = 0.0):
    """Rows of 10 counties whose waves lie off a line, in one category further off."""
    sizes = {"county": 10, "school": 2, WAVE: 4, "row": 5}
    frame = nested_rows(np.random.default_rng(8), sizes, {"county": 0.2, "school": 0.2})
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    moved = frame[WAVE].map(CURVE) * (bend + bend_of_a * (frame["kind"] == "a"))
    return frame.assign(y=frame["y"] + moved)


def solved(plan, frame, random=None):
    model = plan.full_model()
    return solve(model.with_random(random or model.random), merged(plan, frame))


def planned(coding: str, **changes):
    return make_plan("same_schools", coding, waves=tuple(CURVE), by_time=("kind",), **changes)


def test_lack_of_fit_of_the_power_before_the_last_is_the_test_of_the_last():
    quadratic, cubic = (planned("polynomial", degree=degree) for degree in (2, 3))
    course = course_of_time(quadratic, solved(quadratic, rows()))
    assert course.test.df == 1, "four waves, three powers"
    larger = solved(quadratic, rows()).fit.model
    (*_, third) = cubic.time.terms
    with_third = solve(larger.with_terms([*larger.terms, third]), merged(cubic, rows()))
    row = with_third.fit.fixed_effects.loc["I(year ** 3)"]
    assert course.test.statistic == pytest.approx(row["z"] ** 2, rel=1e-6)
    assert course.test.reference.denominator == pytest.approx(row["df"], rel=1e-5)


def test_where_the_line_fails_means_are_those_of_the_waves_as_categories():
    line, waves = planned("trend"), planned("categories")
    course = course_of_time(line, solved(line, rows()))
    assert course.is_rejected
    assert course.test.df == 2, "four waves less two of a line"
    assert course.told is course.saturated
    # the products with the category stay those of the line
    within = course_within(line, course, "kind")
    expected = adjusted_means(waves, course_of_time(waves, solved(waves, rows())))
    found = adjusted_means(line, _told_within(within))
    for mine, its in zip(found, expected, strict=True):
        assert mine.estimate == pytest.approx(its.estimate, abs=1e-6)
        assert mine.std_error == pytest.approx(its.std_error, rel=1e-4)
        assert mine.saturated == pytest.approx(mine.estimate)
    record = lack_of_fit_record(course)
    assert isinstance(record, LackOfFit) and record.rejected
    assert record.formula == course.saturated.fit.formula


def _told_within(course):
    return replace(course, drawn=course.saturated, fitting=course.saturated, test=None)


def test_where_the_line_fits_means_lie_on_it_and_the_waves_beside():
    plan = planned("trend")
    course = course_of_time(plan, solved(plan, rows(bend=0.0)))
    assert not course.is_rejected
    assert course.told is course.drawn
    found = adjusted_means(plan, course)
    steps = np.diff([mean.estimate for mean in found])
    assert steps == pytest.approx(steps[0])
    assert np.ptp(np.diff([mean.saturated for mean in found])) > 1e-3
    curve = adjusted_curve(plan, course.drawn)
    assert [curve[0].estimate, curve[-1].estimate] == pytest.approx(
        [found[0].estimate, found[-1].estimate]
    )
    assert (curve[0].time, curve[-1].time) == (0.0, 6.0)


def test_differences_between_groups_have_a_course_of_their_own():
    plan = planned("trend")
    frame = rows(bend=0.0, bend_of_a=1.5)
    course = course_of_time(plan, solved(plan, frame))
    (item,) = adjusted_means_by(plan, course)
    assert item.lack_of_fit.rejected
    assert item.lack_of_fit.test.df == 4, "two waves, two categories"
    first = [row.estimate for row in item.groups[0].rows]
    assert np.ptp(np.diff(first)) > 0.5, "the bend of the first category"
    assert np.ptp(np.diff([point.estimate for point in item.groups[0].curve])) < 1e-9
    assert item.test.df == 6, "all that the groups change by: line and departures"
    (steady,) = adjusted_means_by(plan, course_of_time(plan, solved(plan, rows())))
    assert not steady.lack_of_fit.rejected


def test_effects_of_a_variable_are_told_of_the_waves_where_its_line_fails():
    plan = planned("trend")
    bent = course_of_time(plan, solved(plan, rows(bend=0.0, bend_of_a=1.5)))
    told = told_within(plan, bent, "kind")
    assert "wave:kind" in told.fit.formula
    by_wave = [effect.estimate for effect in policy_effects(plan, told, "kind")]
    assert np.ptp(np.diff(by_wave[:4])) > 0.5, "no line"
    course = course_of_time(plan, solved(plan, rows()))
    assert told_within(plan, course, "kind") is course.told
    assert told_within(plan, course, "z") is course.told, "a variable without a product with time"


@pytest.mark.parametrize(("coding", "degree"), [("categories", None), ("polynomial", 3)])
def test_a_saturated_course_has_nothing_to_test(coding, degree):
    plan = planned(coding, degree=degree)
    course = course_of_time(plan, solved(plan, rows()))
    assert course.test is None and course.told is course.drawn
    assert lack_of_fit_record(course) is None
    assert [mean.saturated for mean in adjusted_means(plan, course)] == [None] * 4


def test_two_waves_have_no_departures_from_a_line():
    plan = make_plan("same_schools", "trend", waves=("w0", "w1"))
    frame = rows()[lambda f: f[WAVE].isin(["w0", "w1"])]
    assert course_of_time(plan, solved(plan, frame)).test is None


def test_a_model_that_cannot_be_fitted_refuses_the_test(monkeypatch):
    plan = planned("trend")
    settled = solved(plan, rows())

    def fails(*args, **kwargs):
        raise FitError("no optimum")

    monkeypatch.setattr(Solution, "fitted", fails)
    found = course_of_time(plan, settled)
    assert isinstance(found.test, RefusedTest) and found.told is settled
    assert lack_of_fit_record(found).formula is None


FORMS = {
    "intercepts": (RandomTerm(("county",)), RandomTerm(("county", "school"))),
    "line": (
        RandomTerm(("county",), (Term(), Term((Factor("year"),)))),
        RandomTerm(("county", "school")),
    ),
    "unstructured": (
        RandomTerm(("county",), (Term((Factor(WAVE),)),)),
        RandomTerm(("county", "school")),
    ),
    "variances by wave": (
        RandomTerm(("county",), (Term((Factor(WAVE),)),), "csh"),
        RandomTerm(("county", "school")),
    ),
    "autoregressive": (
        RandomTerm(("county",)),
        RandomTerm(("county", "school"), (Term((Factor(WAVE),)),), "ar1"),
    ),
}


SLOW = ("unstructured", "variances by wave", "autoregressive")


@pytest.mark.parametrize(
    "form", [pytest.param(f, marks=pytest.mark.study if f in SLOW else ()) for f in FORMS]
)
def test_means_are_read_from_any_random_part(form):
    plan = planned("trend")
    course = course_of_time(plan, solved(plan, rows(), FORMS[form]))
    assert course.is_rejected
    found = adjusted_means(plan, course)
    plain = adjusted_means(plan, course_of_time(plan, solved(plan, rows())))
    for mine, its in zip(found, plain, strict=True):
        assert abs(mine.estimate - its.estimate) < 0.5 * its.std_error
        assert mine.std_error > 0.0 and mine.df > 1.0
    (item,) = adjusted_means_by(plan, course)
    assert all(row.std_error > 0.0 for group in item.groups for row in group.rows)


@cache
def _answers(first: float, step: float):
    plan = planned("polynomial", degree=2, first=first, step=step)
    solution = solved(plan, rows())
    course = course_of_time(plan, solution)
    means = adjusted_means(plan, course)
    numbers = [course.test.statistic, course.test.reference.denominator]
    numbers += [policy_by_time(plan, solution, "kind").statistic]
    numbers += [value for mean in means for value in (mean.estimate, mean.std_error)]
    by = adjusted_means_by(plan, course)
    numbers += [row.std_error for item in by for group in item.groups for row in group.rows]
    return solution.fit.deviance, np.array(numbers)


def _same_answers(first: float, step: float) -> None:
    deviance, numbers = _answers(0.0, 2.0)
    its, moved = _answers(first, step)
    assert moved == pytest.approx(numbers, rel=1e-6)
    powers = 3 * (1 + 2)  # of time, and of its products with two categories
    moved_by = 2.0 * powers * np.log(step / 2.0)  # REML knows the unit of the columns
    assert its - deviance == pytest.approx(moved_by, abs=1e-5)


def test_the_year_counts_from_any_origin():
    _same_answers(1984.0, 2.0)


@pytest.mark.study
@settings(max_examples=cases(12))
@given(st.integers(-3000, 3000), st.sampled_from([0.25, 1.0, 3.0, 12.0]))
def test_any_origin_and_unit_of_time_give_the_same_answers(first, step):
    _same_answers(float(first), step)
