"""Factors of the weights in each replicate, made of the clusters of a sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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
