"""Balanced factors against the closed form of the variance of a sum over zones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.errors import StatisticsError
from mlm.nouns.replicates import fay
from mlm.statistics.fitting.design.replicate_variance import replicate_covariance
from mlm.statistics.replication.made_factors import balanced
from tests.drawn_cases import cases

EXAMPLES = settings(max_examples=cases(25), derandomize=True)
PISA = (1.7071, 0.6464, 0.6464), (0.2929, 1.3536, 1.3536)


@EXAMPLES
@given(
    seed=st.integers(0, 10_000),
    sizes=st.lists(st.sampled_from([2, 2, 3]), min_size=1, max_size=19),
    k=st.sampled_from([0.3, 0.5, 0.7]),
)
def test_the_variance_of_a_sum_is_that_of_differences_inside_zones(seed, sizes, k):
    zones = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    totals = np.random.default_rng(seed).gamma(4.0, size=(zones.size, 2))
    made = balanced(zones, 20, k)
    expected = np.zeros((2, 2))
    for zone in range(len(sizes)):
        first, *others = totals[zones == zone]
        apart = first - np.mean(others, axis=0)
        expected += np.outer(apart, apart) * (2.0 if len(others) == 2 else 1.0)
    found = replicate_covariance(made.values.T @ totals, totals.sum(axis=0), made.scale)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert made.scale == pytest.approx(fay("w{1..20}", k).scale(20))
    assert made.df == fay("w{1..20}", k).degrees(20)
    assert (made.values > 0).all()


def test_a_zone_of_three_has_the_factors_of_pisa():
    found = balanced(np.array([0, 0, 0]), 4, 0.5).values.T
    assert {tuple(row) for row in found.round(4)} == set(PISA)


@pytest.mark.parametrize(
    ("sizes", "count", "k", "message"),
    [
        ([2, 1], 4, 0.5, "a zone has two clusters, or three"),
        ([4], 4, 0.5, "a zone has two clusters, or three"),
        ([2] * 4, 4, 0.5, "4 zones of clusters need more than 4 replicates, 4 are asked for"),
        ([2, 3], 4, 0.0, r"would be negative with Fay's factor 0; expected 0\.293 or more"),
        ([2], 6, 0.5, "no Hadamard matrix of order 6"),
    ],
)
def test_zones_that_cannot_be_balanced(sizes, count, k, message):
    with pytest.raises(StatisticsError, match=message):
        balanced(np.repeat(np.arange(len(sizes)), sizes), count, k)
