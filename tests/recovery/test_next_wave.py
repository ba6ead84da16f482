"""Predictions of the next wave and back-tests cover and correlate as often as they say."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.nouns.levels import WAVE
from mlm.statistics.answers.over_time.form_choice import (
    best_form,
    compared_forms,
    frame_over_waves,
)
from mlm.statistics.answers.over_time.prediction import back_test, next_time, predict_wave
from mlm.statistics.fitting.evaluated import evaluation_of
from mlm.statistics.fitting.solution import fit_model
from tests.bands import binomial_band, correlation_band
from tests.effects_over_waves import SCHOOL, WAVES, decayed, decaying, followed, prepared, rows

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"),
]


def assert_covers(inside) -> None:
    """Shares of units held by intervals for 95 %.

    The variances of a sample move the coverage of its units together, by about as much as the units
    do by themselves: they are worth half their number.
    """
    low, high = binomial_band(len(inside) // 2, 0.95)
    assert low <= np.mean(inside) <= high


def test_the_next_wave_is_predicted_with_honest_errors():
    inside, found_r, expected_r = [], [], []
    for seed in range(24):
        frame, effects = rows(seed, decaying(0.7), schools=60)
        seen = frame[frame[WAVE] != "w3"]
        plan, model, stats = prepared(seen, WAVES[:3])
        forms = compared_forms(frame_over_waves(plan, model, SCHOOL, stats), False)
        best = best_form(forms)
        at = evaluation_of(best.fit, stats)
        found = predict_wave(best, at, "county:school", next_time(plan.time.times))
        places = np.array([int(unit[1]) for unit in found.units])
        truth = effects[places, 3]
        inside += (np.abs(truth - found.mean) < 1.96 * found.error).tolist()
        found_r.append(np.corrcoef(truth, found.mean)[0, 1])
        expected_r.append(np.sqrt(found.reliability))
        assert np.diagonal(found.joint) == pytest.approx(found.error**2)
    assert_covers(inside)
    low, high = correlation_band(np.mean(expected_r), len(inside))
    assert 0.0 < low <= np.mean(found_r) <= high


def test_the_back_test_covers_and_correlates_as_it_should():
    covered, found_r, expected_r = [], [], []
    for seed in range(24):
        plan, model, stats, *_ = decayed(seed)
        final = fit_model(model, stats, "REML")
        found = back_test(plan, final, SCHOOL, stats)
        assert found.wave == "w3" and found.units == 80
        covered += [found.coverage] * found.units
        found_r.append(found.correlation)
        expected_r.append(found.expected)
    assert_covers(covered)
    low, high = correlation_band(np.mean(expected_r), len(covered))
    assert low <= np.mean(found_r) <= high


def test_followed_pupils_do_not_make_a_back_test_look_better_than_it_is():
    tests = []
    for seed in range(16):
        plan, model, stats, _ = followed(seed)
        tests.append(back_test(plan, fit_model(model, stats, "REML"), SCHOOL, stats))
    assert_covers([t.coverage for t in tests for _ in range(t.units)])
    units = sum(t.units for t in tests)
    low, high = correlation_band(np.mean([t.expected for t in tests]), units)
    assert low <= np.mean([t.correlation for t in tests]) <= high
    assert all(0.8 < t.returning < 0.95 for t in tests)
