"""One pass over rows for totals of the outcome by wave, category and cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mlm.errors import SurveyError, listed
from mlm.nouns.hierarchy import group_codes, group_labels
from mlm.rows.accumulating.batches import Batch, Coded, as_coded, as_numbers, missing_rows
from mlm.rows.accumulating.id_columns import id_texts
from mlm.rows.accumulating.sources import Rows, check_columns
from mlm.rows.replicating.weighted_totals import Made
from mlm.statistics.evidence.domain_totals import DomainCell, DomainTotals

SEVERAL = -1  # place of the wave of a cluster that has rows in several


@dataclass(frozen=True)
class WantedDomains:
    """What is summed.

    Attributes
    ----------
    outcome : tuple of str
        Columns of the outcome, one a draw.
    origin : float
        Taken off the outcome, so that sums of squares keep their digits.
    weights : tuple of str
        Columns whose product is the overall weight of a row; none: all rows alike.
    cuts : tuple of float
        In units of the outcome.
    wave : str
        Column of the wave.
    categories : mapping of str to tuple of str
        Categories of the waves, under that name, and of the variables that cells are made of.
    clusters, strata : tuple of str
        Id columns.
    replicates : tuple of str, or Made
        Columns of replicate weights, or what makes them, where these are not of whole clusters;
        else none.
    """

    outcome: tuple[str, ...]
    origin: float
    weights: tuple[str, ...]
    cuts: tuple[float, ...]
    wave: str
    categories: Mapping[str, tuple[str, ...]]
    clusters: tuple[str, ...]
    strata: tuple[str, ...] = ()
    replicates: tuple[str, ...] | Made = ()

    @property
    def count(self) -> int:
        """Number of replicates that are summed."""
        known = self.replicates
        return known.factors.shape[1] if isinstance(known, Made) else len(known)

    @property
    def names(self) -> list[str]:
        """All columns that are read."""
        ids = (*self.clusters, *self.strata, *self.categories)
        known = () if isinstance(self.replicates, Made) else self.replicates
        return list(dict.fromkeys((*self.outcome, *self.weights, *ids, *known)))

    @property
    def cells(self) -> tuple[DomainCell, ...]:
        """All rows of each wave, then wave by wave each category of each variable."""
        waves = self.categories[self.wave]
        own = [(v, c) for v, cs in self.categories.items() if v != self.wave for c in cs]
        whole = [DomainCell(wave) for wave in waves]
        return (*whole, *(DomainCell(wave, v, c) for v, c in own for wave in waves))


def domain_totals(rows: Rows, wanted: WantedDomains) -> DomainTotals:
    """Totals of all rows that have the outcome and a weight, whatever else they lack.

    Raises
    ------
    SurveyError
        When a column or the id of a cluster is missing, or no row is left.
    """
    check_columns(rows, wanted.names)
    going = _Going(wanted)
    for batch in rows.batches(wanted.names):
        going.add(batch)
    if not going.parts:
        raise SurveyError(
            f"no row of {rows.where} has {listed(wanted.outcome)} and a weight; without one there "
            "are no means."
        )
    return going.totals()


class _Going:
    """Sums while the rows go by."""

    def __init__(self, wanted: WantedDomains):
        self.wanted, self.cells = wanted, wanted.cells
        self.parts: list[tuple[np.ndarray, ...]] = []
        self.places: dict[str, int] = {}
        self.waves: list[int] = []
        self.strata: list[str] = []
        self.dropped: dict[str, int] = {}
        k = 1 + len(wanted.outcome) * (2 + len(wanted.cuts))
        size = (wanted.count, len(self.cells), k)
        self.replicated = np.zeros(size) if wanted.count else None
        self.first = 0

    def add(self, batch: Batch) -> None:
        """Add the rows of a batch."""
        wanted = self.wanted
        weights = np.ones(batch.rows)
        for name in wanted.weights:
            weights = weights * as_numbers(name, batch.columns[name])
        values = np.column_stack([as_numbers(c, batch.columns[c]) for c in wanted.outcome])
        keep, first = self._complete(values, weights), self.first
        self.first += batch.rows
        if not keep.any():
            return
        batch, weights, values = batch.kept(keep), weights[keep], values[keep] - wanted.origin
        wide = self._wide(values)
        own = self._replicates(batch, weights, first + np.flatnonzero(keep))
        wave = self._codes(batch, wanted.wave)
        clusters = self._clusters(batch, wave)
        n_waves, first = len(wanted.categories[wanted.wave]), 0
        self._add_cells(wave, clusters, weights, wide, own)
        for name, categories in wanted.categories.items():
            if name == wanted.wave:
                first += n_waves
                continue
            codes = self._codes(batch, name)
            there = codes >= 0
            cell = first + codes[there] * n_waves + wave[there]
            reps = None if own is None else own[there]
            self._add_cells(cell, clusters[there], weights[there], wide[there], reps)
            first += n_waves * len(categories)

    def _replicates(self, batch: Batch, weights: np.ndarray, rows: np.ndarray) -> np.ndarray | None:
        """Replicate weights (n, R) of some rows, given their weights and numbers among all."""
        known = self.wanted.replicates
        if isinstance(known, Made):
            return weights[:, None] * known.factors[known.places[rows]]
        read = [as_numbers(name, batch.columns[name]) for name in known]
        return np.column_stack(read) if read else None

    def _complete(self, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Rows with all values and a weight, the others counted."""
        keep = weights > 0.0
        if self.wanted.weights:
            self._count(self.wanted.weights[-1], ~keep)
        for name, column in zip(self.wanted.outcome, values.T, strict=True):
            self._count(name, keep & ~np.isfinite(column))
            keep = keep & np.isfinite(column)
        return keep

    def _count(self, name: str, lost: np.ndarray) -> None:
        if lost.any():
            self.dropped[name] = self.dropped.get(name, 0) + int(lost.sum())

    def _wide(self, values: np.ndarray) -> np.ndarray:
        above = [values >= cut - self.wanted.origin for cut in self.wanted.cuts]
        return np.column_stack([np.ones(len(values)), values, values**2, *above])

    def _codes(self, batch: Batch, name: str) -> np.ndarray:
        """Places (n,) of the values of a column among its categories; -1: missing or another."""
        column = as_coded(batch.columns[name])
        known = {category: i for i, category in enumerate(self.wanted.categories[name])}
        table = np.array([known.get(str(value), -1) for value in column.values.tolist()] + [-1])
        return table[column.codes]

    def _clusters(self, batch: Batch, wave: np.ndarray) -> np.ndarray:
        """Number (n,) of the cluster of each row."""
        names = (*self.wanted.clusters, *self.wanted.strata)
        columns = [batch.columns[name] for name in names]
        for name, column in zip(names, columns, strict=True):
            if missing_rows(column) is not None:
                id_texts(name, column)  # which refuses it
        split = len(self.wanted.clusters)
        codes, first = group_codes(c.codes if isinstance(c, Coded) else c for c in columns[:split])
        ids = [id_texts(n, c[first]) for n, c in zip(names, columns, strict=True)]
        labels = group_labels(ids[:split]).tolist()
        strata = group_labels(ids[split:]).tolist() if self.wanted.strata else None
        for i, label in enumerate(labels):
            if label not in self.places:
                self.places[label] = len(self.places)
                self.waves.append(int(wave[first[i]]))
                self.strata += [strata[i]] if strata else []
        places = np.array([self.places[label] for label in labels])[codes]
        known = np.array(self.waves)
        for place in np.unique(places[known[places] != wave]).tolist():
            self.waves[place] = SEVERAL
        return places

    def _add_cells(self, cell, cluster, weights, wide, replicates) -> None:
        """Add rows: cell (n,), cluster (n,), weight (n,), columns (n, k), replicates (n, R)."""
        if not cell.size:
            return
        key = cell.astype(np.int64) << 32 | cluster
        found, place = np.unique(key, return_inverse=True)
        place = place.ravel()
        size = found.size
        rows = np.bincount(place, minlength=size)
        columns = [np.bincount(place, weights * column, size) for column in wide.T]
        squares = np.bincount(place, weights**2, size)
        self.parts.append((found, rows, np.column_stack(columns), squares))
        if replicates is not None:
            for at in np.unique(cell).tolist():
                chosen = cell == at
                self.replicated[:, at] += replicates[chosen].T @ wide[chosen]

    def totals(self) -> DomainTotals:
        """What was summed, the parts of all batches joined."""
        keys = np.concatenate([part[0] for part in self.parts])
        found, place = np.unique(keys, return_inverse=True)
        place = place.ravel()
        sums = []
        for which in (1, 2, 3):
            values = np.concatenate([part[which] for part in self.parts])
            out = np.zeros((found.size, *values.shape[1:]), dtype=values.dtype)
            np.add.at(out, place, values)
            sums.append(out)
        wanted = self.wanted
        return DomainTotals(
            self.cells,
            len(wanted.outcome),
            wanted.cuts,
            np.array(list(self.places)),
            np.array(self.waves, dtype=np.intp),
            np.array(self.strata) if wanted.strata else None,
            (found >> 32).astype(np.intp),
            (found & 0xFFFFFFFF).astype(np.intp),
            *sums,
            self.replicated,
            dict(self.dropped),
            wanted.clusters,
            wanted.origin,
        )
