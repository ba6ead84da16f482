"""Factors of the weights in each replicate, made of the clusters of a sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.errors import StatisticsError
from mlm.statistics.replication.hadamard import hadamard

LEAST_FACTOR_OF_THREE = 1.0 - 0.5**0.5


@dataclass(frozen=True)
class Factors:
    """What multiplies the weights of each cluster in each replicate.

    Attributes
    ----------
    values : ndarray (C, R)
        Factors.
    scale : ndarray (R,)
        What each replicate counts for.
    df : float
        Degrees of freedom.
    """

    values: np.ndarray
    scale: np.ndarray
    df: float


def leaving_one_out(strata: np.ndarray) -> Factors:
    """Factors that leave out one cluster of a stratum at a time; of one stratum, JK1.

    Parameters
    ----------
    strata : ndarray of int (C,)
        Stratum of each cluster; every one has two clusters or more.

    Source
    ------
    Wolter (2007), Introduction to Variance Estimation, section 4.5.
    """
    sizes = np.bincount(strata)
    own = sizes[strata].astype(float)
    same = strata[:, None] == strata[None, :]
    values = np.where(same, (own / (own - 1.0))[None, :], 1.0)
    np.fill_diagonal(values, 0.0)
    return Factors(values, (own - 1.0) / own, float(strata.size - np.count_nonzero(sizes)))


def of_pairs(pairs: np.ndarray, halves: np.ndarray, both: bool) -> Factors:
    """Factors of pairs of clusters: in a replicate one half counts twice, the other not at all.

    Parameters
    ----------
    pairs : ndarray of int (C,)
        Pair of each cluster, 0 to Z - 1.
    halves : ndarray of int (C,)
        0 or 1: its half.
    both : bool
        Whether each half is left out in turn; else that with 0 is.

    Source
    ------
    Martin, Mullis and Hooper (2016), Methods and Procedures in TIMSS 2015, ch. 4.
    """
    count = int(pairs.max()) + 1
    inside = pairs[:, None] == np.arange(count)[None, :]
    one = np.where(inside, 2.0 * halves[:, None], 1.0)
    if not both:
        return Factors(one, np.ones(count), float(count))
    other = np.where(inside, 2.0 - one, 1.0)
    return Factors(np.column_stack([one, other]), np.full(2 * count, 0.5), float(count))


def balanced(zones: np.ndarray, count: int, factor: float) -> Factors:
    """Factors of balanced repeated replication: half of each zone weighs more, the other less.

    In a zone of two clusters one weighs ``2 - k``, the other ``k``; in a zone of three the first
    moves by ``sqrt(2) (1 - k)``, the others by half of that the other way, which keeps the
    expectation of the variance.

    Parameters
    ----------
    zones : ndarray of int (C,)
        Zone of each cluster, 0 to Z - 1; two or three clusters each.
    count : int
        Number of replicates R, above Z: an order of a Hadamard matrix.
    factor : float
        Fay's factor k, 0 to 1; 0 leaves half of each zone out.

    Raises
    ------
    StatisticsError
        When a zone has another number of clusters, there are too few replicates, or no Hadamard
        matrix of that order is made.

    Source
    ------
    Judkins (1990), J. Official Stat. 6, 223-239; OECD (2014), PISA 2012 Technical Report, ch. 8.
    """
    sizes = np.bincount(zones)
    if ((sizes < 2) | (sizes > 3)).any():
        raise StatisticsError("a zone has two clusters, or three; another one was given.")
    if sizes.size >= count:
        raise StatisticsError(
            f"{sizes.size} zones of clusters need more than {sizes.size} replicates, {count} are "
            "asked for: more replicates or fewer clusters."
        )
    if (sizes == 3).any() and factor < LEAST_FACTOR_OF_THREE:
        raise StatisticsError(
            f"in a zone of three clusters weights would be negative with Fay's factor {factor:g}; "
            f"expected {LEAST_FACTOR_OF_THREE:.3f} or more (PISA: 0.5), or an even number of "
            "clusters in each stratum."
        )
    order = np.argsort(zones, kind="stable")
    place = np.empty(zones.size, dtype=np.intp)
    place[order] = np.arange(zones.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    larger = np.where(sizes[zones] == 3, np.sqrt(2.0), 1.0)
    moved = np.where(place == 0, larger, -1.0 / larger)
    signs = hadamard(count)[:, 1 + zones].T
    scale = np.full(count, 1.0 / (count * (1.0 - factor) ** 2))
    values = 1.0 + (1.0 - factor) * moved[:, None] * signs
    return Factors(values, scale, float(count))
