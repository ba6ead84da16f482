"""Policies beside their effects: balance, overlap, crude estimates, change over time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2

from mlm import fit
from mlm.nouns.assignment import Assignment
from mlm.nouns.levels import WAVE
from mlm.results.coefficient import Factor
from mlm.results.level import Level
from mlm.statistics.answers.policy.balance import policy_arms, standardised_differences
from mlm.statistics.answers.policy.policy_effects import (
    policy_by_time,
    policy_effects,
    policy_record,
)
from mlm.statistics.answers.policy.unit_overlap import overlap
from mlm.statistics.fitting.solution import solve
from mlm.statistics.inference.f_tests import f_test
from tests.bands import FALSE_ALARM, mean_band
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged, observed

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
ADJUSTED = Assignment("adjusted")
TERMS = ("group_kind", "x", "z")
REFIT = 1e-3  # the same model fitted from two starts


def solution(confounding: float = 0.0, grows: float = 0.0, claim=ADJUSTED, seed=2, **more):
    rng = np.random.default_rng(seed)
    frame = nested_rows(
        rng, {"county": 60, WAVE: 2, "school": 2, "row": 6}, {"county": 0.05, WAVE: 0.2}
    )
    frame = frame.assign(**{WAVE: "w" + frame[WAVE]})
    treated = (frame["group_kind"] == "b").astype(float)
    shifted = frame["z"] + confounding * treated
    y = frame["y"] + 0.3 * (shifted - frame["z"]) + 0.5 * treated
    y += grows * treated * (frame[WAVE] == "w1")
    frame = frame.assign(z=shifted, y=y)
    options = {"terms": TERMS, "by_time": ("group_kind",), "waves": ("w0", "w1"), **more}
    plan = make_plan("new_schools", policy={"group_kind": claim}, **options)
    stats = merged(plan, frame)
    return plan, frame, solve(plan.full_model(), stats)


def test_balance_is_that_of_the_units_where_the_policy_is_assigned():
    plan, frame, found = solution(1.5)
    arms = policy_arms(plan, found.stats, "group_kind")
    counties = frame.drop_duplicates("county")
    for category in ("a", "b", "c"):
        here = counties[counties["group_kind"] == category]
        assert arms.units[category] == len(here)
        place = arms.columns.index(Factor(variable="z"))
        assert arms.means[category][place] == pytest.approx(here["z"].mean())
        assert arms.spread[category][place] == pytest.approx(here["z"].std())
    assert arms.level.ids == ("county",) and arms.mixed == 0


def test_confounding_shows_as_imbalance():
    plan, _, found = solution(1.5)
    record = policy_record(plan, found, "group_kind")
    rows = {(r.category, r.column.variable): r for r in record.balance.rows}
    assert rows["b", "z"].standardised > 0.8
    assert record.balance.unequal >= 1


@pytest.mark.study
def test_estimates_without_adjustment_are_off_by_the_confounding():
    """By the slope on z times the difference of its means: the bias of an omitted variable."""
    off, expected = [], []
    for seed in range(8):
        plan, rows, found = solution(1.5, seed=seed)
        means = rows.groupby("group_kind")["z"].mean()
        expected.append(found.fit.fixed_effects.loc["z", "estimate"] * (means["b"] - means["a"]))
        crude = policy_record(plan, found, "group_kind").unadjusted
        crude_b = np.mean([e.estimate for e in crude if e.category == "b"])
        effects = policy_effects(plan, found, "group_kind")
        off.append(crude_b - np.mean([e.estimate for e in effects if e.category == "b"]))
    low, high = mean_band(np.subtract(off, expected), 0.0)
    assert low <= np.mean(off) - np.mean(expected) <= high
    assert np.mean(expected) > 0.3


def test_each_wave_alone_is_the_model_of_its_rows():
    """The unadjusted contrast is that of a fit to the rows of the wave, with its own units."""
    plan, frame, found = solution()
    record = policy_record(plan, found, "group_kind")
    for wave in plan.time.waves:
        own = frame[frame[WAVE] == wave]
        alone = fit("y ~ group_kind + (1 | county) + (1 | county:school)", own)
        for category in ("b", "c"):
            row = next(e for e in record.unadjusted if (e.category, e.wave) == (category, wave))
            expected = alone.fixed_effects.loc[f"group_kind[T.{category}]"]
            assert row.estimate == pytest.approx(expected["estimate"], rel=1e-6)
            assert row.std_error == pytest.approx(expected["std_error"], rel=1e-5)
            here = own[own["group_kind"] == "a"]["y"].std()
            assert row.size.sd == pytest.approx(here, rel=1e-9)
            assert row.size.estimate == pytest.approx(row.estimate / here, rel=1e-9)


def test_overlap_shrinks_when_areas_grow_apart():
    near, far = (solution(c)[::2] for c in (0.0, 8.0))
    shares = []
    for plan, found in (near, far):
        units, inside = overlap(policy_arms(plan, found.stats, "group_kind"), "b", "a")
        shares.append(inside / units)
    assert shares[0] > 0.6
    assert shares[1] < 0.2


def test_a_policy_of_rows_is_balanced_over_rows():
    plan, frame, found = solution(terms=("kind", "x", "z"), by_time=(), slopes=("x",))
    arms = policy_arms(plan, found.stats, "kind")
    place = arms.columns.index(Factor(variable="x"))
    assert arms.level == Level(unit="pupil", ids=())
    for category in ("a", "b", "c"):
        here = frame[frame["kind"] == category]
        assert arms.units[category] == len(here)
        assert arms.means[category][place] == pytest.approx(here["x"].mean())
    difference = standardised_differences(arms, "b", "a")[place]
    assert difference == pytest.approx(
        (arms.means["b"][place] - arms.means["a"][place]) / frame["x"].std(ddof=0)
    )
    assert overlap(arms, "b", "a") is None


def test_a_change_of_the_effect_is_found_with_the_degrees_of_its_level():
    plan, _, found = solution(grows=1.5)
    test = policy_by_time(plan, found, "group_kind")
    assert test.df == 2
    assert test.reference.denominator < 200, "counties, not rows, carry it"
    assert test.p_value < 1e-3


@pytest.mark.study
def test_an_effect_that_does_not_change_is_called_changing_by_chance_alone():
    """P-values are uniform: minus twice their logarithms add to a chi-squared."""
    found = [solution(seed=seed)[::2] for seed in range(9)]
    p_values = [policy_by_time(plan, fitted, "group_kind").p_value for plan, fitted in found]
    assert chi2.sf(-2.0 * np.log(p_values).sum(), 2 * len(p_values)) > FALSE_ALARM


def test_one_combination_is_the_square_of_its_t_test():
    _, _, found = solution()
    weights = np.eye(found.fit.beta.size)[2:3]
    test, single = f_test(found, weights), found.contrast(weights[0])
    assert test.statistic == pytest.approx((single.estimate / single.std_error) ** 2)
    assert test.reference.denominator == pytest.approx(single.df)
    assert test.p_value == pytest.approx(single.p_value)


def test_combinations_that_depend_on_each_other_count_once():
    _, _, found = solution()
    two = np.eye(found.fit.beta.size)[2:4]
    again = f_test(found, np.vstack([two, two.sum(axis=0)]))
    assert again.df == 2
    assert again.statistic == pytest.approx(f_test(found, two).statistic)


def test_waves_are_told_apart_where_the_final_model_has_one_effect():
    plan, _, whole = solution()
    product = next(t for t in plan.time_terms if "group_kind" in t.variables)
    found = solve(whole.fit.model.without(product), whole.stats)
    record = policy_record(plan, found, "group_kind")
    assert not record.by_wave
    assert [e.estimate for e in record.effects] == pytest.approx(
        [e.estimate for e in policy_effects(plan, found, "group_kind")]
    )
    apart = record.waves_apart.effects
    expected = policy_effects(plan, whole, "group_kind")
    assert [e.wave for e in apart] == ["w0", "w1"] * 2
    for row, truth in zip(apart, expected, strict=True):
        assert row.estimate == pytest.approx(truth.estimate, rel=REFIT)
        assert row.std_error == pytest.approx(truth.std_error, rel=REFIT)
    test = policy_by_time(plan, whole, "group_kind")
    assert record.time_test.p_value == pytest.approx(test.p_value, rel=REFIT)
    assert policy_record(plan, whole, "group_kind").waves_apart is None
    assert policy_record(replace(plan, policy=observed("x")), found, "x").waves_apart is None, (
        "its product was not configured"
    )
