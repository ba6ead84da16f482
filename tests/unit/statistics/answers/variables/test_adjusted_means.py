"""Adjusted means by wave and policy effects are combinations that predictions confirm."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.nouns.levels import WAVE
from mlm.results.over_time import AdjustedMeansBy
from mlm.statistics.answers.policy.policy_effects import policy_effects
from mlm.statistics.answers.variables.adjusted_by_group import adjusted_means_by
from mlm.statistics.answers.variables.adjusted_means import (
    adjusted_means,
    adjusted_means_test,
    mean_effects,
)
from mlm.statistics.answers.variables.course import Course
from mlm.statistics.fitting.solution import solve
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged, with_time

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
NEAR = 1e-8
CODINGS = ["categories", "trend", "polynomial"]


def solved(coding: str, by_time: tuple[str, ...]):
    sizes = {"county": 8, "school": 3, WAVE: 3, "row": 8}
    frame = nested_rows(np.random.default_rng(4), sizes, {"county": 0.2, "school": 0.2})
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    terms = ("x", "z", "kind", "kind:z")
    degree = 2 if coding == "polynomial" else None
    plan = make_plan("same_schools", coding, terms=terms, by_time=by_time, degree=degree)
    solution = solve(plan.full_model(), merged(plan, frame))
    return plan, frame, solution


def as_it_is(plan, solution) -> Course:
    """The course of a model whose line is taken to fit."""
    return Course(solution, solution, None, None, plan.alpha)


def at_means(plan, solution, frame: pd.DataFrame, wave: str, **fixed) -> float:
    """Mean prediction over all rows as if they were of one wave (and one category)."""
    moved = with_time(plan, frame.assign(**{WAVE: wave}))
    return float(np.mean(mlm.predict(solution.fit, moved.assign(**fixed))))


@pytest.mark.battery
@pytest.mark.parametrize("by_time", [(), ("x",), ("x", "kind")])
@pytest.mark.parametrize("coding", CODINGS)
def test_adjusted_means_are_mean_predictions_as_if_all_rows_were_of_one_wave(coding, by_time):
    plan, frame, solution = solved(coding, by_time)
    rows = adjusted_means(plan, as_it_is(plan, solution))
    assert [row.wave for row in rows] == list(plan.time.waves)
    for row in rows:
        expected = at_means(plan, solution, frame, row.wave)
        assert row.estimate == pytest.approx(expected, abs=NEAR)
        assert row.lower < row.estimate < row.upper
        assert row.std_error > 0.0 and row.df > 1.0
    assert rows[0].change is None
    for row in rows[1:]:
        change = row.change
        assert change.estimate == pytest.approx(row.estimate - rows[0].estimate)
        apart = np.hypot(row.std_error, rows[0].std_error)
        assert change.std_error < apart, "the waves share counties and schools"
    moved = adjusted_means_test(plan, solution)
    assert moved.df == (1 if coding == "trend" else 2)
    if coding == "trend" and not by_time:
        single = rows[-1].change
        assert moved.statistic == pytest.approx((single.estimate / single.std_error) ** 2)
        assert moved.p_value == pytest.approx(single.p_value)


@pytest.mark.battery(2)
@pytest.mark.parametrize("coding", CODINGS)
def test_policy_effects_by_wave_are_differences_of_mean_predictions(coding):
    plan, frame, solution = solved(coding, ("kind",))
    effects = policy_effects(plan, solution, "kind")
    assert len(effects) == 2 * len(plan.time.waves)
    for effect in effects:
        args = plan, solution, frame, effect.wave
        difference = at_means(*args, kind=effect.category) - at_means(*args, kind="a")
        assert effect.estimate == pytest.approx(difference, abs=NEAR)


def test_a_policy_that_time_does_not_change_has_one_effect_for_all_waves():
    plan, frame, solution = solved("categories", ("x",))
    effects = policy_effects(plan, solution, "kind")
    assert [(e.category, e.wave) for e in effects] == [("b", None), ("c", None)]
    args = plan, solution, frame, "w0"
    difference = at_means(*args, kind="b") - at_means(*args, kind="a")
    assert effects[0].estimate == pytest.approx(difference, abs=NEAR)


def test_a_contrast_of_one_column_is_its_row_of_the_table():
    _, _, solution = solved("categories", ())
    for i, (name, row) in enumerate(solution.fit.fixed_effects.iterrows()):
        found = solution.contrast(np.eye(len(solution.fit.names))[i])
        assert found.estimate == pytest.approx(row["estimate"]), name
        assert found.std_error == pytest.approx(row["std_error"])
        assert found.df == pytest.approx(row["df"], rel=1e-6)
        assert found.p_value == pytest.approx(row["p_value"], rel=1e-5)


@pytest.mark.battery(2)
@pytest.mark.parametrize("coding", CODINGS)
def test_adjusted_means_by_are_mean_predictions_of_that_group(coding):
    plan, frame, solution = solved(coding, ("x", "kind"))
    by_x, by_kind = adjusted_means_by(plan, as_it_is(plan, solution))
    assert [group.category for group in by_kind.groups] == ["a", "b", "c"]
    middle, spread = frame["x"].mean(), frame["x"].std(ddof=0)
    assert [group.value for group in by_x.groups] == pytest.approx(
        [middle - spread / 2, middle + spread / 2]
    )
    for name, found, key in (("kind", by_kind, "category"), ("x", by_x, "value")):
        assert found.variable == name
        for group in found.groups:
            assert [row.wave for row in group.rows] == list(plan.time.waves)
            for row in group.rows:
                fixed = {name: getattr(group, key)}
                expected = at_means(plan, solution, frame, row.wave, **fixed)
                assert row.estimate == pytest.approx(expected, abs=NEAR)
                assert row.lower < row.estimate < row.upper
        for first, *others in zip(*(group.rows for group in found.groups), strict=True):
            assert first.difference is None
            for other in others:
                apart = other.estimate - first.estimate
                assert other.difference.estimate == pytest.approx(apart, abs=NEAR)
        assert all(row.moved is None for row in found.groups[0].rows)
        for group in found.groups[1:]:
            start, *later = group.rows
            assert start.moved is None
            for row in later:
                moved = row.difference.estimate - start.difference.estimate
                assert row.moved.estimate == pytest.approx(moved, abs=NEAR)
                assert row.moved.std_error < row.difference.std_error + start.difference.std_error
    assert _differences(by_kind) == pytest.approx(
        [effect.estimate for effect in policy_effects(plan, solution, "kind")]
    )


def _differences(found: AdjustedMeansBy) -> list[float]:
    rows = [row for group in found.groups[1:] for row in group.rows]
    return [row.difference.estimate for row in rows]


def test_variables_without_a_product_with_time_have_no_means_by_group():
    plan, _, solution = solved("categories", ())
    assert adjusted_means_by(plan, as_it_is(plan, solution)) == ()


@pytest.mark.parametrize("coding", CODINGS)
def test_mean_effects_are_averages_over_the_rows_of_products_powers_and_time(coding):
    sizes = {"county": 8, "school": 3, WAVE: 3, "row": 8}
    frame = nested_rows(np.random.default_rng(4), sizes, {"county": 0.2, "school": 0.2})
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    terms = ("x", "z", "kind", "kind:z", "kind:x", "x^2")
    plan = make_plan("same_schools", coding, terms=terms, by_time=("x", "kind"))
    solution = solve(plan.full_model(), merged(plan, frame))
    rows, step = with_time(plan, frame), 1e-4

    def mean(**changes) -> float:
        return float(np.mean(mlm.predict(solution.fit, rows.assign(**changes))))

    (slope,) = mean_effects(solution.fit, "x", solution.stats).values()
    finite = (mean(x=rows["x"] + step) - mean(x=rows["x"] - step)) / (2.0 * step)
    assert slope == pytest.approx(finite, abs=1e-6)
    effects = mean_effects(solution.fit, "kind", solution.stats)
    expected = {f"kind[T.{c}]": mean(kind=c) - mean(kind="a") for c in ("b", "c")}
    assert effects == pytest.approx(expected, abs=NEAR)
