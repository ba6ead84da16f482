"""Probabilities of categories, the latent variables behind them integrated out.

The latents are differences of independent utilities, of variance 1/2 each, and that of the
reference. A category is chosen where its utility is the largest: given that utility the others lie
below it one by one, so that one integral is left.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

NODES = 24  # of the Gauss-Hermite rule
LEAST = 1e-300  # probability that none falls below, so that its logarithm is finite


def class_probabilities(expected: np.ndarray) -> np.ndarray:
    """Probabilities (c + 1, n) of the categories, the reference first.

    Parameters
    ----------
    expected : ndarray (c, n)
        Expectations of the latents.

    Source
    ------
    Hausman & Wise (1978), Econometrica 46, 403-426, for independent utilities.
    """
    if len(expected) == 1:
        above = ndtr(expected[0])
        return np.maximum([ndtr(-expected[0]), above], LEAST)
    means = np.sqrt(2.0) * np.vstack([np.zeros(expected.shape[1]), expected])
    at, weights = np.polynomial.hermite_e.hermegauss(NODES)
    weights = weights / weights.sum()
    found = np.empty_like(means)
    for own in range(len(means)):
        others = np.delete(means, own, axis=0)
        below = np.ones((NODES, means.shape[1]))
        for other in others:
            below *= ndtr(means[own] - other + at[:, None])
        found[own] = weights @ below
    return np.maximum(found / found.sum(axis=0), LEAST)


def drawn_classes(logarithms: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Categories (n,) drawn by the logarithms (c + 1, n) of their weights.

    Parameters
    ----------
    logarithms : ndarray (c + 1, n)
        Up to a constant of each column.
    numbers : ndarray (n,)
        Uniform between 0 and 1.
    """
    weights = np.exp(logarithms - logarithms.max(axis=0))
    reached = np.cumsum(weights, axis=0)
    return np.minimum((numbers * reached[-1] >= reached).sum(axis=0), len(weights) - 1)


def indicators_of(classes: np.ndarray, size: int) -> np.ndarray:
    """Indicators (c, n) of categories (n,), without that of the reference."""
    return (classes == np.arange(1, size + 1)[:, None]).astype(float)
