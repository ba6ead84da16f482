"""Samples of several draws as one: each draw has its own groups, and all have the same columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import add

import numpy as np

from mlm.errors import NotPooled
from mlm.nouns.columns import Column, Columns
from mlm.nouns.model import Model
from mlm.statistics.evidence.crossing import CrossedFactor
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.excerpt import excerpt


def stacked(
    models: Sequence[Model], stats: CrossProducts, names: Sequence[Mapping[str, str]]
) -> CrossProducts:
    """The rows of a sample once a draw, the groups of each draw apart from those of the others.

    Its log likelihood under a model is the sum of those of the draws, at the same parameters.

    Parameters
    ----------
    models : sequence of Model
        The model of each draw, with nested groups.
    stats : CrossProducts
        The sample, with the columns of all draws in the same origin and unit.
    names : sequence of mapping of str to str
        Of each draw: its columns, and how they are called in the model of all.

    Raises
    ------
    NotPooled
        Where factors are crossed.
    """
    if len(stats.all_levels) > len(stats.levels):
        raise NotPooled('draws are stacked (D4) for nested groups only. Use method="D3".')
    parts = [_renamed(excerpt(m, stats), n) for m, n in zip(models, names, strict=True)]
    order = parts[0].columns
    return reduce(add, (_tagged(_ordered(part, order), i) for i, part in enumerate(parts)))


def _name_of(column: Column, names: Mapping[str, str]) -> Column:
    powers = tuple(sorted((names.get(v, v), f, e) for v, f, e in column.powers))
    return Column(column.indicators, powers)


def _renamed(stats: CrossProducts, names: Mapping[str, str]) -> CrossProducts:
    """The sample with other names of numeric variables."""
    columns = Columns(
        tuple(_name_of(column, names) for column in stats.columns.columns),
        {(names.get(v, v), f): scale for (v, f), scale in stats.columns.scales.items()},
        stats.columns.categories,
    )
    levels = tuple(
        replace(level, candidates=tuple(_name_of(c, names) for c in level.candidates))
        for level in stats.levels
    )
    return replace(stats, columns=columns, levels=levels, dropped={})


def _ordered(stats: CrossProducts, order: Columns) -> CrossProducts:
    """The sample with its columns and candidates in the order of a recipe."""
    places = [stats.columns.positions[column] for column in order.columns]
    levels = tuple(_level_ordered(level, order, places) for level in stats.levels)
    return replace(
        stats,
        columns=replace(order, scales=stats.columns.scales),
        total=stats.total[np.ix_(places, places)],
        levels=levels,
        parts={},
        bundles=(),
    )


def _level_ordered(level: GroupSums | CrossedFactor, order: Columns, places: list[int]):
    own = sorted(range(len(level.candidates)), key=lambda i: order.positions[level.candidates[i]])
    sums = np.asarray(level.sums)[np.ix_(own, range(level.size), places)]
    return replace(level, candidates=tuple(level.candidates[i] for i in own), sums=sums)


def _tagged(stats: CrossProducts, draw: int) -> CrossProducts:
    """The sample with ids of its groups that no other draw has."""
    levels = tuple(
        replace(level, keys=(_tag(level.keys[0], draw), *level.keys[1:])) for level in stats.levels
    )
    return replace(stats, levels=levels)


def _tag(ids: np.ndarray, draw: int) -> np.ndarray:
    return np.char.add(f"{draw}:", ids.astype(str))
