"""Rows as a joint model sees them: predictors, responses, categories and groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlm.nouns.columns import Columns
from mlm.nouns.hierarchy import group_labels
from mlm.rows.accumulating.batches import Batch, Coded, as_coded, as_numbers, missing_rows
from mlm.rows.accumulating.grouping import Grouping
from mlm.rows.accumulating.id_columns import NormalIds
from mlm.statistics.imputation.joint_model import JointModel


@dataclass(frozen=True)
class ModelRows:
    """Some rows that have all that must not be missing.

    Attributes
    ----------
    at : ndarray of int (n,)
        Their places in the batch.
    predictors : ndarray (k, n)
        Stored columns q.
    responses : ndarray (d, n)
        Stored columns x; zero where they are missing, and for latents.
    observed : ndarray of bool (d, n)
        Which responses, or categories behind latents, are there.
    codes : dict of str to ndarray of int (n,)
        By variable with latents the position of its category, -1 where it is missing.
    groups : ndarray of int (n,)
        Lowest group of each row, as the sums number them; -1 where they do not know it.
    units : tuple of ndarray of int (n,)
        The same of each crossed level.
    """

    at: np.ndarray
    predictors: np.ndarray
    responses: np.ndarray
    observed: np.ndarray
    codes: dict[str, np.ndarray]
    groups: np.ndarray
    units: tuple[np.ndarray, ...] = ()

    @property
    def is_known(self) -> np.ndarray:
        """Rows (n,) of bool whose groups and units the sums know."""
        return np.all([self.groups >= 0, *(own >= 0 for own in self.units)], axis=0)


@dataclass(frozen=True)
class KnownGroups:
    """Groups of one level as sums number them.

    Attributes
    ----------
    group : tuple of str
        Id columns.
    keys : tuple of ndarray (G,)
        Ids of each group, one array an id column.
    """

    group: tuple[str, ...]
    keys: tuple[np.ndarray, ...]


class _Places:
    """Finds the groups of one level in rows."""

    def __init__(self, known: KnownGroups):
        self._place = {label: i for i, label in enumerate(group_labels(known.keys).tolist())}
        self._normal = {name: NormalIds() for name in known.group}
        self._grouping = Grouping().of(known.group)
        self._known = np.empty(0, dtype=np.intp)

    def of(self, part: Batch) -> np.ndarray:
        """Group of each row; -1 where the sums do not know it."""
        if not part.rows:
            return np.empty(0, dtype=np.intp)
        ids = {name: own.normal(part.columns[name])[0] for name, own in self._normal.items()}
        codes = self._grouping.codes(replace(part, columns={**part.columns, **ids})).by_row()
        if self._grouping.size > self._known.size:
            labels = group_labels(self._grouping.names(self._known.size)).tolist()
            new = np.array([self._place.get(label, -1) for label in labels])
            self._known = np.concatenate([self._known, new])
        return self._known[codes]


class RowReader:
    """Reads batches of rows for a joint model.

    Parameters
    ----------
    columns : Columns
        The recipe that holds predictors and responses.
    model : JointModel
        The model.
    levels : sequence of KnownGroups
        The lowest nested level, then crossed ones.
    incomplete : iterable of str
        Variables that rows may lack; those without another one, such as the outcome, are not read.
    further : iterable of str
        Variables that are read beside.
    """

    def __init__(
        self,
        columns: Columns,
        model: JointModel,
        levels: Sequence[KnownGroups],
        incomplete: Iterable[str],
        further: Iterable[str] = (),
    ):
        self._columns, self._model = columns, model
        self._ids = tuple(dict.fromkeys(name for level in levels for name in level.group))
        self._latents = model.latents
        self._numbers = [i for i, c in enumerate(model.responses) if c.powers]
        numbers = [model.responses[i] for i in self._numbers]
        self._recipe = columns.only([*model.predictors, *numbers])
        self._levels = [_Places(level) for level in levels]
        used = {v for c in (*model.predictors, *model.responses) for v in c.variables}
        self._complete = tuple(sorted(used - set(incomplete)))
        self.names = tuple(
            dict.fromkeys([*self._recipe.variables, *self._latents, *further, *self._ids])
        )

    def read(self, batch: Batch) -> ModelRows:
        """The rows of a batch that have the outcome, all predictors and ids."""
        keep = np.ones(batch.rows, dtype=bool)
        for name in (*self._complete, *self._ids):
            where = missing_rows(batch.columns[name])
            if where is not None:
                keep &= ~where
        part = batch.only(self.names).kept(keep)
        values = {name: self._values(name, part.columns[name]) for name in self._recipe.variables}
        block = self._recipe.matrix(values) if part.rows else np.zeros((len(self._recipe), 0))
        k, d = len(self._model.predictors), self._model.size
        responses, observed = np.zeros((d, part.rows)), np.zeros((d, part.rows), dtype=bool)
        responses[self._numbers] = block[k:]
        observed[self._numbers] = ~np.isnan(block[k:])
        responses[~observed] = 0.0
        codes = {name: self._codes(name, part.columns[name]) for name in self._latents}
        for name, places in self._latents.items():
            observed[places] = codes[name] >= 0
        groups, *units = (level.of(part) for level in self._levels)
        at = np.flatnonzero(keep)
        return ModelRows(at, block[:k], responses, observed, codes, groups, tuple(units))

    def _values(self, name: str, column) -> np.ndarray:
        if name in self._columns.categories:
            return self._codes(name, column)
        return as_numbers(name, column)

    def _codes(self, name: str, column: np.ndarray | Coded) -> np.ndarray:
        """Position of each row's category in the recipe; -1 where it is missing."""
        coded = as_coded(column)
        place = {str(c): i for i, c in enumerate(self._columns.categories[name])}
        table = np.array([place.get(str(v), -1) for v in coded.values.tolist()] + [-1])
        return table[coded.codes]
