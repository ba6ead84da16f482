"""Which levels lie inside which, and which are crossed: found from the ids of all rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.errors import ModelError
from mlm.nouns.columns import Columns
from mlm.nouns.hierarchy import Hierarchy, Level
from mlm.rows.accumulating.batches import Batch
from mlm.rows.accumulating.complete import CompleteRows
from mlm.rows.accumulating.grouping import Groups, groups_of
from mlm.rows.accumulating.sources import Source
from mlm.rows.accumulating.tree import Links, order_of
from mlm.statistics.evidence.crossing import MAX_EFFECTS


@dataclass(frozen=True)
class Structure:
    """Levels of the tree and factors crossed with it.

    Attributes
    ----------
    tree : tuple of Level
        Outermost first, each nested in the one before.
    tree_groups : tuple of Groups
        The numbering of each.
    crossed : tuple of Level
        Crossed factors.
    crossed_groups : tuple of Groups
        The numbering of each.
    """

    tree: tuple[Level, ...]
    tree_groups: tuple[Groups, ...]
    crossed: tuple[Level, ...] = ()
    crossed_groups: tuple[Groups, ...] = ()


def suggested(levels: Sequence[Level], rows: Batch) -> Structure:
    """The structure that some rows suggest: all levels in one tree."""
    groups = groups_of(levels)
    order = order_of(levels, [np.unique(g.codes(rows).values).size for g in groups])
    return Structure(tuple(levels[i] for i in order), tuple(groups[i] for i in order))


def structure_of(source: Source, columns: Columns, hierarchy: Hierarchy) -> Structure:
    """The structure of all complete rows, from one pass over them that makes no sums.

    When any factor is crossed with the one that has the most groups, only that one stays in the
    tree; where the last level is known to be crossed, that one.

    Raises
    ------
    ModelError
        When the crossed factors have too many effects for the dense block.
    """
    levels = hierarchy.levels
    groups = groups_of(levels)
    complete = CompleteRows(columns, hierarchy.id_columns)
    inside: dict[tuple[int, int], Links] = {
        (i, j): Links() for i in range(len(levels)) for j in range(len(levels)) if i != j
    }
    for batch in source.batches([*columns.variables, *hierarchy.id_columns]):
        found = complete.of(batch)
        if found is None:
            continue
        codes = [group.codes(found[0]) for group in groups]
        for (i, j), links in list(inside.items()):
            if not links.hold(codes[i], codes[j], groups[i].size):
                del inside[i, j]
    complete.check(source)
    sizes = [group.size for group in groups]
    order = list(range(len(levels))) if hierarchy.crossed else order_of(levels, sizes)
    pairs = zip(order, order[1:], strict=False)
    if not hierarchy.crossed and all((inner, outer) in inside for outer, inner in pairs):
        return Structure(tuple(levels[i] for i in order), tuple(groups[i] for i in order))
    *rest, last = order
    problem = over_limit([levels[i] for i in order], [sizes[i] for i in order])
    if problem is not None:
        raise ModelError(problem)
    return Structure(
        (levels[last],),
        (groups[last],),
        tuple(levels[i] for i in rest),
        tuple(groups[i] for i in rest),
    )


def over_limit(levels: Sequence[Level], sizes: Sequence[int]) -> str | None:
    """What to do where factors crossed with the last level have too many effects; else None.

    Parameters
    ----------
    levels : sequence of Level
        Levels with their candidates; the last is the one that the others are crossed with.
    sizes : sequence of int
        Number of groups of each.
    """
    effects = sum(n * len(level.candidates) for level, n in zip(levels[:-1], sizes, strict=False))
    if effects <= MAX_EFFECTS:
        return None
    names = ", ".join(f"{v.name} ({n} groups)" for v, n in zip(levels, sizes, strict=True))
    return (
        f"crossed factors {names}: {effects} effects beside {levels[-1].name} are more than "
        f"the {MAX_EFFECTS} that fit in a dense block. Leave out a factor or a slope, or nest "
        "the ids (a unit in another unit as a new unit)."
    )
