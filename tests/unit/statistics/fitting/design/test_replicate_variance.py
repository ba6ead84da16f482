"""Replicate variances against the closed forms of designs: linear totals, means and ratios."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import hadamard

from mlm.nouns.replicates import bootstrap, brr, fay, jk2
from mlm.statistics.fitting.design.replicate_variance import (
    combined_degrees,
    effective_degrees,
    replicate_covariance,
)
from mlm.statistics.replication.domains import ratios
from mlm.statistics.replication.made_factors import leaving_one_out, of_pairs
from tests.drawn_cases import cases

EXAMPLES = settings(max_examples=cases(25), derandomize=True)
ROUNDING = 1e-9


def totals_of(seed: int, clusters: int, k: int = 2) -> np.ndarray:
    """Totals (C, k) of some positive variables over clusters."""
    return np.random.default_rng(seed).gamma(4.0, size=(clusters, k))


def variance_of_total(factors: np.ndarray, scale: np.ndarray, totals: np.ndarray) -> np.ndarray:
    return replicate_covariance(factors.T @ totals, totals.sum(axis=0), scale)


@EXAMPLES
@given(seed=st.integers(0, 10_000), c=st.integers(2, 30))
def test_jk1_is_the_variance_of_a_sum_of_clusters(seed, c):
    totals = totals_of(seed, c)
    made = leaving_one_out(np.zeros(c, dtype=int))
    expected = c * np.cov(totals.T)
    found = variance_of_total(made.values, made.scale, totals)
    np.testing.assert_allclose(found, expected, rtol=ROUNDING, atol=ROUNDING)
    assert made.df == c - 1


@EXAMPLES
@given(seed=st.integers(0, 10_000), sizes=st.lists(st.integers(2, 6), min_size=1, max_size=6))
def test_jkn_is_the_variance_of_a_sum_over_strata(seed, sizes):
    strata = np.repeat(np.arange(len(sizes)), sizes)
    totals = totals_of(seed, strata.size)
    made = leaving_one_out(strata)
    expected = sum(n * np.cov(totals[strata == h].T) for h, n in enumerate(sizes))
    found = variance_of_total(made.values, made.scale, totals)
    np.testing.assert_allclose(found, expected, rtol=ROUNDING, atol=ROUNDING)
    assert made.df == strata.size - len(sizes)


@EXAMPLES
@given(seed=st.integers(0, 10_000), pairs=st.integers(1, 20), both=st.booleans())
def test_jk2_is_the_sum_of_squared_differences_of_pairs(seed, pairs, both):
    totals = totals_of(seed, 2 * pairs)
    made = of_pairs(np.repeat(np.arange(pairs), 2), np.tile([0, 1], pairs), both)
    apart = totals[::2] - totals[1::2]
    found = variance_of_total(made.values, made.scale, totals)
    np.testing.assert_allclose(found, apart.T @ apart, rtol=ROUNDING, atol=ROUNDING)
    assert made.scale.size == (2 * pairs if both else pairs)
    noun = jk2([f"j{r}" for r in range(max(made.scale.size, 2))], halves="both" if both else "one")
    assert noun.scale(made.scale.size) == pytest.approx(made.scale)


@EXAMPLES
@given(seed=st.integers(0, 10_000), k=st.sampled_from([0.0, 0.3, 0.5, 0.7]))
def test_balanced_replicates_are_the_sum_of_squared_differences_of_pairs(seed, k):
    signs = hadamard(8)[:, 1:]  # 8 replicates of 7 strata, in full balance
    totals = totals_of(seed, 14)
    factors = np.repeat(1.0 + (1.0 - k) * signs, 2, axis=1)
    factors[:, 1::2] = 2.0 - factors[:, 1::2]
    apart = totals[::2] - totals[1::2]
    noun = fay([f"w{r}" for r in range(8)], k) if k else brr([f"w{r}" for r in range(8)])
    found = variance_of_total(factors.T, noun.scale(8), totals)
    np.testing.assert_allclose(found, apart.T @ apart, rtol=ROUNDING, atol=ROUNDING)


def test_the_bootstrap_of_pairs_over_all_draws_is_the_same():
    totals = totals_of(5, 8)
    factors = np.array(
        [
            np.ravel([(2.0 * d, 2.0 - 2.0 * d) for d in each])
            for each in itertools.product([0, 1], repeat=4)
        ]
    )
    noun = bootstrap([f"b{r}" for r in range(len(factors))])
    apart = totals[::2] - totals[1::2]
    found = variance_of_total(factors.T, noun.scale(len(factors)), totals)
    np.testing.assert_allclose(found, apart.T @ apart, rtol=ROUNDING)


def test_triplets_of_naep_have_the_variance_of_three_clusters():
    """Weights 1.5, 1.5, 0 in two replicates: of independent clusters the expectation is right."""
    factors = np.array([[1.5, 0.0], [1.5, 1.5], [0.0, 1.5]])
    form = sum(np.outer(f - 1.0, f - 1.0) for f in factors.T)
    assert np.trace(form) == pytest.approx(3.0)
    assert form.sum() == pytest.approx(0.0)


@EXAMPLES
@given(seed=st.integers(0, 10_000), n=st.integers(3, 25))
def test_a_jackknifed_mean_has_the_variance_of_a_mean(seed, n):
    y = np.random.default_rng(seed).normal(100.0, 15.0, n)
    totals = np.column_stack([np.ones(n), y])
    made = leaving_one_out(np.zeros(n, dtype=int))
    found = replicate_covariance(ratios(made.values.T @ totals), ratios(totals.sum(0)), made.scale)
    assert found[0, 0] == pytest.approx(np.var(y, ddof=1) / n)


@EXAMPLES
@given(seed=st.integers(0, 10_000), c=st.integers(3, 20))
def test_a_jackknifed_ratio_is_that_of_clusters_left_out_one_by_one(seed, c):
    totals = totals_of(seed, c)
    whole, ratio = totals.sum(axis=0), totals[:, 1].sum() / totals[:, 0].sum()
    left = (whole[1] - totals[:, 1]) / (whole[0] - totals[:, 0])
    made = leaving_one_out(np.zeros(c, dtype=int))
    found = replicate_covariance(ratios(made.values.T @ totals), ratios(whole), made.scale)
    assert found[0, 0] == pytest.approx((c - 1) / c * np.sum((left - ratio) ** 2))


def test_ratios_of_many_clusters_are_near_their_linear_form():
    c = 4000
    totals = totals_of(1, c)
    ratio = totals[:, 1].sum() / totals[:, 0].sum()
    residual = (totals[:, 1] - ratio * totals[:, 0]) / totals[:, 0].sum()
    left = (totals.sum(axis=0) - totals) * c / (c - 1)
    found = replicate_covariance(ratios(left), ratios(totals.sum(0)), np.full(c, (c - 1) / c))
    assert found[0, 0] == pytest.approx(c * np.var(residual, ddof=1), rel=1e-2)


def test_effective_degrees_are_few_where_few_replicates_move():
    """Johnson and Rust: R equal differences keep (3.16 - 2.77 / sqrt(R)) R, a single one one."""
    r = 62
    even = effective_degrees(np.ones((r, 1)), np.zeros(1))[0]
    lone = effective_degrees(np.eye(r, 1), np.zeros(1))[0]
    assert even == pytest.approx((3.16 - 2.77 / np.sqrt(r)) * r)
    assert lone == pytest.approx(3.16 - 2.77 / np.sqrt(r))
    assert effective_degrees(np.ones((r, 1)), np.zeros(1), 50.0)[0] == 50.0
    assert effective_degrees(np.zeros((0, 2)), np.zeros(2), 50.0).tolist() == [50.0, 50.0]


def test_combinations_have_the_degrees_of_what_brings_their_variance():
    covariance, degrees = np.diag([4.0, 1.0, 1e-9]), np.array([10.0, 40.0, 2.0])
    for place, own in enumerate(degrees):
        assert combined_degrees(np.eye(3)[[place]], covariance, degrees) == pytest.approx(own)
    both = combined_degrees(np.array([[1.0, 1.0, 1.0]]), covariance, degrees)
    assert both == pytest.approx(1.0 / (0.8 / 10.0 + 0.2 / 40.0), rel=1e-6)
    joint = combined_degrees(np.eye(3)[:2], covariance, degrees)
    assert joint == pytest.approx(2.0 / (1.0 / 10.0 + 1.0 / 40.0))
