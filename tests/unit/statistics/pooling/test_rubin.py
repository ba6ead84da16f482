"""Rubin's rules: closed forms, and laws that hold for any imputations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.statistics.pooling.nested import pooled_nested
from mlm.statistics.pooling.rubin import pooled
from tests.drawn_cases import cases

EXAMPLES = settings(max_examples=cases(30), derandomize=True)
ROUNDING = 1e-10


def imputations(seed: int, m: int = 5, k: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Estimates (m, k) and their covariances (m, k, k)."""
    rng = np.random.default_rng(seed)
    roots = rng.normal(size=(m, k, k)) + 2.0 * np.eye(k)
    return rng.normal(size=(m, k)), roots @ roots.transpose(0, 2, 1)


def test_two_imputations_by_hand():
    found = pooled(np.array([[1.0], [3.0]]), np.array([[[4.0]], [[6.0]]]), 10.0)
    # mean 2, U = 5, B = 2, T = 5 + 1.5 * 2 = 8
    assert found.estimate[0] == 2.0
    assert found.total[0, 0] == pytest.approx(8.0)
    assert found.riv[0] == pytest.approx(3.0 / 5.0)
    assert found.missing[0] == pytest.approx(3.0 / 8.0)
    between, observed = 1.0 / (3.0 / 8.0) ** 2, 11.0 / 13.0 * 10.0 * 5.0 / 8.0
    nu = 1.0 / (1.0 / between + 1.0 / observed)
    assert found.df[0] == pytest.approx(nu)
    assert found.fmi[0] == pytest.approx((0.6 + 2.0 / (nu + 3.0)) / 1.6)


def test_the_old_degrees_of_freedom_hold_for_a_large_sample():
    estimates, covariances = imputations(1)
    found = pooled(estimates, covariances)
    assert found.df == pytest.approx(4.0 * (1.0 + 1.0 / found.riv) ** 2)


@EXAMPLES
@given(seed=st.integers(0, 10_000), m=st.integers(2, 9), value=st.floats(-1e6, 1e6))
def test_equal_imputations_are_one_complete_file(seed, m, value):
    _, covariances = imputations(seed, 1)
    rng = np.random.default_rng(seed)
    one = rng.normal(size=3) * value + value / 3.0
    found = pooled(np.tile(one, (m, 1)), np.tile(covariances, (m, 1, 1)), 20.0)
    assert (found.imputation == 0.0).all()
    assert found.total == pytest.approx(covariances[0], rel=ROUNDING)
    assert found.df == pytest.approx(21.0 / 23.0 * 20.0)
    assert (found.riv == 0.0).all()


@EXAMPLES
@given(seed=st.integers(0, 10_000), m=st.integers(2, 9))
def test_the_order_of_imputations_changes_nothing(seed, m):
    estimates, covariances = imputations(seed, m)
    order = np.random.default_rng(seed).permutation(m)
    a, b = pooled(estimates, covariances, 30.0), pooled(estimates[order], covariances[order], 30.0)
    for name in ("estimate", "total", "df", "fmi"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=ROUNDING)


@EXAMPLES
@given(seed=st.integers(0, 10_000))
def test_pooled_combinations_are_combinations_of_what_is_pooled(seed):
    estimates, covariances = imputations(seed)
    weights = np.random.default_rng(seed + 1).normal(size=(2, 3))
    whole = pooled(estimates, covariances)
    part = pooled(estimates @ weights.T, weights @ covariances @ weights.T)
    np.testing.assert_allclose(part.total, weights @ whole.total @ weights.T, rtol=1e-8, atol=1e-9)


@EXAMPLES
@given(seed=st.integers(0, 10_000), unit=st.sampled_from([1e-6, 0.01, 1e5]))
def test_units_change_no_part_and_no_degrees_of_freedom(seed, unit):
    estimates, covariances = imputations(seed)
    a, b = pooled(estimates, covariances, 12), pooled(unit * estimates, unit**2 * covariances, 12)
    for name in ("df", "riv", "missing", "fmi"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=ROUNDING)
    assert (a.df <= 12.0).all() and (a.df > 0.0).all()
    assert (a.fmi > a.missing).all()


def test_one_imputation_is_refused():
    with pytest.raises(ValueError, match="1 imputation: their spread needs 2 or more"):
        pooled(*imputations(0, 1))


def nests(seed: int, m: int = 4, n: int = 3, k: int = 2) -> tuple[np.ndarray, np.ndarray]:
    estimates, covariances = imputations(seed, m * n, k)
    return estimates.reshape(m, n, k), covariances.reshape(m, n, k, k)


@EXAMPLES
@given(seed=st.integers(0, 10_000), m=st.integers(2, 5), n=st.integers(2, 4))
def test_nests_follow_the_mean_squares_of_rubin(seed, m, n):
    estimates, covariances = nests(seed, m, n)
    found = pooled_nested(estimates, covariances)
    q = estimates[..., 0]
    between = n / (m - 1) * np.sum((q.mean(1) - q.mean()) ** 2)
    inside = np.sum((q - q.mean(1, keepdims=True)) ** 2) / (m * (n - 1))
    first, second = (1 + 1 / m) / n * between, (1 - 1 / n) * inside
    total = covariances[..., 0, 0].mean() + first + second
    nu = 1 / ((first / total) ** 2 / (m - 1) + (second / total) ** 2 / (m * (n - 1)))
    assert found.estimate[0] == pytest.approx(q.mean())
    assert found.total[0, 0] == pytest.approx(total)
    assert found.df[0] == pytest.approx(nu)


@EXAMPLES
@given(seed=st.integers(0, 10_000), n=st.integers(2, 4))
def test_nests_without_spread_inside_are_plain_imputations(seed, n):
    estimates, covariances = imputations(seed)
    plain = pooled(estimates, covariances, 25.0)
    found = pooled_nested(
        np.repeat(estimates[:, None], n, 1), np.repeat(covariances[:, None], n, 1), 25.0
    )
    for name in ("estimate", "total", "df", "fmi"):
        np.testing.assert_allclose(getattr(found, name), getattr(plain, name), rtol=ROUNDING)


def test_a_single_nest_is_refused():
    with pytest.raises(ValueError, match="1 nests of 3 imputations"):
        pooled_nested(*nests(0, 1))
