"""The part of a sample that some models need: fewer columns, fewer levels, so faster draws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlm.nouns.coding import model_columns
from mlm.nouns.columns import closure
from mlm.nouns.model import Model
from mlm.statistics.evidence.arrays.distinct_sums import DistinctSums
from mlm.statistics.evidence.crossing import CrossedFactor, Crossing
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.wave_parts import WaveParts


def excerpt(model: Model, stats: CrossProducts) -> CrossProducts:
    """The sample with the columns, levels and candidates of one model, and of all its submodels.

    Parameters
    ----------
    model : Model
        Where factors are crossed, with the level that they are crossed with.
    stats : CrossProducts
        Its sample.

    Returns
    -------
    CrossProducts
        Fits of the model, or of one with fewer fixed terms, are the same as to the whole sample.
    """
    random = model_columns(model, stats.columns.categories)[1]
    places = kept_columns(model, stats)
    candidates: dict[tuple[str, ...], set] = {}
    for term, coded in zip(model.random, random, strict=True):
        candidates.setdefault(term.group, set()).update(closure(c.column for c in coded))
    chosen = stats.without_levels(*(v.group for v in stats.levels if v.group not in candidates))
    levels = tuple(_with_columns(v, candidates[v.group], places) for v in chosen.levels)
    parts = {name: part[np.ix_(places, places)] for name, part in stats.parts.items()}
    return replace(
        chosen,
        columns=stats.columns.only(stats.columns.columns[i] for i in places),
        total=stats.total[np.ix_(places, places)],
        levels=levels,
        crossing=_crossing(stats, candidates, places),
        parts=parts,
    )


def kept_columns(model: Model, stats: CrossProducts) -> list[int]:
    """Places of the stored columns that the excerpt for a model keeps."""
    fixed, random, response = model_columns(model, stats.columns.categories)
    needed = set(closure(c.column for c in [*fixed, *(c for r in random for c in r), response]))
    return [i for i, column in enumerate(stats.columns.columns) if column in needed]


def _crossing(stats: CrossProducts, candidates: dict, places: list[int]) -> Crossing:
    """The crossed factors of a model, with their links to each other and to the tree."""

    def cells(left, right, tables):
        rows, columns = (_places(level, candidates[level.group]) for level in (left, right))
        return tuple(tuple(tables[i][j] for j in columns) for i in rows)

    others = (f.group for f in stats.crossing.factors if f.group not in candidates)
    chosen = stats.crossing.without(*others)
    tree = stats.levels[-1] if stats.levels else None
    return chosen.changed(tree, lambda f: _with_columns(f, candidates[f.group], places), cells)


def _places(level: GroupSums | CrossedFactor, candidates: set) -> list[int]:
    return [i for i, candidate in enumerate(level.candidates) if candidate in candidates]


def _with_columns(level, candidates: set, places: list[int]):
    kept = _places(level, candidates)
    names, sums = tuple(level.candidates[i] for i in kept), level.sums
    if isinstance(sums, WaveParts | DistinctSums):
        own = sums.some(kept, columns=places)
    else:
        own = sums[np.ix_(kept, range(level.size), places)]
    return replace(level, candidates=names, sums=own)
