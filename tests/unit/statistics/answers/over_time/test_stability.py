"""Stability: true correlations over waves are recovered, and refusals say why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.levels import WAVE
from mlm.results.reason import TooFewGroups, TooFewWaves, ZeroVariance
from mlm.statistics.answers.over_time.stability import stability
from mlm.statistics.answers.over_time.which_model import (
    is_constant,
    models_over_time,
    needs_waves,
    with_waves,
)
from mlm.statistics.answers.policy.policy_effects import policy_by_time
from mlm.statistics.answers.variables.adjusted_means import adjusted_means
from mlm.statistics.answers.variables.course import course_of_time
from mlm.statistics.fitting.solution import solve
from tests.bands import largest_ratio
from tests.nested_rows import nested_rows
from tests.normal_draws import correlated, exactly_correlated
from tests.plans import make_plan, merged

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)
WAVES = ("w0", "w1", "w2")
SCHOOLS, PUPILS = 100, 20
VARIANCE = 0.5
SCHOOL = ("county", "school")


def rows(
    seed: int,
    correlation: float,
    schools: int = SCHOOLS,
    variance: float = VARIANCE,
    pupils: int = PUPILS,
    draw=correlated,
):
    """Schools in one county, their effects correlated over waves."""
    rng = np.random.default_rng(seed)
    sizes = {"county": 1, "school": schools, WAVE: 3, "row": pupils}
    frame = nested_rows(rng, sizes, {})
    covariance = variance * (correlation * np.ones((3, 3)) + (1 - correlation) * np.eye(3))
    effects = draw(rng, covariance, schools)
    school, wave = frame["school"].astype(int), frame[WAVE].astype(int)
    y = frame["y"] + effects[school, wave] + 0.2 * wave
    return frame.assign(y=y, **{WAVE: "w" + frame[WAVE]})


def estimate(frame: pd.DataFrame, waves=WAVES, **changes):
    plan = make_plan("same_schools", waves=waves, by_time=(), terms=("x", "kind"), **changes)
    stats = merged(plan, frame)
    found = plan.full_model()
    model = found.with_random([r for r in found.random if r.group != ("county",)])
    reduced = stats.without_levels(("county",))
    return stability(plan, model, ("county", "school"), reduced)


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.9, 0.5, 0.0])
def test_a_true_correlation_is_recovered(correlation):
    """The effects have this correlation exactly, so that means of pupils alone add an error.

    Their error e moves a correlation by less than ``sqrt(2 e / variance / schools)``.
    """
    found = estimate(rows(1, correlation, pupils=200, draw=exactly_correlated))
    error = np.sqrt(2.0 / 200 / VARIANCE / SCHOOLS)
    assert found.average_correlation == pytest.approx(correlation, abs=largest_ratio(1) * error)


def test_the_model_is_unstructured_where_there_are_groups_enough():
    found = estimate(rows(1, 0.5))
    assert found.form == "unstructured"
    assert found.reason is None
    assert found.covariance.shape == (3, 3)
    assert found.correlation == pytest.approx(found.correlation.T)
    assert np.diagonal(found.correlation) == pytest.approx(np.ones(3))
    near = largest_ratio(3) * (1.0 + 1.0 / PUPILS / VARIANCE) / np.sqrt(2.0 * SCHOOLS)
    assert found.sd == pytest.approx(np.sqrt(VARIANCE) * np.ones(3), rel=near)
    assert found.test.p_value < 1e-6


def test_few_groups_get_one_correlation_for_all_waves_and_the_reason():
    found = estimate(rows(2, 0.5, schools=20))
    assert found.form == "compound_symmetry"
    assert found.reason == TooFewGroups(groups=20, needed=30, what="covariance_over_waves", waves=3)
    pairs = found.correlation[np.triu_indices(3, 1)]
    assert pairs == pytest.approx(np.full(3, found.average_correlation))
    assert 0.0 < found.average_correlation < 1.0


def followed(seed: int, schools: int, correlation: float = 0.5, covariance=None):
    """A design without a level for schools in waves: the same pupils in each."""
    rng = np.random.default_rng(seed)
    sizes = {"school": schools, "pupil": PUPILS, WAVE: 3, "row": (0, 1)}
    frame = nested_rows(rng, sizes, {"pupil": 1.0})
    if covariance is None:
        covariance = 0.5 * (correlation * np.ones((3, 3)) + (1 - correlation) * np.eye(3))
    effects = correlated(rng, covariance, schools)
    y = frame["y"] + effects[frame["school"].astype(int), frame[WAVE].astype(int)]
    frame = frame.assign(y=y, county="0", **{WAVE: "w" + frame[WAVE]})
    plan = make_plan("same_pupils", by_time=("kind", "z"), terms=("x", "kind", "z"))
    levels = {**plan.variable_levels, "z": "school"}
    plan = replace(plan, variable_levels=levels)
    model = plan.full_model()
    model = model.with_random([r for r in model.random if r.group != ("county",)])
    stats = merged(plan, frame).without_levels(("county",))
    return plan, model, stats, stability(plan, model, ("county", "school"), stats)


def stability_by_waves(seed: int, schools: int, correlation: float):
    plan, model, stats, steady = followed(seed, schools, correlation)
    final = solve(model, stats, "REML")
    return plan, models_over_time(plan, final, final, [(("county", "school"), steady)])


def test_effects_over_time_count_that_schools_change():
    plan, found = stability_by_waves(1, 60, 0.3)
    assert found.of(plan, "z") is found.with_waves, "a variable of schools"
    assert is_constant(plan, found.with_slopes, SCHOOL)
    assert not is_constant(plan, found.with_waves, SCHOOL)
    assert found.of(plan, "kind") is found.with_slopes, "a variable of rows"
    honest = adjusted_means(plan, course_of_time(plan, found.mean))[-1].change
    narrow = adjusted_means(plan, course_of_time(plan, found.with_slopes))[-1].change
    assert honest.std_error > 1.5 * narrow.std_error
    assert honest.std_error == pytest.approx(np.sqrt(2 * 0.7 * 0.5 / 60), rel=0.35)
    assert honest.df < 60 < narrow.df
    test = policy_by_time(plan, found.of(plan, "z"), "z")
    assert test.reference.denominator < 65


@pytest.mark.slow
def test_schools_that_change_do_not_make_their_counties_change():
    rng = np.random.default_rng(3)
    sizes = {"county": 12, "school": 5, "pupil": 15, WAVE: 3, "row": (0, 1)}
    frame = nested_rows(rng, sizes, {"pupil": 0.5})
    effects = rng.normal(size=(60, 3))
    school = 5 * frame["county"].astype(int) + frame["school"].astype(int)
    y = frame["y"] + effects[school, frame[WAVE].astype(int)]
    plan = make_plan("same_pupils", by_time=(), terms=("x", "kind"))
    stats = merged(plan, frame.assign(y=y, **{WAVE: "w" + frame[WAVE]}))
    final = solve(plan.full_model(), stats, "REML")
    steady = stability(plan, final.fit.model, SCHOOL, stats)
    assert needs_waves(plan, final, SCHOOL, steady)
    naive = stability(plan, final.fit.model, ("county",), stats)
    beside = with_waves(plan, final.fit.model, (SCHOOL,))
    honest = stability(plan, beside, ("county",), stats)
    assert naive.test.p_value < 1e-6, "schools that change show in their counties"
    assert honest.covariance is None or honest.test.p_value > 0.01
    found = [(("county",), honest), (SCHOOL, steady)]
    assert models_over_time(plan, final, final, found).groups == (SCHOOL,)


def test_effects_that_last_need_no_effects_by_wave():
    plan, found = stability_by_waves(2, 60, 1.0)
    assert found.with_waves is None and found.groups == ()
    assert found.of(plan, "z") is found.mean is found.with_slopes


@pytest.mark.slow
def test_few_groups_of_followed_pupils_get_a_simple_covariance_over_waves():
    found = [followed(seed, 24)[-1] for seed in range(4)]
    assert {f.form for f in found} <= {"compound_symmetry", "autoregressive", "linear_trend"}
    assert all((f.reason.groups, f.reason.what) == (24, "covariance_over_waves") for f in found)
    assert all(f.has_waves_in_fit for f in found)
    error = 0.75 / np.sqrt(24 * len(found))  # of the mean: one correlation each, of 24 groups
    assert np.mean([f.average_correlation for f in found]) == pytest.approx(
        0.5, abs=largest_ratio(1) * error
    )
    assert all(f.test.p_value < 1e-3 for f in found)


def test_too_few_groups_for_any_covariance_over_waves_are_refused():
    found = followed(1, 8)[-1]
    assert found.covariance is None
    few = TooFewGroups(groups=8, needed=10, what="correlation_over_waves")
    assert found.reason == few


def test_one_wave_is_refused():
    frame = rows(3, 0.5)
    found = estimate(frame[frame[WAVE] == "w0"], waves=("w0",))
    assert found.covariance is None
    assert found.reason == TooFewWaves(waves=1, needed=2, what="comparison")


def test_groups_that_do_not_differ_have_no_stability():
    reasons = {estimate(rows(seed, 0.0, schools=12, variance=0.0)).reason for seed in range(12)}
    assert ZeroVariance() in reasons


def test_perfectly_stable_effects_are_not_called_changing():
    assert estimate(rows(4, 1.0)).test.p_value > 0.01
    assert estimate(rows(4, 1.0)).average_correlation > 0.95


def test_only_forms_for_which_groups_suffice_are_chosen():
    """Five groups a parameter: a line has four, one variance and a correlation are two."""
    line = np.column_stack([np.ones(3), [-1.0, 0.0, 1.0]])
    covariance = line @ np.diag([0.3, 1.5]) @ line.T  # schools on lines that fan out
    few, more = (followed(2, schools, covariance=covariance)[-1] for schools in (19, 20))
    assert few.form in {"compound_symmetry", "autoregressive"}
    assert more.form == "linear_trend"
