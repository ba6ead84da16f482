"""Weighted totals of some columns by group of rows, in the full sample and in every replicate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mlm.errors import SurveyError, listed
from mlm.rows.accumulating.batches import Batch, as_coded, as_numbers
from mlm.rows.accumulating.sources import Source, check_columns

EVERYWHERE = "all"  # label of the rows where no groups are asked for


@dataclass(frozen=True)
class Made:
    """Replicates that are made of clusters.

    Attributes
    ----------
    places : ndarray of int (n,)
        Cluster of each row of the source, in order.
    factors : ndarray (C, R)
        What multiplies the weights of each cluster in each replicate.
    """

    places: np.ndarray
    factors: np.ndarray


@dataclass(frozen=True)
class WantedTotals:
    """What is summed.

    Attributes
    ----------
    columns : tuple of str
        Numeric columns, k of them.
    weight : str
        Column of the weights.
    replicates : tuple of str, or Made
        Columns of replicate weights, or clusters of which they are made.
    by : str or None
        Column of the groups; None: all rows are one.
    cut : float or None
        Totals are of rows at or above it instead of values; None: of values.
    """

    columns: tuple[str, ...]
    weight: str
    replicates: tuple[str, ...] | Made
    by: str | None = None
    cut: float | None = None

    @property
    def names(self) -> list[str]:
        """All columns that are read."""
        made = isinstance(self.replicates, Made)
        known = [] if made else list(self.replicates)
        groups = [] if self.by is None else [self.by]
        return list(dict.fromkeys([*self.columns, self.weight, *known, *groups]))


@dataclass
class WeightedTotals:
    """Totals by group, replicate and column.

    Attributes
    ----------
    totals : dict of str to ndarray (1 + R, 1 + k)
        By group: of the full sample and of each replicate, the sum of weights first.
    rows : dict of str to int
        Rows of each group.
    dropped : dict of str to int
        Rows left out: without a value in some column, or with a weight of zero or none.
    moved : float
        Sum over rows and replicates of how far a replicate weight is from the weight.
    """

    totals: dict[str, np.ndarray] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    moved: float = 0.0

    def add(self, label: str, rows: int, totals: np.ndarray) -> None:
        """Add the totals (1 + R, 1 + k) of some rows of a group."""
        self.rows[label] = self.rows.get(label, 0) + rows
        self.totals[label] = self.totals.get(label, 0.0) + totals


def weighted_totals(source: Source, wanted: WantedTotals) -> WeightedTotals:
    """Totals from one pass over the rows.

    Parameters
    ----------
    source : Source
        The rows.
    wanted : WantedTotals
        What is summed.

    Raises
    ------
    SurveyError
        When a column is missing, a weight is negative, a replicate weight is missing, or no row is
        left.
    """
    check_columns(source, wanted.names)
    found, first = WeightedTotals(), 0
    for batch in source.batches(wanted.names):
        _add(found, batch, wanted, first)
        first += batch.rows
    if not found.rows:
        told = ", ".join(f"{name}: {count}" for name, count in found.dropped.items())
        raise SurveyError(
            f"no row of {source.where} has all of {listed(wanted.columns)} and a weight in "
            f"{wanted.weight} (missing, by column: {told or 'no rows'})."
        )
    found.totals = {label: found.totals[label] for label in sorted(found.totals)}
    return found


def _add(found: WeightedTotals, batch: Batch, wanted: WantedTotals, first: int) -> None:
    values = np.column_stack([as_numbers(c, batch.columns[c]) for c in wanted.columns])
    weights = as_numbers(wanted.weight, batch.columns[wanted.weight]).astype(float)
    _refuse_negative(wanted.weight, weights, batch)
    keep = _complete(found, wanted, values, weights)
    groups = np.zeros(batch.rows, dtype=np.intp)
    labels: Sequence = [EVERYWHERE]
    if wanted.by is not None:
        coded = as_coded(batch.columns[wanted.by])
        groups, labels = coded.codes, coded.values
        lost = keep & (groups < 0)
        _count(found, wanted.by, lost)
        keep &= ~lost
    if not keep.any():
        return
    own = _all_weights(batch, wanted, weights, keep, first)
    found.moved += float(np.abs(own[:, 1:] - own[:, :1]).sum())
    values = values[keep] if wanted.cut is None else (values[keep] >= wanted.cut).astype(float)
    wide = np.column_stack([np.ones(len(values)), values])
    for place in np.unique(groups[keep]):
        chosen = groups[keep] == place
        found.add(str(labels[place]), int(chosen.sum()), own[chosen].T @ wide[chosen])


def _complete(
    found: WeightedTotals, wanted: WantedTotals, values: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Rows with all values and a weight, the others counted."""
    keep = weights > 0.0
    _count(found, wanted.weight, ~keep)
    for name, column in zip(wanted.columns, values.T, strict=True):
        lost = keep & ~np.isfinite(column)
        _count(found, name, lost)
    return keep & np.isfinite(values).all(axis=1)


def _count(found: WeightedTotals, name: str, lost: np.ndarray) -> None:
    if lost.any():
        found.dropped[name] = found.dropped.get(name, 0) + int(lost.sum())


def _all_weights(
    batch: Batch, wanted: WantedTotals, weights: np.ndarray, keep: np.ndarray, first: int
) -> np.ndarray:
    """Weights (n, 1 + R) of the rows that are kept: of the sample, and of each replicate."""
    if isinstance(wanted.replicates, Made):
        places = wanted.replicates.places[first : first + batch.rows][keep]
        own = weights[keep, None] * wanted.replicates.factors[places]
        return np.column_stack([weights[keep], own])
    columns = [as_numbers(c, batch.columns[c])[keep] for c in wanted.replicates]
    for name, column in zip(wanted.replicates, columns, strict=True):
        missing = ~np.isfinite(column)
        if missing.any():
            rows = np.flatnonzero(keep)[missing]
            raise SurveyError(
                f"replicate weight {name} is missing in {int(missing.sum())} rows that have a "
                f"weight (first: row {batch.first + int(rows[0])}); expected a number in each."
            )
        _refuse_negative(name, column, batch)
    return np.column_stack([weights[keep], *columns])


def _refuse_negative(name: str, weights: np.ndarray, batch: Batch) -> None:
    wrong = np.flatnonzero(weights < 0.0)
    if wrong.size:
        raise SurveyError(
            f"weight {name} is negative in {wrong.size} rows (first: row "
            f"{batch.first + int(wrong[0])}); expected zero or more. Is it a missing code?"
        )


def cluster_ids(source: Source, names: Sequence[str]) -> tuple[np.ndarray, list[np.ndarray]]:
    """Clusters of rows by id columns.

    Parameters
    ----------
    source : Source
        The rows.
    names : sequence of str
        Id columns, outermost first.

    Returns
    -------
    places : ndarray of int (n,)
        Cluster of each row, sorted by their ids.
    ids : list of ndarray (C,)
        Ids of each cluster, one array a column.

    Raises
    ------
    SurveyError
        When an id is missing.
    """
    check_columns(source, names)
    parts: list[list[np.ndarray]] = [[] for _ in names]
    for batch in source.batches(list(dict.fromkeys(names))):
        for part, name in zip(parts, names, strict=True):
            coded = as_coded(batch.columns[name])
            missing = int(np.count_nonzero(coded.codes < 0))
            if missing:
                raise SurveyError(
                    f"{name} is missing in {missing} rows; replicates are made of it, and each row "
                    "needs one. Leave these rows out."
                )
            part.append(np.asarray(coded.values)[coded.codes])
    columns = [np.unique(np.concatenate(part), return_inverse=True) for part in parts]
    codes = np.column_stack([inverse for _, inverse in columns])
    found, places = np.unique(codes, axis=0, return_inverse=True)
    return places.ravel(), [v[found[:, i]] for i, (v, _) in enumerate(columns)]
