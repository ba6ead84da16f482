"""The final model with random slopes: growth that differs between units, and honest errors of it.

Truth: every unit grows at its own rate, and the county variable z has nothing to do with it.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from mlm.nouns.levels import WAVE
from mlm.results.reason import TooFewWaves
from mlm.statistics.answers.slopes.slopes import keep_slopes, tried_slopes
from mlm.statistics.fitting.solution import solve
from mlm.statistics.selection.with_slopes import reduced_with_slopes
from tests.bands import binomial_band, largest_ratio
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)
WAVES = ("w0", "w1", "w2", "w3")
SIZES = {"county": 16, "school": 3, "pupil": 6, WAVE: 4, "row": 1}
GROWTH = {"county": 0.2, "pupil": 0.15}  # standard deviations of the rates, by unit of time
SAMPLES = 60


def grown(seed: int, growth=GROWTH, waves: int = 4):
    rng = np.random.default_rng(seed)
    frame = nested_rows(rng, {**SIZES, WAVE: waves}, {"county": 0.2, "school": 0.2, "pupil": 0.4})
    for depth, name in enumerate(("county", "school", "pupil"), start=1):
        if name in growth:
            ids = frame[["county", "school", "pupil"][:depth]].agg(":".join, axis=1)
            codes = ids.astype("category").cat.codes.to_numpy()
            frame["y"] += growth[name] * rng.normal(size=codes.max() + 1)[codes] * time_of(frame)
    return frame.assign(**{WAVE: "w" + frame[WAVE]})


def time_of(frame) -> np.ndarray:
    return 2.0 * frame[WAVE].astype(int).to_numpy()  # as the times of ``make_plan``


@cache
def sloped(seed: int = 1, with_growth: bool = True):
    plan = make_plan("same_pupils", "trend", waves=WAVES, by_time=("z",), slopes=())
    stats = merged(plan, grown(seed, GROWTH if with_growth else {}))
    model = plan.full_model()
    reduced = tuple(solve(model, stats, criterion) for criterion in ("ML", "REML"))
    slopes = tried_slopes(plan, model, stats, reduced[1].fit)
    kept = keep_slopes(slopes, model, stats, 0.01, reduced[1].fit)
    return reduced, slopes, reduced_with_slopes(reduced, kept, plan.alpha, plan.protected)


def effect(fit, name: str = "year:z"):
    return fit.fixed_effects.loc[name]


def test_growth_is_tried_over_all_units_that_recur_and_kept_where_it_differs():
    _, slopes, found = sloped()
    assert [(s.variable, s.group.rpartition(":")[2]) for s in slopes] == [
        ("year", "county"),
        ("year", "school"),
        ("year", "pupil"),
    ]
    assert all(slope.test is not None for slope in slopes)
    kept = {term.name for term in found.reml.fit.model.random if len(term.terms) > 1}
    assert {"county", "county:school:pupil"} <= kept
    sd = np.sqrt(found.reml.fit.variance("county:school:pupil", "year"))
    assert sd == pytest.approx(GROWTH["pupil"], rel=0.25)


def test_two_waves_are_too_few_for_growth_of_single_units():
    plan = make_plan("same_pupils", "trend", waves=WAVES[:2], by_time=(), slopes=())
    model, stats = plan.full_model(), merged(plan, grown(1, waves=2))
    reasons = {slope.reason for slope in tried_slopes(plan, model, stats)}
    assert reasons == {TooFewWaves(waves=2, needed=3, what="trend")}


def test_units_of_one_wave_have_no_growth():
    plan = make_plan("new_schools", "trend", slopes=("x",))
    tried = {group[-1]: plan.slope_variables(group) for group in plan.groups}
    assert tried == {"county": ("year", "x"), WAVE: ("x",), "school": ("x",)}
    with_categories = make_plan("same_pupils", slopes=("x",))
    assert with_categories.slope_variables(with_categories.groups[0]) == ("x",)


@pytest.mark.slow
def test_errors_of_a_product_with_time_allow_for_growth_that_differs():
    found = [sloped(seed) for seed in range(SAMPLES)]
    with_slopes = [unreduced(item) for item in found]
    spread = np.std([effect(fit)["estimate"] for fit in with_slopes], ddof=1)
    errors = np.mean([effect(fit)["std_error"] for fit in with_slopes])
    near = largest_ratio(1) / np.sqrt(2.0 * (SAMPLES - 1))  # of a standard deviation of draws
    assert spread == pytest.approx(errors, rel=near)
    before = np.mean([effect(reduced[1].fit)["std_error"] for reduced, *_ in found])
    assert before < 0.5 * spread


def unreduced(item):
    """The model with slopes before anything was dropped from it."""
    reduced, _, found = item
    random = found.reml.fit.model.random
    return solve(reduced[1].fit.model.with_random(random), reduced[1].stats, "REML").fit


@pytest.mark.slow
def test_products_that_only_seemed_needed_leave_with_the_slopes_in_the_model():
    found = [sloped(seed) for seed in range(SAMPLES)]
    needed_before = np.mean([effect(reduced[1].fit)["p_value"] < 0.05 for reduced, *_ in found])
    kept = np.mean(["year:z" in item.ml.fit.terms for *_, item in found])
    assert needed_before > binomial_band(SAMPLES, 0.25)[1]
    assert kept <= binomial_band(SAMPLES, 0.1)[1], "of 16 counties the ML test keeps one in ten"


def test_the_path_of_a_model_with_growth_begins_with_its_slopes():
    for *_, item in (sloped(seed) for seed in range(3)):
        assert item.path[0].dropped is None
        assert item.path[-1].fit.model == item.ml.fit.model == item.reml.fit.model
        assert "year" in item.ml.fit.terms


def test_without_slopes_the_final_model_is_what_the_reduction_left():
    for seed in range(3):
        reduced, _, found = sloped(seed, with_growth=False)
        if not found.path:
            assert found.pair == reduced
            break
    else:
        pytest.fail("a slope was kept in each of three samples without any, at 1 %")
