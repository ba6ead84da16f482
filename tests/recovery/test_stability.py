"""Correlations over waves beside other levels that change."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.levels import WAVE
from mlm.statistics.answers.over_time.stability import stability
from mlm.statistics.answers.over_time.which_model import (
    with_waves,
)
from tests.bands import mean_band
from tests.nested_rows import nested_rows
from tests.normal_draws import correlated
from tests.plans import make_plan, merged

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)
SCHOOL = ("county", "school")


def correlations_of_counties(seeds) -> np.ndarray:
    """Of counties without and beside effects of schools in waves, (seeds, 2); the truth is 0.8."""
    found = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        sizes = {"county": 40, "school": 4, "pupil": 10, WAVE: 3, "row": (0, 1)}
        frame = nested_rows(rng, sizes, {"pupil": 0.5})
        covariances = (
            (40, 0.5, 0.8),
            (160, 0.6, 0.3),
        )  # units, variance and correlation over waves
        effects = [correlated(rng, v * (r + (1 - r) * np.eye(3)), n) for n, v, r in covariances]
        county, wave = frame["county"].astype(int), frame[WAVE].astype(int)
        school = 4 * county + frame["school"].astype(int)
        y = frame["y"] + effects[0][county, wave] + effects[1][school, wave]
        plan = make_plan("same_pupils", by_time=(), terms=("x", "kind"))
        stats = merged(plan, frame.assign(y=y, **{WAVE: "w" + frame[WAVE]}))
        model = plan.full_model()
        models = (model, with_waves(plan, model, (SCHOOL,)))
        found.append([stability(plan, m, ("county",), stats).average_correlation for m in models])
    return np.array(found)


@pytest.mark.slow
def test_correlations_of_counties_are_smaller_without_schools_that_change():
    naive, beside = correlations_of_counties(range(1))[0]
    assert 0.0 < naive < beside - 0.05


@pytest.mark.slow
def test_correlations_of_counties_are_right_beside_schools_that_change():
    naive, beside = correlations_of_counties(range(40)).T
    low, high = mean_band(beside, 0.8)
    assert low <= beside.mean() <= high
    assert naive.mean() < low
