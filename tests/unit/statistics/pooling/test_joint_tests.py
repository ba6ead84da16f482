"""D1 to D4: their special cases, and laws that hold for any imputations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from mlm.statistics.pooling.degrees import of_joint_test
from mlm.statistics.pooling.joint_tests import d1, d2, d3, d4
from mlm.statistics.pooling.rubin import pooled
from tests.drawn_cases import cases
from tests.unit.statistics.pooling.test_rubin import imputations

EXAMPLES = settings(max_examples=cases(30), derandomize=True)


@EXAMPLES
@given(seed=st.integers(0, 10_000), df=st.sampled_from([8.0, 60.0, np.inf]))
def test_d1_of_one_parameter_is_the_square_of_its_t(seed, df):
    estimates, covariances = imputations(seed, 5, 1)
    found, single = d1(estimates, covariances, df), pooled(estimates, covariances, df)
    t = float(single.estimate[0] / single.std_error[0])
    assert found.statistic == pytest.approx(t**2)
    assert found.denominator == pytest.approx(single.df[0])
    assert found.p_value == pytest.approx(2 * student.sf(abs(t), single.df[0]))


@EXAMPLES
@given(seed=st.integers(0, 10_000), m=st.integers(2, 8))
def test_d1_does_not_depend_on_the_combinations_or_the_order(seed, m):
    estimates, covariances = imputations(seed, m)
    rng = np.random.default_rng(seed)
    mixed, order = rng.normal(size=(3, 3)) + 3 * np.eye(3), rng.permutation(m)
    a = d1(estimates, covariances, 40.0)
    b = d1(estimates[order] @ mixed.T, (mixed @ covariances @ mixed.T)[order], 40.0)
    assert a.statistic == pytest.approx(b.statistic, rel=1e-6)
    assert a.denominator == pytest.approx(b.denominator, rel=1e-6)


@pytest.mark.parametrize("k", [1, 2, 3, 7])
def test_complete_data_leave_a_wald_test(k):
    """Equal imputations: F is the Wald statistic over k, the denominator that of complete data."""
    estimates, covariances = imputations(3, 1, k)
    found = d1(np.repeat(estimates, 5, 0), np.repeat(covariances, 5, 0), 30.0)
    wald = estimates[0] @ np.linalg.solve(covariances[0], estimates[0])
    assert found.riv == 0.0
    assert found.statistic == pytest.approx(wald / k)
    assert found.denominator == pytest.approx(30.0 * 31.0 / 33.0)
    assert d1(np.repeat(estimates, 5, 0), np.repeat(covariances, 5, 0)).denominator == np.inf


@EXAMPLES
@given(
    k=st.integers(1, 12),
    m=st.integers(2, 20),
    riv=st.floats(1e-3, 20.0),
    df=st.floats(2.0, 1e4),
)
def test_degrees_of_freedom_grow_with_those_of_complete_data(k, m, riv, df):
    few, more = of_joint_test(k, m, riv, df), of_joint_test(k, m, riv, 1e13)
    assert 0.0 < few <= more * (1 + 1e-9)
    assert more == pytest.approx(of_joint_test(k, m, riv), rel=1e-3)


def test_equal_statistics_are_one_statistic():
    same = np.full(5, 9.0)
    for found in (d2(same, 3), d3(same, same, 3), d4(same, 9.0, 3)):
        assert found.riv == 0.0
        assert found.statistic == pytest.approx(3.0)
        assert found.denominator == np.inf
        assert found.p_value == pytest.approx(0.02929, abs=1e-5)  # chi-squared with 3


@EXAMPLES
@given(seed=st.integers(0, 10_000), m=st.integers(2, 8))
def test_the_order_of_statistics_changes_nothing(seed, m):
    rng = np.random.default_rng(seed)
    values, order = rng.chisquare(3, m), rng.permutation(m)
    for a, b in (
        (d2(values, 3), d2(values[order], 3)),
        (d3(values, 0.9 * values, 3), d3(values[order], 0.9 * values[order], 3)),
        (d4(values, 2.0, 3), d4(values[order], 2.0, 3)),
    ):
        assert a.statistic == pytest.approx(b.statistic)
        assert 0.0 <= a.p_value <= 1.0


def test_one_statistic_is_refused():
    with pytest.raises(ValueError, match="1 imputation"):
        d2(np.array([3.0]), 1)
