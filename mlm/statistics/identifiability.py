"""Levels that cannot be told from one another, found before any model is fitted."""

from __future__ import annotations

from dataclasses import dataclass

from mlm.plan import Plan
from mlm.statistics.crossproducts import CrossProducts

ALMOST_ALL = 0.02  # extra groups over parents below which a level is one with the level around it


@dataclass(frozen=True)
class MergedLevel:
    """A level whose groups have (almost) all one child: it is fitted as one with the level inside.

    Attributes
    ----------
    outer, inner : str
        Grouping factors; ``inner`` is ``residual`` for a level with one row a group.
    groups, children : int
        Groups of the outer level and of the inner one.
    """

    outer: str
    inner: str
    groups: int
    children: int


def separable_levels(plan: Plan, stats: CrossProducts) -> tuple[CrossProducts, list[MergedLevel]]:
    """The cross-products without levels that cannot be told from the level inside them.

    Parameters
    ----------
    plan : Plan
        Levels of the design.
    stats : CrossProducts
        The sample.

    Returns
    -------
    stats : CrossProducts
        Without the outer one of each pair that cannot be separated.
    merged : list of MergedLevel
        What was taken out, and why.

    Source
    ------
    Count rule for nested variance components: a level is identified when some of its groups have two
    children and some child has two of its own (Searle, Casella and McCulloch 1992, chapter 3).
    """
    names = [level.name for level in stats.levels] + ["residual"]
    sizes = [level.size for level in stats.levels] + [stats.n_obs]
    merged, gone = [], []
    for i in range(len(stats.levels)):
        if sizes[i + 1] - sizes[i] <= ALMOST_ALL * sizes[i]:
            merged.append(MergedLevel(names[i], names[i + 1], sizes[i], sizes[i + 1]))
            gone.append(stats.levels[i].group)
    return stats.without_levels(*gone), merged
