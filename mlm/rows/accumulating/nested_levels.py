"""Sums of nested levels while their groups appear, and the levels in their final order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlm.nouns.columns import Columns
from mlm.nouns.hierarchy import GroupingFactor
from mlm.rows.accumulating.batches import Batch
from mlm.rows.accumulating.group_table import GroupTable
from mlm.rows.accumulating.grouping import Groups
from mlm.rows.accumulating.runs import Runs, together
from mlm.statistics.evidence.arrays.distinct_sums import DistinctSums, distinct_products
from mlm.statistics.evidence.crossproducts import GroupSums

if TYPE_CHECKING:
    from mlm.rows.accumulating.sampling.row_weights import RowWeights

FILED_GROUPS = 1 << 16  # whose sums are read from a file at a time
EXPECTED_MARGIN = 1.1  # groups for which room is made, over those that are expected


def order_of(levels: Sequence[GroupingFactor], sizes: Sequence[int]) -> list[int]:
    """Positions of levels from the fewest to the most groups, fewer id columns first."""
    return sorted(range(len(levels)), key=lambda i: (sizes[i], len(levels[i].group)))


def expected_groups(codes: Runs, share: float) -> int:
    """How many groups all rows may have, from the groups of the first ones and their share.

    Rows in order of their groups have groups in proportion; of rows in any order, the groups that
    a second half adds fall short of those of the first, and go on to fall short by this factor.
    """
    rows = codes.by_row()
    first, all_seen = (np.unique(part).size for part in (rows[: rows.size // 2], rows))
    in_proportion = int(all_seen / share)
    left = 2 * first - all_seen  # groups of the first half that are not added again
    return min(in_proportion, int(EXPECTED_MARGIN * first**2 / left)) if left > 0 else in_proportion


class Links:
    """The group of an outer level that each group of an inner level lies in."""

    def __init__(self):
        self.parent = np.empty(0, dtype=np.intp)

    def hold(self, inner: Runs, outer: Runs, n_inner: int) -> bool:
        """Take note of the rows of a batch; False when a group lies in two outer groups."""
        known = self.parent.size
        if n_inner > known:
            grown = np.empty(n_inner + n_inner // 2, dtype=np.intp)
            grown[:known], grown[known:] = self.parent, -1
            self.parent = grown
        groups, around, _ = together(inner, outer)
        found = self.parent[groups]
        if (found == around).all():
            return True
        new = found < 0
        self.parent[groups[new]] = around[new]
        return bool((self.parent[groups] == around).all())


class NestedLevels:
    """Sums of levels that lie inside each other, outermost first.

    Parameters
    ----------
    levels : sequence of GroupingFactor
        Outermost first.
    groups : sequence of Groups
        The numbering of each.
    columns : Columns
        The recipe.
    may_file : bool
        Whether sums of many groups may lie in files, and products that are the same be one.
    is_weighted : bool
        Whether rows have weights, with which products are rounded otherwise.
    """

    def __init__(
        self,
        levels: Sequence[GroupingFactor],
        groups: Sequence[Groups],
        columns: Columns,
        may_file: bool = False,
        is_weighted: bool = False,
    ):
        self._levels, self._groups = levels, groups
        self._direct = _direct_candidates(levels)
        positions = columns.positions
        self._tables = []
        for level, wanted in zip(levels, self._direct, strict=True):
            own = [level.candidates[j] for j in wanted]
            which = None if is_weighted else distinct_products(own, columns.columns)
            places = [positions[candidate] for candidate in own]
            self._tables.append(GroupTable(places, len(columns), may_file, which))
        self._links = [Links() for _ in levels[1:]]

    def codes(self, batch: Batch, share: float) -> list[Runs] | None:
        """Group of each row at each level, or None when the levels are not nested so.

        ``share`` is the part of all rows that has been read when the batch is done.
        """
        codes = [group.codes(batch) for group in self._groups]
        for link, outer, inner, group in zip(
            self._links, codes, codes[1:], self._groups[1:], strict=False
        ):
            if not link.hold(inner, outer, group.size):
                return None
        for table, group, code in zip(self._tables, self._groups, codes, strict=True):
            expected = expected_groups(code, share) if table.size == 0 else 0
            table.reserve(group.size, expected, int(code.values.min()))
        return codes

    def add(self, block: np.ndarray, weighted: Sequence[np.ndarray], codes: Sequence[Runs]) -> None:
        """Add a block (k, n), plain and by level weighted, given the group of each row."""
        for table, own, code in zip(self._tables, weighted, codes, strict=True):
            table.add(block, own, code)

    def levels(
        self, weighing: RowWeights | None = None
    ) -> tuple[tuple[GroupSums, ...], np.ndarray]:
        """The levels, children of a parent next to each other, and their innermost groups.

        Parameters
        ----------
        weighing : RowWeights, optional
            Sampling weights of the groups.

        Returns
        -------
        levels : tuple of GroupSums
            Outermost first.
        order : ndarray of int (G,)
            Number, while the rows went by, of each group of the innermost level.
        """
        if not self._levels:
            return (), np.empty(0, dtype=np.intp)
        orders, parents = self._orders()
        sums = [
            _spread(table.taken(order), wanted, len(level.candidates))
            for level, order, table, wanted in zip(
                self._levels, orders, self._tables, self._direct, strict=True
            )
        ]
        weights = [None] * len(orders)
        if weighing is not None:
            weights = [own[order] for own, order in zip(weighing.groups, orders, strict=True)]
        _add_up(self._levels, self._direct, sums, parents, weights)
        levels = tuple(
            GroupSums(
                level.group, tuple(key[order] for key in group.names()), parent, level.candidates, s
            )
            for level, group, order, parent, s in zip(
                self._levels, self._groups, orders, parents, sums, strict=True
            )
        )
        if weighing is None:
            return levels, orders[-1]
        return tuple(
            replace(level, weights=own, counts=weighing.rows(i)[order])
            for i, (level, own, order) in enumerate(zip(levels, weights, orders, strict=True))
        ), orders[-1]

    def _orders(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Groups of each level in final order, and the final position of their parents."""
        occurs = self._occurring()
        orders = [np.flatnonzero(occurs[0])]
        parents = [np.zeros(orders[0].size, dtype=np.intp)]
        for link, there in zip(self._links, occurs[1:], strict=True):
            position = np.empty(orders[-1].max() + 1, dtype=np.intp)
            position[orders[-1]] = np.arange(orders[-1].size)
            groups = np.flatnonzero(there)
            place = position[link.parent[groups]]
            order = np.argsort(place, kind="stable")
            orders.append(groups[order])
            parents.append(place[order])
        return orders, parents

    def _occurring(self) -> list[np.ndarray]:
        """Groups of each level that have rows; ids known from a list need not occur."""
        there = [
            link.parent[: g.size] >= 0
            for link, g in zip(self._links, self._groups[1:], strict=True)
        ]
        if self._links:
            link = self._links[0].parent[: self._groups[1].size]
            first = np.zeros(self._groups[0].size, dtype=bool)
            first[link[link >= 0]] = True
        else:
            first = self._tables[0].occurring(self._groups[0].size)
        return [first, *there]


def _direct_candidates(levels: Sequence[GroupingFactor]) -> list[list[int]]:
    """Candidates that each level must sum from rows: those that the next inner level lacks."""
    direct = []
    for i, level in enumerate(levels):
        inner = levels[i + 1].candidates if i + 1 < len(levels) else ()
        direct.append([j for j, c in enumerate(level.candidates) if c not in inner])
    return direct


def _spread(
    sums: np.ndarray | DistinctSums, wanted: list[int], n_candidates: int
) -> np.ndarray | DistinctSums:
    """Sums (q, G, k) with room for the candidates that are not among the wanted ones."""
    if len(wanted) == n_candidates:
        return sums
    out = np.empty((n_candidates, *sums.shape[1:]))
    if wanted:
        out[wanted] = sums
    return out


def _add_up(
    levels: Sequence[GroupingFactor],
    direct: Sequence[list[int]],
    sums: list[np.ndarray | DistinctSums],
    parents: Sequence[np.ndarray],
    weights: Sequence[np.ndarray | None],
) -> None:
    """Fill in the sums that were not taken from rows from those of the next inner level.

    Where each group holds one inner group, and the candidates are the same, it has its sums.
    """
    for i in range(len(levels) - 2, -1, -1):
        n_groups, inner = sums[i].shape[1], levels[i + 1].candidates
        is_one = parents[i + 1].size == n_groups and weights[i + 1] is None
        if is_one and not direct[i] and levels[i].candidates == inner:
            sums[i] = sums[i + 1]
            continue
        starts = np.searchsorted(parents[i + 1], np.arange(n_groups + 1))
        for j, candidate in enumerate(levels[i].candidates):
            if j not in direct[i]:
                _add_inner(sums[i + 1], inner.index(candidate), starts, weights[i + 1], sums[i][j])


def _add_inner(
    sums: np.ndarray | DistinctSums,
    candidate: int,
    starts: np.ndarray,
    weights: np.ndarray | None,
    out: np.ndarray,
) -> None:
    """Sums (G, k) of a candidate over the inner groups that begin at ``starts`` (G + 1,)."""
    if not isinstance(sums, DistinctSums) or sums.is_in_memory:
        source = sums[candidate]
        source = source if weights is None else source * weights[:, None]
        np.add.reduceat(source, starts[:-1], axis=0, out=out)
        return
    out[:] = 0.0
    for start in range(0, sums.shape[1], FILED_GROUPS):
        stop = min(start + FILED_GROUPS, sums.shape[1])
        first, last = np.searchsorted(starts, [start, stop - 1], side="right") - 1
        begins = np.maximum(starts[first : last + 1] - start, 0)
        values = sums.part(candidate, start, stop)
        if starts[first] < start:  # the outer group goes on from the groups before
            values[0] += out[first]
        out[first : last + 1] = np.add.reduceat(values, begins, axis=0)
