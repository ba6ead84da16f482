"""Levels that cannot be told from one another, found before any model is fitted."""

from __future__ import annotations

from dataclasses import dataclass

from mlm.errors import ModelError
from mlm.nouns.hierarchy import are_one
from mlm.nouns.levels import RESIDUAL
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
        Without the inner one of each pair that cannot be separated; without a level whose groups
        have one row each.
    merged : list of MergedLevel
        What was taken out, and why.

    Raises
    ------
    ModelError
        When units that are crossed with others have one row each.

    Source
    ------
    Count rule for nested variance components: a level is identified when some of its groups have
    two children and some child has two of its own (Searle, Casella and McCulloch 1992, chapter 3).
    """
    crossed = stats.crossing.factors
    if crossed:
        _check_crossed(stats)
    chain = crossed or stats.levels
    kept = [(level.name, level.size) for level in chain[:1]]
    merged, gone = [], []
    for level in chain[1:]:
        outer, groups = kept[-1]
        if are_one(groups, level.size):
            merged.append(MergedLevel(outer, level.name, groups, level.size))
            gone.append(level.group)
        else:
            kept.append((level.name, level.size))
    while kept and not crossed and are_one(kept[-1][1], stats.n_obs):
        outer, groups = kept.pop()
        merged.append(MergedLevel(outer, RESIDUAL, groups, stats.n_obs))
        gone.append(stats.level(tuple(outer.split(":"))).group)
    return stats.without_levels(*gone), merged


def _check_crossed(stats: CrossProducts) -> None:
    """Refuse crossed units with one row each: there is no other level to fit them as."""
    (level,) = stats.levels
    if are_one(level.size, stats.n_obs):
        raise ModelError(
            f"{level.size} groups of {level.name} have {stats.n_obs} rows: units with one row each "
            "cannot be told from their rows, nor crossed with others. Choose 'moves: episode' for "
            "the level, or add waves."
        )
