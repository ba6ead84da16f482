"""Which levels lie inside which, and which are crossed: found from the ids of all rows."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mlm.nouns.columns import Columns
from mlm.nouns.hierarchy import GroupingFactor, Hierarchy
from mlm.rows.accumulating.batches import Batch
from mlm.rows.accumulating.complete_rows import CompleteRows
from mlm.rows.accumulating.grouping import Grouping, Groups
from mlm.rows.accumulating.nested_levels import Links, order_of
from mlm.rows.accumulating.numbering import PairNumbering
from mlm.rows.accumulating.sources import Rows


@dataclass(frozen=True)
class Nesting:
    """Levels that lie inside each other, and factors that are crossed with the last of them.

    Attributes
    ----------
    grouping : Grouping
        Numbers all groups.
    nested : tuple of GroupingFactor
        Outermost first, each nested in the one before.
    crossed : tuple of GroupingFactor
        Crossed factors; there is one nested level only where there are any.
    cells : dict
        Numbers of the pairs of groups that meet in a row, by the id columns of both.
    """

    grouping: Grouping
    nested: tuple[GroupingFactor, ...]
    crossed: tuple[GroupingFactor, ...] = ()
    cells: dict[tuple, PairNumbering] = field(default_factory=dict, repr=False, compare=False)

    def cells_of(self, left: GroupingFactor, right: GroupingFactor) -> PairNumbering:
        """Numbers of the pairs in which the groups of two factors meet."""
        return self.cells.setdefault((left.group, right.group), PairNumbering())

    @property
    def nested_groups(self) -> list[Groups]:
        """Groups of each nested level."""
        return [self.grouping.of(level.group) for level in self.nested]

    @property
    def crossed_groups(self) -> list[Groups]:
        """Groups of each crossed factor."""
        return [self.grouping.of(level.group) for level in self.crossed]

    @classmethod
    def suggested(cls, levels: Sequence[GroupingFactor], rows: Batch) -> Nesting:
        """All levels nested, in the order that some rows suggest."""
        grouping = Grouping()
        codes = [grouping.of(level.group).codes(rows).values for level in levels]
        order = order_of(levels, [np.unique(own).size for own in codes])
        return cls(grouping, tuple(levels[i] for i in order))

    @classmethod
    def crossed_with_last(cls, levels: Sequence[GroupingFactor]) -> Nesting:
        """All levels crossed with the last of them."""
        return cls(Grouping(), tuple(levels[-1:]), tuple(levels[:-1]))


def nesting_of(rows: Rows, columns: Columns, hierarchy: Hierarchy) -> Nesting:
    """The nesting of all complete rows, from one pass over them that makes no sums.

    When any factor is crossed with the one that has the most groups, all are crossed with that one.
    """
    levels, grouping = hierarchy.levels, Grouping()
    groups = [grouping.of(level.group) for level in levels]
    complete = CompleteRows(columns, hierarchy.id_columns)
    inside: dict[tuple[int, int], Links] = {
        (i, j): Links() for i in range(len(levels)) for j in range(len(levels)) if i != j
    }
    for batch in rows.batches([*columns.variables, *hierarchy.id_columns]):
        found = complete.of(batch)
        if found is None:
            continue
        codes = [group.codes(found[0]) for group in groups]
        for (i, j), links in list(inside.items()):
            if not links.hold(codes[i], codes[j], groups[i].size):
                del inside[i, j]
    complete.check(rows)
    order = order_of(levels, [group.size for group in groups])
    ordered = tuple(levels[i] for i in order)
    if all((inner, outer) in inside for outer, inner in itertools.pairwise(order)):
        return Nesting(grouping, ordered)
    return Nesting(grouping, ordered[-1:], ordered[:-1])
