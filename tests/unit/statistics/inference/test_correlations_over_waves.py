"""Intervals of several correlations over waves, and of their mean."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.answers.over_time.stability import loadings
from mlm.statistics.inference.correlations_over_waves import EndsOfCorrelations
from mlm.statistics.inference.profile import Profile
from tests.effects_over_waves import SCHOOL, WAVES, common, prepared, rows, with_form

PAIRS = np.array(np.triu_indices(3, 1))


@pytest.fixture(scope="module")
def fitted():
    frame, _ = rows(4, common(0.5, 3), schools=50, size=6)
    plan, _, stats = prepared(frame, WAVES[:3])
    return plan, with_form(plan, stats, "unstructured")


@pytest.mark.study
def test_intervals_of_pairs_are_those_of_the_general_profile(fitted):
    plan, solution = fitted
    search = EndsOfCorrelations(solution, loadings(plan, solution, SCHOOL))
    exact = [
        i for i in Profile(solution.fit, solution.stats).intervals() if i.quantity == "correlation"
    ]
    for item in exact:
        pair = np.array([[int(t[-2]) for t in (item.term1, item.term2)]]).T
        assert search.interval(pair) == pytest.approx((item.lower, item.upper), abs=5e-3)


def test_the_ends_of_the_mean_are_extreme_within_the_limit(fitted):
    """No random step from an end that stays within the limit leads beyond it."""
    plan, solution = fitted
    search = EndsOfCorrelations(solution, loadings(plan, solution, SCHOOL))
    lower, upper = search.interval(PAIRS)
    at = np.cos(search.over_waves.angle(search.x, PAIRS)[0])
    assert lower < at < upper
    rng = np.random.default_rng(1)
    for _ in range(200):
        way = rng.standard_normal(search.x.size)
        x = search.x + search.back @ (search.reach * way / np.linalg.norm(way))
        if search.search.value(x) - search.least <= search.reach**2 / 2.0:
            assert lower - 0.01 <= np.cos(search.over_waves.angle(x, PAIRS)[0]) <= upper + 0.01


def test_the_gradient_of_the_angle_is_that_of_differences(fitted):
    plan, solution = fitted
    search = EndsOfCorrelations(solution, loadings(plan, solution, SCHOOL)).over_waves
    x = solution.best.theta
    value, slope = search.angle(x, PAIRS)
    steps = 1e-6 * np.eye(x.size)
    found = [(search.angle(x + s, PAIRS)[0] - search.angle(x - s, PAIRS)[0]) / 2e-6 for s in steps]
    assert slope == pytest.approx(found, abs=1e-6) and 0.0 < value < np.pi
