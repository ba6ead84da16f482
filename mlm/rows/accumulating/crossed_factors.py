"""Sums of crossed factors while their groups appear, beside the level they cross."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mlm.nouns.columns import Columns
from mlm.rows.accumulating.batches import Batch
from mlm.rows.accumulating.group_table import GroupTable
from mlm.rows.accumulating.nesting import Nesting
from mlm.rows.accumulating.numbering import PairNumbering
from mlm.rows.accumulating.runs import Runs, together
from mlm.statistics.evidence.crossing import CrossedFactor, Crossing

if TYPE_CHECKING:
    from scipy.sparse import csr_array


class _Cells:
    """Sums of products of two factors' candidates over the cells where their groups meet."""

    def __init__(self, left: Sequence[int], right: Sequence[int], numbers: PairNumbering):
        self._left, self._right, self._cells = left, right, numbers
        self._sums = np.zeros((len(left), len(right), 0))

    def codes(self, left: Runs, right: Runs, n_right: int) -> Runs:
        """Cell of each row, from its groups; of the right ones there are ``n_right`` so far."""
        rows, columns, starts = together(left, right)
        cells = Runs(self._cells.codes(rows, columns, n_right), starts, left.n)
        if self._cells.size > self._sums.shape[2]:
            size = self._cells.size + self._cells.size // 2
            grown = np.zeros((*self._sums.shape[:2], size))
            grown[:, :, : self._sums.shape[2]] = self._sums
            self._sums = grown
        return cells

    def add(self, block: np.ndarray, weighted: np.ndarray, cells: Runs) -> None:
        """Add a block (k, n), plain and weighted, to the cells of its rows."""
        places = cells.by_row()
        for a, i in enumerate(self._left):
            for b, j in enumerate(self._right):
                np.add.at(self._sums[a, b], places, weighted[i] * block[j])

    def matrices(self, left: np.ndarray, right: np.ndarray) -> tuple[tuple[csr_array, ...], ...]:
        """The sums as sparse matrices, given the final position of the groups of both."""
        from scipy.sparse import csr_array

        rows, columns = self._cells.pairs()
        shape = (int(left.max()) + 1, int(right.max()) + 1)
        place = left[rows], right[columns]
        return tuple(
            tuple(csr_array((s[: rows.size], place), shape=shape) for s in row)
            for row in self._sums
        )


class CrossedFactors:
    """All sums that crossed factors need.

    Parameters
    ----------
    nesting : Nesting
        One level, and the factors that are crossed with it.
    columns : Columns
        The recipe.
    """

    def __init__(self, nesting: Nesting, columns: Columns):
        self._levels, self._groups = nesting.crossed, nesting.crossed_groups
        positions = columns.positions
        rows = [[positions[c] for c in level.candidates] for level in self._levels]
        last, levels = nesting.nested[-1], self._levels
        innermost = [positions[c] for c in last.candidates]
        self._tables = [GroupTable(chosen, len(columns)) for chosen in rows]
        self._links = [
            _Cells(innermost, chosen, nesting.cells_of(last, level))
            for chosen, level in zip(rows, levels, strict=True)
        ]
        self._pairs = {
            (c, d): _Cells(rows[c], rows[d], nesting.cells_of(levels[c], levels[d]))
            for c in range(len(rows))
            for d in range(c + 1, len(rows))
        }

    def codes(self, batch: Batch, innermost: Runs) -> list[Runs]:
        """For each table of sums, the entry that a row adds to."""
        groups = [group.codes(batch) for group in self._groups]
        sizes = [group.size for group in self._groups]
        for table, size in zip(self._tables, sizes, strict=True):
            table.reserve(size)
        links = [
            cells.codes(innermost, group, size)
            for cells, group, size in zip(self._links, groups, sizes, strict=True)
        ]
        pairs = [
            cells.codes(groups[c], groups[d], sizes[d]) for (c, d), cells in self._pairs.items()
        ]
        return [*groups, *links, *pairs]

    def add(self, block: np.ndarray, weighted: np.ndarray, codes: Sequence[Runs]) -> None:
        """Add a block (k, n), plain and weighted, given the entries of its rows."""
        tables = [*self._tables, *self._links, *self._pairs.values()]
        for table, code in zip(tables, codes, strict=True):
            table.add(block, weighted, code)

    def crossing(self, order: np.ndarray) -> Crossing:
        """The sums, for innermost groups in the order given by their numbers (G,)."""
        innermost = _positions(order, int(order.max()) + 1)
        kept, places = [], []
        for table, group in zip(self._tables, self._groups, strict=True):
            there = np.flatnonzero(table.taken(np.arange(group.size))[0, :, 0] > 0)
            kept.append(there)
            places.append(_positions(there, group.size))
        factors = tuple(
            CrossedFactor(
                level.group,
                tuple(key[there] for key in group.names()),
                level.candidates,
                table.taken(there),
                cells.matrices(innermost, place),
            )
            for level, group, table, cells, there, place in zip(
                self._levels, self._groups, self._tables, self._links, kept, places, strict=True
            )
        )
        pairs = {
            (c, d): cells.matrices(places[c], places[d]) for (c, d), cells in self._pairs.items()
        }
        return Crossing(factors, pairs)


def _positions(order: np.ndarray, size: int) -> np.ndarray:
    """Final position of each number (size,); -1 for those that do not occur."""
    out = np.full(size, -1, dtype=np.intp)
    out[order] = np.arange(order.size)
    return out
