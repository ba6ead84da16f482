"""Bounds that chance alone passes with a stated probability, for tests that look at draws.

A test that looks at several shares or means divides ``FALSE_ALARM`` by their number.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import binom, t

FALSE_ALARM = 1e-5  # probability that a right program fails a test, had the test another seed


def binomial_band(
    n: int, probability: float | tuple[float, float], false_alarm: float = FALSE_ALARM
) -> tuple[float, float]:
    """Shares of successes in independent trials between which all but a false alarm lie.

    Parameters
    ----------
    n : int
        Independent trials.
    probability : float or (float, float)
        Of success; lowest and highest where a property holds approximately.
    false_alarm : float
        Probability that the share lies outside.

    Returns
    -------
    low, high : float
        Shares, both inclusive.
    """
    low, high = np.broadcast_to(probability, 2)
    tail = 0.5 * false_alarm
    return float(binom.ppf(tail, n, low)) / n, float(binom.isf(tail, n, high)) / n


def independent_trials(replicates: int, correlation: np.ndarray) -> int:
    """Independent trials that are worth ``replicates`` of dependent ones, one for each estimate.

    Whether an interval holds the truth is an even function of the error of its estimate. Even
    functions of two normal variables are correlated by no more than the square of the correlation.

    Source
    ------
    Lancaster (1957), Biometrika 44, 289-292.
    """
    p = len(correlation)
    return int(replicates * p**2 / np.sum(np.square(correlation)))


def largest_ratio(looked_at: int, df: float = np.inf, false_alarm: float = FALSE_ALARM) -> float:
    """Bound of the largest of several t ratios without an effect, whatever their dependence."""
    return float(t.isf(0.5 * false_alarm / looked_at, df))


def mean_band(
    values: np.ndarray, expected: float, false_alarm: float = FALSE_ALARM
) -> tuple[float, float]:
    """Means of independent values with an expectation between which all but a false alarm lie."""
    values = np.asarray(values, dtype=float)
    error = values.std(ddof=1) / np.sqrt(values.size)
    reach = error * largest_ratio(1, values.size - 1, false_alarm)
    return expected - reach, expected + reach


def correlation_band(
    expected: float, pairs: int, false_alarm: float = FALSE_ALARM
) -> tuple[float, float]:
    """Correlations of independent pairs of normal values between which all but a false alarm lie.

    Source
    ------
    Fisher (1921), Metron 1, 3-32: the inverse hyperbolic tangent has variance ``1 / (n - 3)``.
    """
    reach = largest_ratio(1, false_alarm=false_alarm) / np.sqrt(pairs - 3)
    centre = np.arctanh(expected)
    return float(np.tanh(centre - reach)), float(np.tanh(centre + reach))
