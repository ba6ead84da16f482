"""Ranks of units by draws of the joint distribution of their effects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from mlm.statistics.likelihood.symmetric_root import symmetric_root

RANK_DRAWS = 2000  # draws of the joint distribution of the effects
FULLY_DRAWN_UNITS = 2000  # units beyond which a tenth of the draws is made
UNITS_SORTED = 1 << 16  # units whose ranks are sorted together
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
    n, own = means.size, descending_ranks(means[None, :])[0].astype(np.int32)
    tenth, centre = tenth_of(n), 0.5 * (n + 1)
    total, top, bottom = (np.zeros(n, dtype=kind) for kind in (np.int64, np.int32, np.int32))
    ends, products = _Ends(n, count), []
    for drawn in draws:
        (ranks,) = descending_ranks(drawn[None, :])
        ranks = ranks.astype(np.int32)
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
        self._new.append(ranks.astype(self._low.dtype, copy=False))
        if len(self._new) >= max(FEWEST_AT_ONCE, 2 * self._kept):
            self._sort()

    def _sort(self) -> None:
        before, size = self._low.shape[1], len(self._low)
        k = min(self._kept, before + len(self._new))
        low, high = (np.empty((size, k), dtype=self._low.dtype) for _ in range(2))
        for some in _parts(size):
            new = np.column_stack([ranks[some] for ranks in self._new])
            low[some] = np.partition(np.hstack([self._low[some], new]), k - 1, axis=1)[:, :k]
            high[some] = np.partition(np.hstack([self._high[some], new]), -k, axis=1)[:, -k:]
        self._low, self._high, self._new = low, high, []

    def quantiles(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper ends (G,), between two ranks by their distance."""
        if self._new:
            self._sort()
        last = min(self._below + 1, self._kept - 1)
        part, ends = self._between, np.empty((2, len(self._low)))
        for some in _parts(len(self._low)):
            low, high = (np.sort(held[some], axis=1) for held in (self._low, self._high))
            ends[0, some] = low[:, self._below] * (1.0 - part) + low[:, last] * part
            ends[1, some] = high[:, -1 - self._below] * (1.0 - part) + high[:, -1 - last] * part
        return ends[0], ends[1]


def _parts(size: int) -> Iterator[slice]:
    """Units that are looked at together, so that copies of their ranks stay small."""
    for start in range(0, size, UNITS_SORTED):
        yield slice(start, min(start + UNITS_SORTED, size))


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
