"""Factors of replicate weights by cluster, read from the rows, and how equal they are inside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.errors import SurveyError
from mlm.nouns.hierarchy import group_codes, group_labels
from mlm.rows.accumulating.batches import Batch, Coded, as_numbers, missing_rows
from mlm.rows.accumulating.id_columns import id_texts
from mlm.rows.accumulating.sources import Source, check_columns
from mlm.rows.replicating.weighted_totals import EVERYWHERE, Made


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

    def add(self, names: np.ndarray, codes: np.ndarray, weights: np.ndarray) -> None:
        """Add rows: names of clusters (c,), that of each row (n,), its weights (n, 1 + R)."""
        self._grow([name for name in names.tolist() if name not in self.places])
        places = np.array([self.places[name] for name in names.tolist()], dtype=np.intp)
        own = weights
        if (np.diff(codes) < 0).any():
            order = np.argsort(codes, kind="stable")
            own, codes = weights[order], codes[order]
        starts = np.flatnonzero(np.diff(codes, prepend=-1))
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
    source: Source,
    clusters: Sequence[str],
    weight: str | None,
    replicates: Sequence[str] | Made,
) -> ClusterFactors:
    """Factors of replicate weights from one pass over the rows that have a weight.

    Parameters
    ----------
    source : Source
        The rows.
    clusters : sequence of str
        Id columns of the clusters, outermost first.
    weight : str or None
        Column of the overall weights of rows; None: all weigh the same.
    replicates : sequence of str, or Made
        Columns of the replicate weights, R of them; or clusters of which replicates are made.

    Raises
    ------
    SurveyError
        When a column, an id or a replicate weight is missing, or no row has a weight.
    """
    size = replicates.factors.shape[1] if isinstance(replicates, Made) else len(replicates)
    found = _Sums(size)
    for names, codes, own in weighted_rows(source, clusters, weight, replicates):
        found.add(names, codes, own)
    if not found.places:
        raise SurveyError(f"no row of {source.where} has a weight in {weight or 'any column'}.")
    labels = np.array(list(found.places))
    order = np.argsort(labels, kind="stable")
    sums, whole = found.sums[order], found.sums.sum(axis=0)
    reach = float((found.largest - found.least).max(initial=0.0))
    moved = found.moved / (size * whole[0])
    return ClusterFactors(labels[order], sums[:, 1:] / sums[:, :1], reach, moved, whole)


def weighted_rows(
    source: Source, clusters: Sequence[str], weight: str | None, replicates: Sequence[str] | Made
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Rows that have a weight, batch by batch, where a batch has any; parameters as above.

    Yields
    ------
    names : ndarray of str (c,)
        Ids of the clusters of the batch, joined by colons.
    codes : ndarray of int (n,)
        Place of each row's cluster among the names.
    weights : ndarray (n, 1 + R)
        Weights, and replicate weights.

    Raises
    ------
    SurveyError
        When a column, an id or a replicate weight is missing.
    """
    is_made = isinstance(replicates, Made)
    columns = () if is_made else tuple(replicates)
    names = list(dict.fromkeys([*clusters, *([weight] if weight else []), *columns]))
    check_columns(source, names)
    first = 0
    for batch in source.batches(names):
        weights = as_numbers(weight, batch.columns[weight]) if weight else np.ones(batch.rows)
        if is_made:
            places = replicates.places[first : first + batch.rows]
            own = weights[:, None] * np.column_stack(
                [np.ones(batch.rows), replicates.factors[places]]
            )
        else:
            read = [as_numbers(name, batch.columns[name]) for name in columns]
            own = np.column_stack([weights, *read])
        first += batch.rows
        keep = weights > 0.0
        if keep.any():
            yield _kept(batch, clusters, own, (weight or "", *columns), keep)


def _kept(
    batch: Batch, clusters: Sequence[str], weights: np.ndarray, names: Sequence[str], keep
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Clusters and weights of the rows of a batch that have a weight, checked."""
    own = weights[keep]
    wrong = np.flatnonzero(~(own >= 0.0).all(axis=0))
    if wrong.size:
        count = int(np.count_nonzero(~(own[:, wrong[0]] >= 0.0)))
        raise SurveyError(
            f"replicate weight {names[wrong[0]]} is missing or negative in {count} rows that have "
            "a weight; expected zero or more in each."
        )
    if not clusters:
        return np.array([EVERYWHERE]), np.zeros(len(own), dtype=np.intp), own
    columns = [batch.columns[name][keep] for name in clusters]
    codes, first = group_codes(c.codes if isinstance(c, Coded) else c for c in columns)
    _refuse_missing(clusters, columns)
    ids = [id_texts(name, c[first]) for name, c in zip(clusters, columns, strict=True)]
    labels, places = np.unique(group_labels(ids), return_inverse=True)
    return labels, places.ravel()[codes], own


def _refuse_missing(clusters: Sequence[str], columns: Sequence) -> None:
    """Refuse rows without a cluster, whose code is no category of the others."""
    for name, column in zip(clusters, columns, strict=True):
        missing = missing_rows(column)
        if missing is not None:
            id_texts(name, column)
