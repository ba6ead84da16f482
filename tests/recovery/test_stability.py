"""Intervals of correlations over waves cover: inside as often as they say, at one at least so.

All cells together take an hour of processor time, a cell two to seven minutes. What is said of a
wave to come costs most, and is a mean over the schools of a survey that varies little between
surveys: of each second survey it is asked.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.levels import WAVE
from mlm.statistics.answers.over_time.back_test import back_test
from mlm.statistics.answers.over_time.carried_forward import carried_model
from mlm.statistics.answers.over_time.prediction import predict_wave
from mlm.statistics.answers.over_time.stability import stability
from mlm.statistics.answers.units.ranks import descending_ranks, tenth_of
from mlm.statistics.selection.random_part.search import settled_forms
from tests.bands import binomial_band, mean_band
from tests.effects_over_waves import SCHOOL, common, level_of
from tests.normal_draws import correlated
from tests.plans import make_plan, merged

pytestmark = [
    pytest.mark.study,
    pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"),
]
REPLICATES = 500
AHEAD = 2  # the wave to come is asked of one survey of so many
IN_COUNTY, PUPILS = 5, 20
COUNTY_VARIANCE, NOISE = 0.1, 2.0
CELLS = [(c, t, r) for c in (4, 8) for t in (2, 4) for r in (0.0, 0.5, 0.9, 1.0)]
FALSE_ALARM = 0.01 / (5 * len(CELLS))


def survey(rng: np.random.Generator, counties: int, waves: int, r: float):
    """Plan, sample, and effects (G, T + 1) of schools, those of a wave to come among them."""
    size = counties * IN_COUNTY
    effects = correlated(rng, common(r, waves + 1), size)
    around = np.repeat(np.sqrt(COUNTY_VARIANCE) * rng.standard_normal(counties), IN_COUNTY)
    school = np.repeat(np.arange(size), waves * PUPILS)
    wave = np.tile(np.repeat(np.arange(waves), PUPILS), size)
    x, noise = rng.standard_normal((2, school.size))
    frame = pd.DataFrame(
        {
            "county": (school // IN_COUNTY).astype(str),
            "school": (school % IN_COUNTY).astype(str),
            WAVE: [f"w{t}" for t in wave],
            "x": x,
            "z": 0.0,
            "kind": "a",
            "y": around[school] + effects[school, wave] + 0.5 * x + NOISE * noise,
        }
    )
    names = tuple(f"w{t}" for t in range(waves))
    plan = make_plan("same_schools", waves=names, terms=("x",), by_time=(), slopes=())
    return plan, merged(plan, frame), effects


@cache
def replicates(counties: int, waves: int, r: float) -> dict[str, np.ndarray]:
    """All that is looked at, from the same surveys."""
    rng, found = np.random.default_rng(3), []
    for place in range(REPLICATES):
        plan, stats, effects = survey(rng, counties, waves, r)
        settled = settled_forms(plan, plan.full_model(), stats, 0.05).reml
        steady = stability(plan, settled, SCHOOL)
        if steady.covariance is None:
            continue
        told = {
            "covers": steady.lower <= r + 1e-9 and r - 1e-9 <= steady.upper,
            "rejects": steady.test.p_value < 0.05,
        }
        if place % AHEAD == 0:
            carried = carried_model(plan, settled, level_of(plan, stats), steady.one)
            told |= ahead(plan, settled, carried, effects[:, waves])
        found.append(told)
    names = dict.fromkeys(name for item in found for name in item)
    return {n: np.array([item[n] for item in found if n in item], float) for n in names}


def ahead(plan, settled, carried, effects: np.ndarray) -> dict[str, float]:
    """What is said of the wave to come, in which the schools have some effects (G,)."""
    predicted = predict_wave(plan, carried)
    truth = effects[[IN_COUNTY * int(a) + int(b) for a, b in predicted.units]]
    low, high = predicted.interval
    tenth, ranks = tenth_of(truth.size), descending_ranks(truth[None, :])[0]
    top = np.argsort(-predicted.ranks.top)[:tenth]
    tested = back_test(plan, settled, carried) if len(plan.time.waves) > 2 else None
    return {
        "next": np.mean((low <= truth) & (truth <= high)),
        "top_said": predicted.ranks.top[top].mean(),
        "top_found": np.mean(ranks[top] <= tenth),
        "tested": np.nan if tested is None else tested.coverage,
        "correlation": np.nan if tested is None else tested.correlation,
        "expected": np.nan if tested is None else tested.expected,
    }


@pytest.mark.parametrize(("counties", "waves", "r"), CELLS)
def test_intervals_hold_the_truth_as_often_as_they_say(counties, waves, r):
    covers = replicates(counties, waves, r)["covers"]
    low, high = binomial_band(covers.size, 0.95, FALSE_ALARM)
    assert low <= covers.mean() and (covers.mean() <= high or r in (0.0, 1.0))


@pytest.mark.parametrize(("counties", "waves", "r"), [c for c in CELLS if c[2] == 1.0])
def test_effects_that_last_are_not_called_changing(counties, waves, r):
    rejects = replicates(counties, waves, r)["rejects"]
    assert rejects.mean() <= binomial_band(rejects.size, 0.05, FALSE_ALARM)[1]


@pytest.mark.parametrize(("counties", "waves", "r"), CELLS)
def test_the_next_wave_is_inside_its_intervals(counties, waves, r):
    """At a correlation of one, of which no sample is sure, errors may be on the safe side."""
    inside = replicates(counties, waves, r)["next"]
    low, high = mean_band(inside, 0.95, FALSE_ALARM)
    assert low <= inside.mean() and (inside.mean() <= high or r == 1.0)


@pytest.mark.parametrize(("counties", "waves", "r"), CELLS)
def test_the_top_tenth_is_found_as_often_as_foretold(counties, waves, r):
    found = replicates(counties, waves, r)
    low, high = mean_band(found["top_found"] - found["top_said"], 0.0, FALSE_ALARM)
    assert low <= np.mean(found["top_found"] - found["top_said"]) and (
        np.mean(found["top_found"] - found["top_said"]) <= high or r == 1.0
    )


@pytest.mark.parametrize(("counties", "waves", "r"), [c for c in CELLS if c[1] > 2])
def test_the_back_test_covers_and_correlates_as_it_should(counties, waves, r):
    found = replicates(counties, waves, r)
    low, high = mean_band(found["tested"], 0.95, FALSE_ALARM)
    assert low <= found["tested"].mean() and (found["tested"].mean() <= high or r == 1.0)
    if r > 0.0:
        known = ~np.isnan(found["correlation"])
        gap = (found["correlation"] - found["expected"])[known]
        low, high = mean_band(gap, 0.0, FALSE_ALARM)
        assert low <= gap.mean() <= high
