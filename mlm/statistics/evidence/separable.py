"""Levels that cannot be told from one another, found before any model is fitted."""

from __future__ import annotations

from dataclasses import dataclass

from mlm.errors import ModelError
from mlm.nouns.hierarchy import are_one
from mlm.nouns.levels import RESIDUAL
from mlm.nouns.model import Term
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.crossproducts import CrossProducts


@dataclass(frozen=True)
class MergedLevel:
    """A level whose groups have (almost) all one child: the two are fitted as one.

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


@dataclass(frozen=True)
class LeftOutLevel:
    """A level whose variance nothing tells, and which the models are without.

    Attributes
    ----------
    level : str
        Grouping factor.
    terms : tuple of Term
        Fixed effects that take up all differences between its groups; none: there is one group.
    """

    level: str
    terms: tuple[Term, ...] = ()


class OneRowEach(ModelError):
    """Units that are crossed with others and have one row each.

    Parameters
    ----------
    group : str
        Grouping factor of the units.
    groups, rows : int
        How many, and their rows.
    """

    kind = "one_row_each"

    def __init__(self, group: str, groups: int, rows: int):
        self.group, self.groups, self.rows = group, groups, rows
        super().__init__(
            f"{groups} groups of {group} have {rows} rows: units with one row each cannot be told "
            "from their rows, nor crossed with others. Choose 'moves: episode' for the level, or "
            "add waves."
        )


def separable_levels(
    plan: Plan, stats: CrossProducts
) -> tuple[CrossProducts, list[MergedLevel | LeftOutLevel]]:
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
        Without the inner one of each pair that cannot be separated; without a level whose groups
        have one row each; without levels of one group.
    changes : list of MergedLevel or LeftOutLevel
        What was taken out, and why.

    Raises
    ------
    OneRowEach
        When units that are crossed with others have one row each: there is no other level to fit
        them as.

    Source
    ------
    Count rule for nested variance components: a level is identified when some of its groups have
    two children and some child has two of its own (Searle, Casella and McCulloch 1992, chapter 3).
    """
    single = [level for level in stats.all_levels if level.size == 1]
    stats = stats.without_levels(*(level.group for level in single))
    changes: list[MergedLevel | LeftOutLevel] = [LeftOutLevel(level.name) for level in single]
    chain = stats.chain
    beside = stats.inwards[len(chain) :]
    for level in beside:
        if are_one(level.size, stats.n_obs):
            raise OneRowEach(level.name, level.size, stats.n_obs)
    kept = [(level.name, level.size) for level in chain[:1]]
    gone = []
    for level in chain[1:]:
        outer, groups = kept[-1]
        if are_one(groups, level.size):
            changes.append(MergedLevel(outer, level.name, groups, level.size))
            gone.append(level.group)
        else:
            kept.append((level.name, level.size))
    while kept and not beside and are_one(kept[-1][1], stats.n_obs):
        outer, groups = kept.pop()
        changes.append(MergedLevel(outer, RESIDUAL, groups, stats.n_obs))
        gone.append(stats.level(tuple(outer.split(":"))).group)
    return stats.without_levels(*gone), changes
