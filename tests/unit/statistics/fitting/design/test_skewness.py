"""Skewness of estimates by clusters, and how far intervals reach with it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import skew, t

from mlm.statistics.fitting.design.skewness import MOST_FOR_SKEWNESS, skewed_reach, skewness
from tests.bands import binomial_band


def test_the_skewness_of_a_sum_is_that_of_its_parts_over_the_root_of_their_number():
    steps = np.random.default_rng(1).exponential(size=(50, 3)) ** [1.0, 2.0, 0.5]
    steps -= steps.mean(axis=0)
    np.testing.assert_allclose(skewness(steps), skew(steps) / np.sqrt(50))
    assert skewness(np.zeros((4, 1))) == [0.0]


@pytest.mark.parametrize("skewed", [-1.0, -0.3, -1e-12, 0.0, 1e-12, 0.3, 1.0])
def test_the_ends_are_where_the_transformation_is_the_quantile(skewed):
    below, above = skewed_reach(2.1, skewed)
    for x, wanted in ((below, 2.1), (-above, -2.1)):
        g = x + skewed * x**2 / 3.0 + skewed**2 * x**3 / 27.0 + skewed / 6.0
        if abs(x) == MOST_FOR_SKEWNESS * 2.1:  # farther ends are brought back
            assert abs(g) <= 2.1
        else:
            assert g == pytest.approx(wanted, abs=1e-9)


def test_no_end_runs_away_where_the_transformation_is_flat():
    for skewed in (0.4, 0.43, 0.5, 0.8, 3.0):
        below, above = skewed_reach(2.4, skewed)
        assert below < 2.4 < above <= 3.0
        assert skewed_reach(2.4, -skewed) == pytest.approx((above, below))


def test_without_skewness_both_sides_are_alike_and_with_it_the_long_one_is_longer():
    assert skewed_reach(2.0, 0.0) == (2.0, 2.0)
    below, above = skewed_reach(2.0, 0.4)
    assert below < 2.0 < above
    np.testing.assert_allclose(skewed_reach(2.0, -0.4), (above, below))


def test_means_of_skewed_numbers_are_held_where_t_holds_fewer():
    """20 numbers whose logarithms are normal: t holds about 0.87 of 95 %."""
    rng, n, samples = np.random.default_rng(3), 20, 4000
    values = np.exp(0.9 * rng.normal(size=(samples, n)))
    truth, mean = np.exp(0.405), values.mean(axis=1)
    error = values.std(axis=1, ddof=1) / np.sqrt(n)
    apart = (values - mean[:, None]).T
    reach = t.ppf(0.975, n - 1)
    below, above = skewed_reach(reach, skewness(apart))
    plain = np.abs(mean - truth) <= reach * error
    skewed = (mean - below * error <= truth) & (truth <= mean + above * error)
    assert plain.mean() < binomial_band(samples, 0.92)[0] < skewed.mean()
    missed = [np.mean(truth > mean + above * error), np.mean(truth < mean - below * error)]
    assert missed[0] < np.mean(truth > mean + reach * error)
