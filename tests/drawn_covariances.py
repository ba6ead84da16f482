"""Covariances of effects from their priors, and whether a move leaves a distribution as it is.

Parameters are drawn from their priors, effects and data given them. One move, given the data, must
leave parameters and effects with the distribution that they had (Geweke 2004, J. Am. Stat. Assoc.
99, 799-804).
"""

from __future__ import annotations

import numpy as np

from mlm.statistics.imputation.effect_covariance import MixedPrior
from tests.bands import largest_ratio

WIDTHS = np.array([1.0, 0.5, 2.0])
GROUPS = 6


def drawn_covariance(rng) -> np.ndarray:
    """A draw from the prior: mixing numbers, then the covariance of no effects at all."""
    prior = MixedPrior(WIDTHS, rng.gamma(0.5, WIDTHS**2))
    return prior.covariance(np.zeros((WIDTHS.size, 0)), rng)


def same_means(before: list, after: list) -> None:
    """Paired numbers (n, t) that are bounded have the same means."""
    moved = np.array(after) - np.array(before)
    error = moved.std(axis=0) / np.sqrt(len(moved))
    ratio = np.abs(moved.mean(axis=0)) / np.where(error > 0.0, error, 1.0)
    assert (moved.std(axis=0) > 0.0).any(), "nothing moved"
    assert ratio.max() < largest_ratio(ratio.size), ratio.round(2)


def bounded(covariance: np.ndarray, effects: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Bounded functions (t,) of a covariance, of effects, and of effects with data."""
    sd = np.sqrt(np.diagonal(covariance))
    correlations = (covariance / np.outer(sd, sd))[np.tril_indices(len(sd), -1)]
    bounded = np.tanh(effects)
    shares = sd / (sd + WIDTHS)
    return np.concatenate(
        [
            shares,
            shares**2,
            correlations,
            correlations**2,
            bounded[:, 0],
            np.tanh(effects * data)[:, 0],
        ]
    )
