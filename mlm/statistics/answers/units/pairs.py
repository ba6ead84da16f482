"""Pairs of units: which are told apart, and intervals that show it."""

from __future__ import annotations

import numpy as np

from mlm.nouns.distributions import TWO_SIDED_95, normal_quantile, normal_tail

ERROR = 0.05  # average error of a pairwise comparison


def goldstein_healy_factor(covariance: np.ndarray, error: float = ERROR) -> float:
    """Factor z such that non-overlap of mean +- z s has the given average pairwise error.

    Parameters
    ----------
    covariance : ndarray (G, G)
        Joint covariance of the errors of the units.
    error : float
        Average over all pairs of the probability that intervals of equal units do not overlap.

    Returns
    -------
    float
        1.39 for equal, independent errors and 5 %.
    """
    from scipy.optimize import brentq

    sd = np.sqrt(np.diagonal(covariance))
    i, j = np.triu_indices(sd.size, 1)
    spread = np.sqrt(np.maximum(_difference_variance(covariance), 0.0))
    usable = spread > 0.0
    if not usable.any():
        return float(normal_quantile(1.0 - error / 2.0))
    ratio = ((sd[i] + sd[j])[usable]) / spread[usable]
    return float(brentq(lambda z: 2.0 * normal_tail(z * ratio).mean() - error, 0.0, 10.0))


def _difference_variance(covariance: np.ndarray) -> np.ndarray:
    variance = np.diagonal(covariance)
    i, j = np.triu_indices(variance.size, 1)
    return variance[i] + variance[j] - 2.0 * covariance[i, j]


def separable_share(means: np.ndarray, covariance: np.ndarray) -> float:
    """Share of all pairs whose 95 % interval of the difference excludes zero; 0 without a pair.

    Parameters
    ----------
    means : ndarray (G,)
        Posterior means.
    covariance : ndarray (G, G)
        Joint covariance of their errors.
    """
    i, j = np.triu_indices(means.size, 1)
    if i.size == 0:
        return 0.0
    spread = np.sqrt(np.maximum(_difference_variance(covariance), 0.0))
    return float(np.mean(np.abs(means[i] - means[j]) > TWO_SIDED_95 * spread))
