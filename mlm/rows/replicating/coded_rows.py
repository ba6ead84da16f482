"""Rows with covariates as the columns that models have of them: numbers, and indicators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from mlm.nouns.columns import Column, function_values
from mlm.rows.accumulating.batches import Batch, as_coded, as_numbers
from mlm.rows.accumulating.sources import Rows

MARK = "column "  # before the name of a column, which a variable may have too


class CodedRows:
    """Rows with further columns, each a product of indicators and powers of variables.

    Parameters
    ----------
    rows : Rows
        The rows.
    columns : sequence of Column
        In raw units.

    Attributes
    ----------
    made : tuple of str
        Names of the further columns, in their order; missing where a variable of theirs is.
    """

    def __init__(self, rows: Rows, columns: Sequence[Column]):
        self._rows = rows
        self._columns = {MARK + column.name: column for column in columns}
        self.made = tuple(self._columns)
        self.names, self.where, self.rows = (*rows.names, *self.made), rows.where, rows.rows

    def batches(self, names: Sequence[str]) -> Iterator[Batch]:
        """All rows, some columns, in order."""
        made = [name for name in names if name in self._columns]
        known = [name for name in names if name not in self._columns]
        read = [v for name in made for v in self._columns[name].variables]
        for batch in self._rows.batches(list(dict.fromkeys([*known, *read]))):
            columns = {name: batch.columns[name] for name in known}
            columns |= {name: _values(self._columns[name], batch) for name in made}
            yield replace(batch, columns=columns)


def _values(column: Column, batch: Batch) -> np.ndarray:
    """A column (n,) of the rows of a batch."""
    out = np.ones(batch.rows)
    for variable, category in column.indicators:
        coded = as_coded(batch.columns[variable])
        own = np.array([str(value) == category for value in coded.values.tolist()] + [False])
        out *= np.where(coded.codes < 0, np.nan, own[coded.codes])
    for variable, function, exponent in column.powers:
        values = as_numbers(variable, batch.columns[variable])
        out *= function_values(function, values) ** exponent
    return out
