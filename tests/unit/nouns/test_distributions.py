"""Tails and quantiles are those of SciPy's distributions."""

from __future__ import annotations

import numpy as np
from scipy import stats

from mlm.nouns import distributions as own

LEVELS = np.array([1e-9, 0.025, 0.5, 0.95, 0.975, 1 - 1e-9])
POINTS = np.array([1e-9, 0.3, 1.96, 3.84, 40.0])
DEGREES = np.array([[0.7], [1.0], [2.5], [30.0], [1e8]])
ROUNDING = {"rtol": 1e-13, "atol": 0.0}  # the same functions, perhaps in another order


def test_normal():
    np.testing.assert_allclose(own.normal_quantile(LEVELS), stats.norm.ppf(LEVELS), **ROUNDING)
    np.testing.assert_allclose(own.normal_tail(POINTS), stats.norm.sf(POINTS), **ROUNDING)
    assert stats.norm.ppf(0.975) == own.TWO_SIDED_95


def test_student():
    t = stats.t(DEGREES)
    np.testing.assert_allclose(own.student_quantile(LEVELS, DEGREES), t.ppf(LEVELS), **ROUNDING)
    np.testing.assert_allclose(own.student_tail(POINTS, DEGREES), t.sf(POINTS), **ROUNDING)
    at_infinity = own.student_quantile(0.975, np.inf)
    np.testing.assert_allclose(at_infinity, own.TWO_SIDED_95, **ROUNDING)


def test_chi_squared():
    chi2 = stats.chi2(DEGREES)
    np.testing.assert_allclose(
        own.chi_squared_quantile(LEVELS, DEGREES), chi2.ppf(LEVELS), **ROUNDING
    )
    np.testing.assert_allclose(own.chi_squared_tail(POINTS, DEGREES), chi2.sf(POINTS), **ROUNDING)
    assert stats.chi2.ppf(0.95, 1) == own.CHI_SQUARED_95


def test_f():
    for df in (1.0, 3.0, 20.0):
        expected = stats.f(df, DEGREES).sf(POINTS)
        np.testing.assert_allclose(own.f_tail(POINTS, df, DEGREES), expected, **ROUNDING)
