"""Whether replicates reweight whole clusters, classes of rows in them, or rows one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

ROUNDING_OF_FILES = (
    1e-3  # spread of a factor in a cluster up to which it is one number, as files round
)
MANY_CLASSES = 0.5  # classes over rows above which rows are read once more instead

Kind = Literal["clusters", "classes", "rows"]


@dataclass(frozen=True)
class Arrangement:
    """Groups of rows whose weights each replicate multiplies by one number.

    Attributes
    ----------
    kind : {"clusters", "classes", "rows"}
        Whole clusters; classes of rows inside them; or so many classes that rows are read anew.
    places : ndarray of int (n,)
        Group of each row.
    clusters : ndarray of int (C,)
        Cluster of each group.
    factors : ndarray (C, R)
        Sum of the replicate weights over that of the weights, by group.
    spread : float
        Largest difference between the factors of two rows of a cluster.
    """

    kind: Kind
    places: np.ndarray
    clusters: np.ndarray
    factors: np.ndarray
    spread: float


def arranged(clusters: np.ndarray, weights: np.ndarray, replicates: np.ndarray) -> Arrangement:
    """The groups of rows that replicates reweight, found from their weights.

    Parameters
    ----------
    clusters : ndarray of int (n,)
        Cluster of each row, 0 to C - 1.
    weights : ndarray (n,)
        Weights of the sample, positive.
    replicates : ndarray (n, R)
        Replicate weights.
    """
    factors = replicates / weights[:, None]
    spread = _spread(clusters, factors)
    if spread <= ROUNDING_OF_FILES:
        places, of_group = clusters, np.arange(int(clusters.max()) + 1)
        kind: Kind = "clusters"
    else:
        places = _classes(clusters, factors)
        first = np.unique(places, return_index=True)[1]
        of_group = clusters[first]
        kind = "rows" if of_group.size > MANY_CLASSES * weights.size else "classes"
    sums = np.bincount(places, weights)
    table = np.array([np.bincount(places, column) for column in replicates.T]).T / sums[:, None]
    return Arrangement(kind, places, of_group, table, spread)


def _spread(clusters: np.ndarray, factors: np.ndarray) -> float:
    """Largest difference between the factors of two rows of a cluster."""
    order = np.argsort(clusters, kind="stable")
    starts = np.flatnonzero(np.diff(clusters[order], prepend=-1))
    own = factors[order]
    reach = np.maximum.reduceat(own, starts) - np.minimum.reduceat(own, starts)
    return float(reach.max(initial=0.0))


def _classes(clusters: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Classes (n,) of rows of a cluster with the same factors, as far as files round them.

    Rows are sorted in a cluster by a sum of all factors with fixed weights that tells unlike
    vectors apart; a class ends where any factor is farther than the rounding from its first row.
    """
    key = factors @ np.cos(np.arange(1, factors.shape[1] + 1))
    order = np.lexsort((key, clusters))
    out = np.empty(clusters.size, dtype=np.intp)
    first, number = -1, -1
    for row in order:
        is_new = first < 0 or clusters[row] != clusters[first]
        if is_new or np.abs(factors[row] - factors[first]).max() > ROUNDING_OF_FILES:
            first, number = row, number + 1
        out[row] = number
    return out
