"""Degrees of freedom of what is pooled over imputations, with those of complete data or without."""

from __future__ import annotations

import numpy as np


def of_complete_data(df: np.ndarray | float, missing: np.ndarray | float) -> np.ndarray:
    """Degrees of freedom that complete data leave where a part of the information is missing.

    Parameters
    ----------
    df : ndarray or float
        Of the complete data; infinite: known variances.
    missing : ndarray or float
        Part of the total variance that is due to imputation, 0 to 1.

    Source
    ------
    Barnard and Rubin (1999), Biometrika 86, 948-955, eq. 3.
    """
    df = np.asarray(df, float)
    with np.errstate(invalid="ignore"):
        held = np.where(np.isinf(df), np.inf, (df + 1.0) / (df + 3.0) * df)
        return np.where(np.isinf(df), np.inf, held * (1.0 - np.asarray(missing)))


def harmonic(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Degrees of freedom whose inverse is the sum of the inverses of two others.

    Source
    ------
    Barnard and Rubin (1999), Biometrika 86, 948-955, eq. 5.
    """
    with np.errstate(divide="ignore"):
        return 1.0 / (1.0 / np.asarray(first, float) + 1.0 / np.asarray(second, float))


def of_joint_test(k: int, m: int, riv: float, df: float = np.inf) -> float:
    """Denominator degrees of freedom of a joint test of several parameters.

    Parameters
    ----------
    k : int
        Parameters that are tested.
    m : int
        Imputations.
    riv : float
        Average relative increase of variance.
    df : float
        Of the complete data; infinite: those of a large sample.

    Source
    ------
    Li, Raghunathan and Rubin (1991), J. Am. Stat. Assoc. 86, 1065-1073; with finite ``df`` Reiter
    (2007), Biometrika 94, 502-508, eq. 1 and 2. Where that needs more imputations or degrees of
    freedom than there are, both are joined as Barnard and Rubin (1999) do for one parameter.
    """
    large = _of_large_sample(k, m, riv)
    if np.isinf(df):
        return large
    t = k * (m - 1)
    a = riv * t / (t - 2) if t > 4 else np.inf
    held = df * (df + 1.0) / (df + 3.0)
    if t > 4 and held - 4.0 * (1.0 + a) > 0.0:
        return _reiter(t, a, held)
    return float(harmonic(large, of_complete_data(df, riv / (1.0 + riv))))


def _of_large_sample(k: int, m: int, riv: float) -> float:
    t = k * (m - 1)
    if riv <= 0.0:
        return np.inf
    if t > 4:
        return 4.0 + (t - 4.0) * (1.0 + (1.0 - 2.0 / t) / riv) ** 2
    return t * (1.0 + 1.0 / k) * (1.0 + 1.0 / riv) ** 2 / 2.0


def _reiter(t: int, a: float, held: float) -> float:
    c0, c1, c2 = 1.0 / (t - 4.0), held - 2.0 * (1.0 + a), held - 4.0 * (1.0 + a)
    z = 1.0 / c2
    z += c0 * a**2 * c1 / ((1.0 + a) ** 2 * c2)
    z += c0 * (8.0 * a**2 * c1 / ((1.0 + a) * c2**2) + 4.0 * a**2 / ((1.0 + a) * c2))
    z += c0 * (4.0 * a**2 / (c2 * c1) + 16.0 * a**2 * c1 / c2**3)
    z += c0 * 8.0 * a**2 / c2**2
    return 4.0 + 1.0 / z
