"""Errors of variances as logarithms and of shares as logits, from what replicates make of them.

The delta method takes the curve of a scale for a line and every cluster for a small part of the
sample. Of a variance to which few clusters of large weight add much neither is so: its intervals
would be too narrow.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

NEAR_BOUND = 1e-6  # over the estimate (or one less it), below which a replicate lies on a bound


def logs(values: np.ndarray) -> np.ndarray:
    """Logarithms; NaN at the bound."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values > 0.0, np.log(values), np.nan)


def logits(shares: np.ndarray) -> np.ndarray:
    """Logits; NaN at the bounds."""
    return logs(shares) - logs(1.0 - shares)


def scaled_errors(
    scale: Callable[[np.ndarray], np.ndarray],
    each: np.ndarray,
    here: np.ndarray,
    counts: np.ndarray,
) -> np.ndarray:
    """Standard errors (k,) on a scale.

    Parameters
    ----------
    scale : callable
        ``logs`` or ``logits``.
    each : ndarray (R, k)
        Estimates of each replicate, or without each cluster.
    here : ndarray (k,)
        Those of the full sample.
    counts : ndarray (R,)
        What each replicate counts for.

    Returns
    -------
    ndarray (k,)
        NaN where the estimate, or that of a replicate, lies on a bound: by the delta method then.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        near = np.any(each / here < NEAR_BOUND, axis=0)
        if scale is logits:
            near |= np.any((1.0 - each) / (1.0 - here) < NEAR_BOUND, axis=0)
    errors = np.sqrt(counts @ (scale(each) - scale(here)) ** 2)
    return np.where(near, np.nan, errors)


def leaving_out(codes: np.ndarray, sizes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """What the steps (C,) of clusters are multiplied by where one is left out of its stratum.

    The others of the stratum count ``n / (n - 1)`` times, and the sample weighs what it weighs
    then: a cluster of large weight moves more than its step.

    Parameters
    ----------
    codes : ndarray of int (C,)
        Stratum of each cluster.
    sizes : ndarray of int (H,)
        Clusters of each stratum, two or more.
    weights : ndarray (C,)
        Sum of the weights of each cluster's rows.

    Source
    ------
    Hinkley (1977), Technometrics 19, 285-292; one Newton step of the jackknife: Shao and Tu (1995),
    The Jackknife and Bootstrap, section 2.1.
    """
    n = sizes[codes].astype(float)
    beside = np.bincount(codes, weights)[codes] - weights
    left = 1.0 + (beside / (n - 1.0) - weights) / weights.sum()
    return n / (n - 1.0) / left
