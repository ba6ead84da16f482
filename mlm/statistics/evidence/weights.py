"""Weights of rows in cross-products, by stratum: what residual variances that differ need.

Rows of stratum h get the precision 1 / ratio_h. The weighted cross-products are sums over strata of
those that the sample holds: every column also stands there times each stratum's indicator, and so
does one side of each table of cells: the level of the tree, and of two crossed factors the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mlm.errors import StatisticsError
from mlm.nouns.columns import Column, Columns
from mlm.statistics.evidence.crossing import CrossedFactor, Crossing
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums

Grouping = GroupSums | CrossedFactor


def strata_columns(columns: Columns, variable: str, categories: tuple[str, ...]) -> Columns:
    """The recipe with every column also times the indicator of each stratum.

    Parameters
    ----------
    columns : Columns
        The recipe of the columns.
    variable : str
        The variable that makes the strata.
    categories : tuple of str
        Its categories.
    """
    known = {**columns.categories, variable: tuple(categories)}
    extra = [
        product
        for column in columns.columns
        for category in categories
        if (product := column.times(Column(indicators=((variable, category),)))) is not None
    ]
    return Columns(columns.columns, columns.scales, known).extended(extra)


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


def _plain(level: Grouping, columns: Columns) -> list[int]:
    """Places of the candidates of a level that are columns of the recipe without strata."""
    return [i for i, column in enumerate(level.candidates) if column in columns.positions]


def _weighted_crossing(
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
                for j in _plain(right, columns)
            )
            for i in _plain(left, columns)
        )

    def factor_of(factor: CrossedFactor) -> CrossedFactor:
        own = _plain(factor, columns)
        candidates = tuple(factor.candidates[i] for i in own)
        return replace(factor, candidates=candidates, sums=factor.sums[own] @ mix)

    tree = stats.levels[-1] if stats.levels else None
    return stats.crossing.changed(tree, factor_of, cells)


def weighted_statistics(
    stats: CrossProducts, variable: str, ratios: Mapping[str, float], columns: Columns
) -> CrossProducts:
    """Cross-products with the rows of each stratum divided by its ratio.

    Parameters
    ----------
    stats : CrossProducts
        A sample accumulated with ``strata_columns``.
    variable : str
        The variable that makes the strata.
    ratios : mapping of str to float
        Positive, one for each of its categories.
    columns : Columns
        The columns to keep.

    Returns
    -------
    CrossProducts

    Raises
    ------
    StatisticsError
        When a product of a column and a stratum is lacking.
    """
    positions = stats.columns.positions
    mix = np.zeros((len(stats.columns), len(columns)))
    for j, column in enumerate(columns.columns):
        for category, ratio in ratios.items():
            product = column.times(Column(indicators=((variable, category),)))
            if product is None:
                continue
            if product not in positions:
                raise StatisticsError(
                    f"column {product.name} is not in the cross-products. Accumulate with "
                    f"residual={variable!r}, or with the columns of strata_columns."
                )
            mix[positions[product], j] += 1.0 / ratio
    keep = np.array([positions[column] for column in columns.columns])
    levels = tuple(
        replace(
            level,
            candidates=tuple(level.candidates[i] for i in _plain(level, columns)),
            sums=level.sums[_plain(level, columns)] @ mix,
        )
        for level in stats.levels
    )
    crossing = _weighted_crossing(stats, variable, ratios, columns, mix)
    counts = stratum_rows(stats, variable, ratios)
    log_weights = -sum(n * np.log(ratios[name]) for name, n in counts.items())
    return replace(
        stats,
        columns=columns,
        total=stats.total[keep] @ mix,
        levels=levels,
        crossing=crossing,
        n_rows=stats.n_obs,
        log_weights=stats.log_weights + float(log_weights),
    )


def stratum_rows(stats: CrossProducts, variable: str, names) -> dict[str, float]:
    """Rows of each stratum, by its name.

    Parameters
    ----------
    stats : CrossProducts
        The sample.
    variable : str
        The variable that makes the strata.
    names : sequence of str
        Its categories that are wanted.
    """
    positions = stats.columns.positions
    places = {name: positions[Column(indicators=((variable, name),))] for name in names}
    return {name: float(stats.total[place, place]) for name, place in places.items()}
