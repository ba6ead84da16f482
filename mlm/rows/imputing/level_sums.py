"""Sums by pattern of missing values, over nested levels and over those crossed with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlm.errors import CrossedLevels
from mlm.nouns.columns import Columns
from mlm.nouns.hierarchy import Hierarchy
from mlm.rows.accumulating.sources import Rows
from mlm.rows.imputing.level_chain import Group, nested_and_crossed
from mlm.rows.imputing.pattern_rows import accumulate_patterns
from mlm.statistics.evidence.pattern_sums import PatternSums


@dataclass(frozen=True)
class LevelSums:
    """Sums of the same rows by pattern and level.

    Attributes
    ----------
    nested : PatternSums
        By levels that lie inside each other.
    crossed : dict of tuple of str to PatternSums
        By the units of each level that is crossed with these.
    holds_all : bool
        Whether the nested levels are those of the analyses, with all that may vary over them.
    """

    nested: PatternSums
    crossed: dict[Group, PatternSums]
    holds_all: bool


def sums_by_level(
    rows: Rows,
    columns: Columns,
    hierarchy: Hierarchy,
    incomplete: Sequence[str],
    chosen: Sequence[Group],
    crossed: Sequence[Group],
) -> LevelSums:
    """The sums of all rows.

    Parameters
    ----------
    rows : Rows
        All rows.
    columns : Columns
        The recipe of complete rows.
    hierarchy : Hierarchy
        Levels of the analyses, with what may vary over them.
    incomplete : sequence of str
        Variables that rows may lack.
    chosen : sequence of tuple of str
        Id columns of the levels that are taken where those of the analyses are crossed.
    crossed : sequence of tuple of str
        Id columns of further levels, which are known to be crossed with all others.

    Raises
    ------
    SurveyError, NotImputable
        As ``accumulate_patterns`` says.
    """
    beside, holds_all = list(crossed), True
    try:
        nested = accumulate_patterns(rows, columns, hierarchy, incomplete)
    except CrossedLevels:
        chain, own = nested_and_crossed(rows, chosen)
        holds_all, beside = False, [*beside, *own]
        nested = accumulate_patterns(rows, columns, _alone(chain), incomplete)
    by_units = {
        group: accumulate_patterns(rows, columns, _alone([group]), incomplete) for group in beside
    }
    return LevelSums(nested, by_units, holds_all)


def _alone(groups: Sequence[Group]) -> Hierarchy:
    """Levels over which nothing but the constant varies."""
    return Hierarchy.of((group, ()) for group in groups)
