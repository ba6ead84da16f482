"""Reference distributions: points of intervals, quantiles and tails. Layer: nouns.

The functions are those of ``scipy.special``; ``scipy.stats``, which returns the same numbers, takes
longer to load than a small survey to analyse. Arrays are allowed everywhere.
"""

from __future__ import annotations

TWO_SIDED_95 = 1.959963984540054
"""97.5 % point of the normal distribution: errors to each side of a 95 % interval."""

CHI_SQUARED_95 = 3.841458820694124
"""95 % point of chi-squared on one degree of freedom."""


def normal_quantile(level):
    """Point below which the normal distribution has a probability ``level``."""
    from scipy.special import ndtri

    return ndtri(level)


def normal_tail(z):
    """Probability of a normal variable above ``z``."""
    from scipy.special import ndtr

    return ndtr(-z)


def student_quantile(level, df):
    """Point below which Student's t with ``df`` degrees of freedom has a probability ``level``."""
    from scipy.special import stdtrit

    return stdtrit(df, level)


def student_tail(t, df):
    """Probability of Student's t with ``df`` degrees of freedom above ``t``."""
    from scipy.special import stdtr

    return stdtr(df, -t)


def chi_squared_quantile(level, df):
    """Point below which chi-squared with ``df`` degrees of freedom has a probability ``level``."""
    from scipy.special import gammaincinv

    return 2.0 * gammaincinv(0.5 * df, level)


def chi_squared_tail(square, df):
    """Probability of chi-squared with ``df`` degrees of freedom above ``square``."""
    from scipy.special import chdtrc

    return chdtrc(df, square)


def f_quantile(share, df, denominator):
    """F with ``df`` and ``denominator`` degrees of freedom that a share lies below."""
    from scipy.special import fdtri

    return fdtri(df, denominator, share)


def f_tail(ratio, df, denominator):
    """Probability of F with ``df`` and ``denominator`` degrees of freedom above ``ratio``."""
    from scipy.special import fdtrc

    return fdtrc(df, denominator, ratio)
