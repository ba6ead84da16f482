"""Rubin's rules: estimates of M imputations to one, with the errors of sampling and imputation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.nouns.fewest import FEWEST_IMPUTATIONS
from mlm.statistics.pooling.degrees import harmonic, of_complete_data


@dataclass(frozen=True)
class Pooled:
    """Estimates pooled over imputations.

    Attributes
    ----------
    estimate : ndarray (k,)
        Means over the imputations.
    within : ndarray (k, k)
        Mean covariance inside an imputation: the error of sampling.
    imputation : ndarray (k, k)
        What imputation adds to it.
    total : ndarray (k, k)
        Their sum.
    df : ndarray (k,)
        Degrees of freedom of each estimate.
    """

    estimate: np.ndarray
    within: np.ndarray
    imputation: np.ndarray
    total: np.ndarray
    df: np.ndarray

    @property
    def std_error(self) -> np.ndarray:
        """Standard errors (k,)."""
        return np.sqrt(np.diagonal(self.total))

    @property
    def sampling_error(self) -> np.ndarray:
        """Standard errors (k,) as if nothing were imputed."""
        return np.sqrt(np.diagonal(self.within))

    @property
    def imputation_error(self) -> np.ndarray:
        """Roots (k,) of what imputation adds to the variances."""
        return np.sqrt(np.diagonal(self.imputation))

    @property
    def riv(self) -> np.ndarray:
        """Relative increase of each variance (k,) by imputation."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.diagonal(self.imputation) / np.diagonal(self.within)

    @property
    def missing(self) -> np.ndarray:
        """Part (k,) of each total variance that is due to imputation, named lambda by Rubin."""
        return _part(np.diagonal(self.imputation), np.diagonal(self.total))

    @property
    def fmi(self) -> np.ndarray:
        """Fraction (k,) of missing information, for the degrees of freedom at hand.

        Source
        ------
        Rubin (1987), Multiple Imputation for Nonresponse in Surveys, eq. 3.1.10.
        """
        with np.errstate(invalid="ignore"):
            fraction = (self.riv + 2.0 / (self.df + 3.0)) / (1.0 + self.riv)
        return np.where(np.isinf(self.riv), 1.0, fraction)


def pooled(
    estimates: np.ndarray, covariances: np.ndarray, df: np.ndarray | float = np.inf
) -> Pooled:
    """Estimates of M imputations pooled.

    Parameters
    ----------
    estimates : ndarray (M, k)
        Of each imputation.
    covariances : ndarray (M, k, k)
        Of the estimates of each, the imputed values taken as known.
    df : ndarray (k,) or float
        Degrees of freedom of each estimate with complete data; infinite: of a large sample.

    Returns
    -------
    Pooled

    Raises
    ------
    ValueError
        When there are fewer than two imputations.

    Source
    ------
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys, ch. 3; degrees of freedom of
    Barnard and Rubin (1999), Biometrika 86, 948-955.
    """
    estimates, covariances = np.asarray(estimates, float), np.asarray(covariances, float)
    m = len(estimates)
    if m < FEWEST_IMPUTATIONS:
        raise ValueError(f"{m} imputation: their spread needs {FEWEST_IMPUTATIONS} or more.")
    centre = estimates.mean(axis=0)
    spread = (1.0 + 1.0 / m) * scatter(estimates) / (m - 1)
    within = covariances.mean(axis=0)
    total = within + spread
    missing = _part(np.diagonal(spread), np.diagonal(total))
    with np.errstate(divide="ignore"):
        between = (m - 1) / missing**2
    found = harmonic(between, of_complete_data(df, missing))
    return Pooled(centre, within, spread, total, np.broadcast_to(found, centre.shape).copy())


def observed(estimate: np.ndarray, covariance: np.ndarray, df: float = np.inf) -> Pooled:
    """Estimates of complete data, of which nothing was imputed, in the form of pooled ones.

    Parameters
    ----------
    estimate : ndarray (k,)
        Estimates.
    covariance : ndarray (k, k)
        Of their errors.
    df : float
        Degrees of freedom.
    """
    estimate, covariance = np.asarray(estimate, float), np.asarray(covariance, float)
    nothing = np.zeros_like(covariance)
    return Pooled(estimate, covariance, nothing, covariance, np.full(estimate.shape, float(df)))


def scatter(values: np.ndarray) -> np.ndarray:
    """Sum over the first axis of the products (k, k) of values (M, k) less their means.

    Exactly zero where all are equal: the mean of equal numbers need not be the number.
    """
    moved = values - values[0]
    moved = moved - moved.mean(axis=0)
    return moved.T @ moved


def _part(some: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(some, whole, out=np.zeros(np.shape(some)), where=whole > 0.0)
