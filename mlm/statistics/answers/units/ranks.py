"""Ranks of units by draws of the joint distribution of their effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.statistics.likelihood.symmetric_root import symmetric_root

RANK_DRAWS = 2000  # draws of the joint distribution of the effects
FULLY_DRAWN_UNITS = 2000  # units beyond which a tenth of the draws is made
COVERAGE = 0.95  # of the interval of a rank
TENTH = 0.1  # share of the units that are called top or bottom


@dataclass(frozen=True)
class Ranks:
    """Distribution of the rank of each unit; rank 1 is the highest effect.

    Attributes
    ----------
    intervals : ndarray (G, 3)
        Mean rank, and the interval that holds it with a probability of 95 %.
    top, bottom : ndarray (G,)
        Probability to be among the tenth of the units with the highest, or the lowest, effects.
    correlation : float
        Mean over the draws of the rank correlation of the posterior means with the drawn effects:
        what a list in order of the means is expected to share with the truth. NaN for one unit.
    """

    intervals: np.ndarray
    top: np.ndarray
    bottom: np.ndarray
    correlation: float


def rank_distribution(means: np.ndarray, covariance: np.ndarray, seed: int = 20_240_601) -> Ranks:
    """Ranks of units whose true effects are normal around their posterior means.

    Parameters
    ----------
    means : ndarray (G,)
        Posterior means.
    covariance : ndarray (G, G) or (G,)
        Joint covariance of the errors, or their variances where they are taken as independent.
    seed : int
        Seed of the draws.

    Returns
    -------
    Ranks

    Source
    ------
    Laird and Louis (1989), Journal of Educational Statistics 14, 29-46; Lingsma et al. (2010), BMC
    Medical Research Methodology 10, 1 (expected rank).
    """
    rng = np.random.default_rng(seed)
    n = means.size
    if covariance.ndim == 2:
        draws = means + rng.standard_normal((RANK_DRAWS, n)) @ symmetric_root(covariance)
    else:
        size = RANK_DRAWS if n <= FULLY_DRAWN_UNITS else RANK_DRAWS // 10
        draws = means + np.sqrt(covariance) * rng.standard_normal((size, n))
    return ranks_of_draws(means, draws)


def ranks_of_draws(means: np.ndarray, draws: np.ndarray) -> Ranks:
    """Ranks of units (G,) whose true effects were drawn, (d, G)."""
    n = means.size
    ranks = descending_ranks(draws)
    tail = 0.5 * (1.0 - COVERAGE)
    low, high = np.quantile(ranks, [tail, 1.0 - tail], axis=0)
    tenth = tenth_of(n)
    own = descending_ranks(means[None, :])[0]
    return Ranks(
        np.column_stack([ranks.mean(axis=0), low, high]),
        (ranks <= tenth).mean(axis=0),
        (ranks > n - tenth).mean(axis=0),
        _mean_correlation(ranks, own),
    )


def tenth_of(units: int) -> int:
    """Number of units that are called the top, or the bottom, tenth; one at least."""
    return max(round(TENTH * units), 1)


def descending_ranks(values: np.ndarray) -> np.ndarray:
    """Ranks (d, G) of each row of values (d, G); 1 is the largest, of equal ones the first."""
    ranks, places = np.empty(values.shape, dtype=np.intp), np.arange(1, values.shape[1] + 1)
    for row, own in zip(values, ranks, strict=True):
        order = np.argsort(-row)  # takes half the time of one that keeps equal values in order
        in_order = row[order]
        if (in_order[1:] == in_order[:-1]).any():
            order = np.argsort(-row, kind="stable")
        own[order] = places
    return ranks


def _mean_correlation(ranks: np.ndarray, own: np.ndarray) -> float:
    n = own.size
    if n < 2:
        return float("nan")
    centre = 0.5 * (n + 1)
    products = (ranks - centre) @ (own - centre)
    return float(products.mean() / np.sum((own - centre) ** 2))
