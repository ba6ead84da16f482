"""Covariance of estimates from replicates of the sample, and its degrees of freedom."""

from __future__ import annotations

import numpy as np


def replicate_covariance(
    replicates: np.ndarray, estimate: np.ndarray, scale: np.ndarray
) -> np.ndarray:
    """Covariance (k, k) of estimates, about those of the full sample.

    Parameters
    ----------
    replicates : ndarray (R, k)
        Estimates of each replicate.
    estimate : ndarray (k,)
        Those of the full sample.
    scale : ndarray (R,)
        What each replicate counts for.

    Source
    ------
    Wolter (2007), Introduction to Variance Estimation, ch. 3 and 4.
    """
    apart = np.asarray(replicates, float) - np.asarray(estimate, float)
    return (apart * np.asarray(scale)[:, None]).T @ apart


def effective_degrees(replicates: np.ndarray, estimate: np.ndarray) -> np.ndarray:
    """Degrees of freedom (k,) of jackknife variances of small groups, which few replicates touch.

    Parameters
    ----------
    replicates : ndarray (R, k)
        Estimates of each replicate.
    estimate : ndarray (k,)
        Those of the full sample.

    Source
    ------
    Johnson and Rust (1992), Proc. Surv. Res. Methods Sect. Am. Stat. Assoc., as NAEP uses it:
    ``(3.16 - 2.77 / sqrt(R)) (sum d^2)^2 / sum d^4``.
    """
    squares = (np.asarray(replicates, float) - np.asarray(estimate, float)) ** 2
    r = len(squares)
    whole, fourth = squares.sum(axis=0) ** 2, (squares**2).sum(axis=0)
    ratio = np.divide(whole, fourth, out=np.full(whole.shape, float(r)), where=fourth > 0.0)
    return (3.16 - 2.77 / np.sqrt(r)) * ratio
