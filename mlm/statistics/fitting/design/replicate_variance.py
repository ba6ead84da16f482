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


def effective_degrees(
    replicates: np.ndarray, estimate: np.ndarray, most: float = np.inf
) -> np.ndarray:
    """Degrees of freedom (k,) of jackknife variances, few where these rest on few replicates.

    Parameters
    ----------
    replicates : ndarray (R, k)
        Estimates of each replicate.
    estimate : ndarray (k,)
        Those of the full sample.
    most : float
        Degrees of freedom of the design: those of all where nothing was left out.

    Source
    ------
    Johnson and Rust (1992), Proc. Surv. Res. Methods Sect. Am. Stat. Assoc., as NAEP uses it:
    ``(3.16 - 2.77 / sqrt(R)) (sum d^2)^2 / sum d^4``.
    """
    if not len(replicates):
        return np.full(np.shape(estimate), most)
    squares = (np.asarray(replicates, float) - np.asarray(estimate, float)) ** 2
    r = len(squares)
    whole, fourth = squares.sum(axis=0) ** 2, (squares**2).sum(axis=0)
    ratio = np.divide(whole, fourth, out=np.full(whole.shape, float(r)), where=fourth > 0.0)
    return np.minimum((3.16 - 2.77 / np.sqrt(r)) * ratio, most)


def combined_degrees(weights: np.ndarray, covariance: np.ndarray, degrees: np.ndarray) -> float:
    """Degrees of freedom of combinations of estimates: of one estimate alone its own.

    Each estimate counts by what it brings to the variance of a combination, or to the sum of those
    of several.

    Parameters
    ----------
    weights : ndarray (c, p)
        Of each combination.
    covariance : ndarray (p, p)
        Of the estimates.
    degrees : ndarray (p,)
        Of each estimate.
    """
    parts = np.asarray(weights) ** 2 * np.diagonal(covariance)
    whole = parts.sum(axis=1, keepdims=True)
    shares = np.divide(parts, whole, out=np.zeros_like(parts), where=whole > 0.0)
    shares = shares.mean(axis=0)
    return float(shares.sum() / (shares / degrees).sum()) if shares.any() else float(min(degrees))
