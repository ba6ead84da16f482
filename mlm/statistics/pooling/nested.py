"""Rubin's rules for nested imputations: M nests with N imputations each."""

from __future__ import annotations

import numpy as np

from mlm.nouns.fewest import FEWEST_IMPUTATIONS
from mlm.statistics.pooling.degrees import harmonic, of_complete_data
from mlm.statistics.pooling.rubin import Pooled, scatter


def pooled_nested(
    estimates: np.ndarray, covariances: np.ndarray, df: np.ndarray | float = np.inf
) -> Pooled:
    """Estimates of M nests of N imputations pooled, as of plausible values in imputed files.

    Parameters
    ----------
    estimates : ndarray (M, N, k)
        Of each imputation of each nest.
    covariances : ndarray (M, N, k, k)
        Of the estimates of each, the imputed values taken as known.
    df : ndarray (k,) or float
        Degrees of freedom of each estimate with complete data; infinite: of a large sample.

    Returns
    -------
    Pooled
        ``imputation`` is what nests and imputations add together.

    Raises
    ------
    ValueError
        When there are fewer than two nests, or fewer than two imputations in each.

    Source
    ------
    Rubin (2003), Stat. Neerl. 57, 3-18; Reiter and Raghunathan (2007), J. Am. Stat. Assoc. 102,
    1462-1471.
    """
    estimates, covariances = np.asarray(estimates, float), np.asarray(covariances, float)
    m, n, k = estimates.shape
    if m < FEWEST_IMPUTATIONS or n < FEWEST_IMPUTATIONS:
        raise ValueError(
            f"{m} nests of {n} imputations: their spread needs {FEWEST_IMPUTATIONS} of both."
        )
    moved = estimates - estimates[0, 0]
    means = moved.mean(axis=1)
    nests = (1.0 + 1.0 / m) * scatter(means) / (m - 1)
    inside = sum(scatter(nest) for nest in moved) / (m * (n - 1))
    imputed = (1.0 - 1.0 / n) * inside
    within = covariances.mean(axis=(0, 1))
    total = within + nests + imputed
    size = np.diagonal(total)
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = (np.diagonal(nests) / size) ** 2 / (m - 1)
        inverse += (np.diagonal(imputed) / size) ** 2 / (m * (n - 1))
        missing = np.diagonal(nests + imputed) / size
        found = harmonic(1.0 / inverse, of_complete_data(df, missing))
    centre = estimates[0, 0] + means.mean(axis=0)
    return Pooled(centre, within, nests + imputed, total, np.broadcast_to(found, (k,)).copy())
