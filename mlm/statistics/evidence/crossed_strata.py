"""Cells of crossed factors by stratum: what residual variances that differ need beside the sums.

One side of each table of cells stands there times each stratum's indicator: the level of the tree,
and of two crossed factors the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mlm.nouns.columns import Column, Columns
from mlm.statistics.evidence.crossing import CrossedFactor, Crossing
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums

Grouping = GroupSums | CrossedFactor


def strata_candidates(
    stats: CrossProducts, variable: str, categories: tuple[str, ...]
) -> list[tuple[tuple[str, ...], tuple[Column, ...]]]:
    """Groups and candidates to accumulate, so that the cells of each stratum are known.

    Parameters
    ----------
    stats : CrossProducts
        The sample without strata.
    variable : str
        The variable that makes the strata.
    categories : tuple of str
        Its categories.
    """
    firsts = stats.crossing.firsts(stats.levels)
    levels = [(level, level.group in firsts) for level in stats.all_levels]
    return [
        (level.group, level.candidates + (_products(level, variable, categories) if split else ()))
        for level, split in levels
    ]


def _products(level: Grouping, variable: str, categories) -> tuple[Column, ...]:
    made = [_times(column, variable, name) for column in level.candidates for name in categories]
    return tuple(product for product in made if product is not None)


def _times(column: Column, variable: str, category: str) -> Column | None:
    return column.times(Column(indicators=((variable, category),)))


def plain(level: Grouping, columns: Columns) -> list[int]:
    """Places of the candidates of a level that are columns of the recipe without strata."""
    return [i for i, column in enumerate(level.candidates) if column in columns.positions]


def weighted_crossing(
    stats: CrossProducts,
    variable: str,
    ratios: Mapping[str, float],
    columns: Columns,
    mix: np.ndarray,
) -> Crossing:
    """Crossed factors with the rows of each stratum divided by its ratio.

    Parameters
    ----------
    stats : CrossProducts
        A sample accumulated with ``strata_candidates``.
    variable, ratios, columns
        As for ``weighted_statistics``.
    mix : ndarray (k, k')
        The columns to keep, divided by the ratios, as combinations of the stored ones.
    """

    def cells(left: Grouping, right: Grouping, tables):
        return tuple(
            tuple(
                sum(
                    tables[left.candidates.index(product)][j] * (1.0 / ratio)
                    for category, ratio in ratios.items()
                    if (product := _times(left.candidates[i], variable, category)) is not None
                )
                for j in plain(right, columns)
            )
            for i in plain(left, columns)
        )

    def factor_of(factor: CrossedFactor) -> CrossedFactor:
        own = plain(factor, columns)
        candidates = tuple(factor.candidates[i] for i in own)
        return replace(factor, candidates=candidates, sums=factor.sums[own] @ mix)

    tree = stats.levels[-1] if stats.levels else None
    return stats.crossing.changed(tree, factor_of, cells)
