"""Rows whose units are crossed: their table by lowest groups, by crossed units, and by both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlm.rows.accumulating.sources import Rows
from mlm.rows.imputing.row_reader import ModelRows, RowReader
from mlm.statistics.imputation.crossed.cells import UnitCells
from mlm.statistics.imputation.crossed.crossed_sums import CrossedSums, groups_around
from mlm.statistics.imputation.pattern_table import PatternTable


def with_crossed(
    table: PatternTable, crossed: Sequence[PatternTable], rows: Rows, reader: RowReader
) -> PatternTable:
    """A table with the sums by crossed units, and where these meet the lowest groups.

    Parameters
    ----------
    table : PatternTable
        Sums by the groups of nested levels.
    crossed : sequence of PatternTable
        Sums of the same rows by the units of each crossed level.
    rows : Rows
        The rows.
    reader : RowReader
        Reads them.
    """
    if not crossed:
        return table
    found = [
        _sides(reader.read(batch), table.observed) for batch in rows.batches(list(reader.names))
    ]
    patterns, *sides = np.hstack(found)
    sizes = [own.counts.shape[1] for own in (table, *crossed)]
    cells = UnitCells.of(patterns, sides, np.ones(patterns.size), len(table.observed), sizes)
    made, parents = [], table.parents
    for own, units in zip(crossed, cells.sides[1:], strict=True):
        around = groups_around(units, cells.sides[0], own.counts.shape[1], parents)
        outer = tuple(parent.size for parent in parents[: len(around)])
        made.append(CrossedSums(own.counts, own.sums, around, outer))
    return replace(table, crossed=tuple(made), cells=cells)


def _sides(rows: ModelRows, observed: np.ndarray) -> np.ndarray:
    """Pattern, lowest group and crossed units (2 + c, n) of the rows that the sums know."""
    pattern = np.full(rows.groups.size, -1)
    for place, there in enumerate(observed):
        pattern[(rows.observed == there[:, None]).all(axis=0)] = place
    return np.vstack([pattern, rows.groups, *rows.units])[:, rows.is_known]
