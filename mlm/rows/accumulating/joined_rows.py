"""The rows of several waves one below the other, read batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from mlm.rows.accumulating.batches import Batch, as_numbers
from mlm.rows.accumulating.sources import (
    LabelledRows,
    Rows,
    check_columns,
    evenly_spaced,
)


class JoinedRows:
    """Rows of several sources, each with further columns that tell its wave.

    Parameters
    ----------
    waves : mapping of str to Rows
        Sources by wave.
    labels : mapping of str to mapping
        By wave the columns that have one value in all of its rows.
    categories : mapping of str to tuple of str
        Categories of the categorical columns, in the order in which models have them.
    """

    def __init__(
        self,
        waves: Mapping[str, Rows],
        labels: Mapping[str, Mapping[str, str | float]],
        categories: Mapping[str, tuple[str, ...]],
    ):
        self._parts = [LabelledRows(rows, labels[wave]) for wave, rows in waves.items()]
        self._categories = categories
        known = [set(part.names) for part in self._parts]
        self.names = tuple(n for n in self._parts[0].names if all(n in names for names in known))
        self.where = self._parts[0].where if len(self._parts) == 1 else "the rows of all waves"
        self.rows = sum(part.rows for part in self._parts)

    def batches(self, names: Sequence[str]) -> Iterator[Batch]:
        """All rows, some columns, wave by wave."""
        first = 0
        for part in self._parts:
            check_columns(part, names)
            for batch in part.batches(names):
                yield replace(batch, first=first + batch.first, where=batch.where or part.where)
            first += part.rows

    def is_number(self, name: str) -> bool:
        """Whether a column holds numbers: all that have no categories do."""
        return name not in self._categories

    def distinct(self, names: Sequence[str]) -> dict[str, list]:
        """Categories of some columns."""
        return {name: list(self._categories[name]) for name in names}

    def sample(self, numbers: Sequence[str], others: Sequence[str]) -> dict[str, np.ndarray]:
        """Numbers of some rows, evenly spaced over all."""
        return evenly_spaced(self, numbers)


class RowsWithWeight:
    """Rows without those that have a weight of zero, or none.

    Parameters
    ----------
    rows : Rows
        The rows.
    weights : sequence of str
        Columns of weights; of none all rows are kept.
    """

    def __init__(self, rows: Rows, weights: Sequence[str]):
        self._rows, self._weights = rows, tuple(weights)
        self.names, self.where, self.rows = rows.names, rows.where, rows.rows

    def batches(self, names: Sequence[str]) -> Iterator[Batch]:
        """All rows that have a weight, some columns, in order."""
        for batch in self._rows.batches(list(dict.fromkeys([*names, *self._weights]))):
            keep = np.ones(batch.rows, dtype=bool)
            for name in self._weights:
                keep &= as_numbers(name, batch.columns[name]) > 0.0
            yield batch.kept(keep).only(names)
