"""Factors of replicate weights by cluster, read from the rows, and how equal they are inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.errors import SurveyError
from mlm.nouns.hierarchy import group_labels
from mlm.rows.accumulating.batches import Batch, as_numbers
from mlm.rows.accumulating.id_columns import id_texts
from mlm.rows.accumulating.sources import Source, check_columns


@dataclass(frozen=True)
class ClusterFactors:
    """Sums of replicate weights over those of the weights, by cluster.

    Attributes
    ----------
    names : ndarray of str (C,)
        Ids of each cluster, joined by colons, sorted.
    factors : ndarray (C, R)
        What multiplies the weights of each cluster in each replicate.
    spread : float
        Largest difference between the factors of two rows of a cluster.
    moved : float
        How far a replicate weight is from the weight, over the weight, on average.
    sums : ndarray (1 + R,)
        Sums of the weights and of each replicate's.
    """

    names: np.ndarray
    factors: np.ndarray
    spread: float
    moved: float
    sums: np.ndarray


class _Sums:
    """Sums, and least and largest factors, of clusters while their rows go by."""

    def __init__(self, size: int):
        self.places: dict[str, int] = {}
        self.sums = np.zeros((0, 1 + size))
        self.least = np.zeros((0, size))
        self.largest = np.zeros((0, size))
        self.moved = 0.0

    def add(self, names: np.ndarray, weights: np.ndarray) -> None:
        """Add rows: their clusters (n,), their weights and replicate weights (n, 1 + R)."""
        known, codes = np.unique(names, return_inverse=True)
        new = [name for name in known.tolist() if name not in self.places]
        self._grow(new)
        places = np.array([self.places[name] for name in known.tolist()], dtype=np.intp)
        order = np.argsort(codes, kind="stable")
        starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
        own = weights[order]
        self.sums[places] += np.add.reduceat(own, starts)
        factors = own[:, 1:] / own[:, :1]
        low, high = np.minimum.reduceat(factors, starts), np.maximum.reduceat(factors, starts)
        self.least[places] = np.minimum(self.least[places], low)
        self.largest[places] = np.maximum(self.largest[places], high)
        self.moved += float(np.abs(own[:, 1:] - own[:, :1]).sum())

    def _grow(self, names: list[str]) -> None:
        self.places.update({name: len(self.places) + i for i, name in enumerate(names)})
        more, size = len(names), self.least.shape[1]
        self.sums = np.vstack([self.sums, np.zeros((more, 1 + size))])
        self.least = np.vstack([self.least, np.full((more, size), np.inf)])
        self.largest = np.vstack([self.largest, np.full((more, size), -np.inf)])


def cluster_factors(
    source: Source, clusters: Sequence[str], weight: str, replicates: Sequence[str]
) -> ClusterFactors:
    """Factors of replicate weights from one pass over the rows that have a weight.

    Parameters
    ----------
    source : Source
        The rows.
    clusters : sequence of str
        Id columns of the clusters, outermost first.
    weight : str
        Column of the weights.
    replicates : sequence of str
        Columns of the replicate weights, R of them.

    Raises
    ------
    SurveyError
        When a column, an id or a replicate weight is missing, or no row has a weight.
    """
    names = list(dict.fromkeys([*clusters, weight, *replicates]))
    check_columns(source, names)
    found = _Sums(len(replicates))
    for batch in source.batches(names):
        _add(found, batch, clusters, weight, replicates)
    if not found.places:
        raise SurveyError(f"no row of {source.where} has a weight in {weight}.")
    labels = np.array(list(found.places))
    order = np.argsort(labels, kind="stable")
    sums, whole = found.sums[order], found.sums.sum(axis=0)
    reach = float((found.largest - found.least).max(initial=0.0))
    moved = found.moved / (len(replicates) * whole[0])
    return ClusterFactors(labels[order], sums[:, 1:] / sums[:, :1], reach, moved, whole)


def _add(
    found: _Sums, batch: Batch, clusters: Sequence[str], weight: str, replicates: Sequence[str]
) -> None:
    weights = as_numbers(weight, batch.columns[weight])
    keep = weights > 0.0
    if not keep.any():
        return
    own = np.column_stack(
        [weights[keep], *(as_numbers(name, batch.columns[name])[keep] for name in replicates)]
    )
    wrong = ~(own >= 0.0).all(axis=0)
    if wrong.any():
        name = [weight, *replicates][int(np.flatnonzero(wrong)[0])]
        count = int(np.count_nonzero(~(own[:, wrong][:, 0] >= 0.0)))
        raise SurveyError(
            f"replicate weight {name} is missing or negative in {count} rows that have a weight; "
            "expected zero or more in each."
        )
    ids = [id_texts(name, batch.columns[name][keep]) for name in clusters]
    found.add(group_labels(ids), own)
