"""Ranks of units by draws of the joint distribution of their effects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mlm.statistics.likelihood.symmetric_root import symmetric_root

RANK_DRAWS = 2000  # draws of the joint distribution of the effects
FULLY_DRAWN_UNITS = 2000  # units beyond which a tenth of the draws is made
COVERAGE = 0.95  # of the interval of a rank
FEWEST_AT_ONCE = 16  # draws whose ranks are sorted in among the others together
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
        drawn = means + rng.standard_normal((RANK_DRAWS, n)) @ symmetric_root(covariance)
        return ranks_of_draws(means, drawn, RANK_DRAWS)
    count, sds = RANK_DRAWS if n <= FULLY_DRAWN_UNITS else RANK_DRAWS // 10, np.sqrt(covariance)
    return ranks_of_draws(
        means, (means + sds * rng.standard_normal(n) for _ in range(count)), count
    )


def ranks_of_draws(means: np.ndarray, draws: Iterable[np.ndarray], count: int) -> Ranks:
    """Ranks of units whose true effects were drawn.

    Parameters
    ----------
    means : ndarray (G,)
        Posterior means.
    draws : iterable of ndarray (G,)
        Of millions of units one at a time is in memory.
    count : int
        How many there are.
    """
    n, own = means.size, descending_ranks(means[None, :])[0]
    tenth, centre = tenth_of(n), 0.5 * (n + 1)
    total, top, bottom = (np.zeros(n, dtype=np.int64) for _ in range(3))
    ends, products = _Ends(n, count), []
    for drawn in draws:
        (ranks,) = descending_ranks(drawn[None, :])
        total += ranks
        top += ranks <= tenth
        bottom += ranks > n - tenth
        products.append(float((ranks - centre) @ (own - centre)))
        ends.add(ranks)
    correlation = np.mean(products) / np.sum((own - centre) ** 2) if n > 1 else np.nan
    intervals = np.column_stack([total / count, *ends.quantiles()])
    return Ranks(intervals, top / count, bottom / count, float(correlation))


class _Ends:
    """The lowest and the highest ranks of each unit, as many as its interval is read from.

    Parameters
    ----------
    units, draws : int
        How many there are of both.
    """

    def __init__(self, units: int, draws: int):
        place = 0.5 * (1.0 - COVERAGE) * (draws - 1)
        self._below, self._between = int(place), place - int(place)
        self._kept = min(self._below + 2, draws)
        kind = np.min_scalar_type(units)
        self._low = np.empty((units, 0), dtype=kind)  # the unit's own ranks side by side
        self._high, self._new = self._low, []

    def add(self, ranks: np.ndarray) -> None:
        """Add the ranks (G,) of a draw."""
        self._new.append(ranks.astype(self._low.dtype))
        if len(self._new) >= max(FEWEST_AT_ONCE, 2 * self._kept):
            self._sort()

    def _sort(self) -> None:
        new, self._new = np.column_stack(self._new), []
        low, high = (np.hstack([held, new]) for held in (self._low, self._high))
        k = self._kept
        self._low = np.partition(low, k - 1, axis=1)[:, :k] if low.shape[1] > k else low
        self._high = np.partition(high, -k, axis=1)[:, -k:] if high.shape[1] > k else high

    def quantiles(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper ends (G,), between two ranks by their distance."""
        if self._new:
            self._sort()
        low, high = (np.sort(held, axis=1).astype(float) for held in (self._low, self._high))
        last = min(self._below + 1, self._kept - 1)
        part = self._between
        lower = low[:, self._below] * (1.0 - part) + low[:, last] * part
        upper = high[:, -1 - self._below] * (1.0 - part) + high[:, -1 - last] * part
        return lower, upper


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
