"""The cross-products of some waves, or of waves with weights, out of those of all waves."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlm.errors import StatisticsError
from mlm.nouns.columns import CONSTANT, Column
from mlm.nouns.levels import WAVE
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.crossing import CrossedFactor, Crossing
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.evidence.merging import split_time
from mlm.statistics.evidence.tree import PRESENT
from mlm.statistics.evidence.tree import kept as groups_kept
from mlm.statistics.evidence.wave_parts import WavePart, WaveParts

if TYPE_CHECKING:
    from scipy.sparse import csr_array

MOST_SUMS_TOGETHER = 1 << 25  # of a level without some waves, beyond which waves stay apart
SAME_AS_WAVES = 1e-9  # share by which the waves may miss the total


def reweighted(plan: Plan, stats: CrossProducts, weights: Mapping[str, float]) -> CrossProducts:
    """The sample with the rows of each wave times a weight; a wave of weight 0 is left out.

    Parameters
    ----------
    plan : Plan
        Names the waves.
    stats : CrossProducts
        Merged waves, with the total of each kept apart.
    weights : mapping of str to float
        Weight of the rows of each wave, not negative. Groups that lose all rows are left out.

    Returns
    -------
    CrossProducts
        Only the constant and columns of time are left as candidates of the levels.

    Raises
    ------
    StatisticsError
        When the waves are not kept apart in the sample.
    """
    _check(plan, stats, weights)
    waves = [wave for wave in plan.time.waves if weights[wave] > 0.0]
    masks = [_alive(plan, level, weights) for level in stats.levels]
    levels = groups_kept([_level(plan, stats, level, weights) for level in stats.levels], masks)
    counts = {wave: float(stats.parts[wave][0, 0]) for wave in waves}
    is_weighted = any(weights[wave] != 1.0 for wave in waves)
    columns = replace(
        stats.columns,
        categories={**stats.columns.categories, plan.time.factor: tuple(waves)},
    )
    return replace(
        stats,
        columns=columns,
        total=sum(weights[wave] * stats.parts[wave] for wave in waves),
        levels=levels,
        crossing=_crossing(plan, stats, weights),
        n_rows=round(sum(counts.values())) if is_weighted else None,
        log_weights=float(sum(n * np.log(weights[wave]) for wave, n in counts.items())),
        parts={} if is_weighted else {wave: stats.parts[wave] for wave in waves},
        bundles=(),
    )


def without_wave(plan: Plan, stats: CrossProducts, wave: str) -> CrossProducts:
    """The sample without the rows of one wave; errors as ``reweighted``.

    Parameters
    ----------
    plan : Plan
        The analysis.
    stats : CrossProducts
        Merged waves, with the total of each kept apart.
    wave : str
        The wave that is left out.
    """
    return reweighted(plan, stats, {w: float(w != wave) for w in plan.time.waves})


def has_waves_apart(plan: Plan, stats: CrossProducts) -> bool:
    """Whether the waves can be told apart in a sample."""
    if len(plan.time.waves) < 2 or set(stats.parts) != set(plan.time.waves):
        return False
    whole = sum(stats.parts.values())
    return bool(np.abs(whole - stats.total).max() <= SAME_AS_WAVES * np.abs(stats.total).max())


def _check(plan: Plan, stats: CrossProducts, weights: Mapping[str, float]) -> None:
    if not has_waves_apart(plan, stats):
        raise StatisticsError(
            "the waves are not kept apart in these cross-products. Merge the waves again."
        )
    if not any(weights[wave] > 0.0 for wave in plan.time.waves):
        raise StatisticsError("no wave has a positive weight.")


def wave_sums(plan: Plan, level: GroupSums | CrossedFactor, wave: str) -> np.ndarray:
    """Sums (G, k) over the rows of each group in one wave.

    Parameters
    ----------
    plan : Plan
        The analysis.
    level : GroupSums or CrossedFactor
        The level.
    wave : str
        Name of the wave.
    """
    return level.sums[_place(plan, level, wave)]


def wave_rows(plan: Plan, level: GroupSums | CrossedFactor, wave: str) -> np.ndarray:
    """Rows (G,) of each group in one wave; of millions of groups no other sums are taken.

    Parameters
    ----------
    plan : Plan
        The analysis.
    level : GroupSums or CrossedFactor
        The level.
    wave : str
        Name of the wave.
    """
    return level.sums[_place(plan, level, wave), :, 0]


def wave_cells(plan: Plan, left, right, cells, wave: str) -> csr_array:
    """Rows (G, J) in one wave where the groups of two crossed levels or factors meet.

    Parameters
    ----------
    plan : Plan
    left, right : GroupSums or CrossedFactor
        G and J groups.
    cells : tuple of tuple of csr_array
        Sums of products of their candidates.
    wave : str
    """
    place = _place(plan, left, wave)
    return cells[place][_place(plan, right, wave)]


def units_inside(
    plan: Plan, stats: CrossProducts, level: GroupSums | CrossedFactor, wave: str
) -> Iterator[tuple[GroupSums | CrossedFactor, np.ndarray, np.ndarray, np.ndarray]]:
    """Each level inside a level, with the rows of its units in one wave.

    Parameters
    ----------
    plan : Plan
    stats : CrossProducts
        The sample.
    level : GroupSums or CrossedFactor
        One of its levels; that of the same units in waves is left out.
    wave : str

    Yields
    ------
    level : GroupSums or CrossedFactor
    unit, outer : ndarray of int (n,)
        Unit of the level, and the unit around it; where the lowest units are crossed with others, a
        unit may be in several.
    rows : ndarray (n,)
        Rows of the wave that both have.
    """
    names = [item.group for item in stats.inwards]
    own = names.index(level.group)
    crossed = len(stats.crossing.factors)
    outer = np.arange(level.size)
    for i, inner in enumerate(stats.inwards[own + 1 :], start=own + 1):
        if own < crossed <= i:  # a level of the tree beside a factor
            cells = wave_cells(plan, inner, level, level.links, wave).tocoo()
            yield inner, cells.row, cells.col, cells.data
        elif i < crossed and inner.group[: len(level.group)] == level.group:
            tables = stats.crossing.pairs[own, i]
            cells = wave_cells(plan, level, inner, tables, wave).tocoo()
            yield inner, cells.col, cells.row, cells.data
        elif own >= crossed:
            outer = outer[inner.parent]
            if inner.group != (*level.group, WAVE):
                yield inner, np.arange(inner.size), outer, wave_rows(plan, inner, wave)


def _place(plan: Plan, level: GroupSums | CrossedFactor, wave: str) -> int:
    """Place of the indicator of a wave among the candidates of a level."""
    return level.candidates.index(Column(indicators=((plan.time.factor, wave),)))


def _timed(plan: Plan, level: GroupSums | CrossedFactor) -> list[Column]:
    """Candidates of a level that are the constant or columns of time."""
    names = {plan.time.name, plan.time.factor}
    return [c for c in level.candidates if set(c.variables) <= names]


def _alive(plan: Plan, level: GroupSums | CrossedFactor, weights: Mapping[str, float]):
    """Whether each group has rows in a wave of positive weight, shape (G,)."""
    alive = np.zeros(level.size, dtype=bool)
    for wave, weight in weights.items():
        alive |= (wave_rows(plan, level, wave) > PRESENT) & (weight > 0.0)
    return alive


def _crossing(plan: Plan, stats: CrossProducts, weights: Mapping[str, float]) -> Crossing:
    """Crossed factors with weighted sums, and those of the cells where groups meet."""

    def cells(left, right, tables):
        kept = np.flatnonzero(_alive(plan, left, weights)), _alive(plan, right, weights)
        counts = {
            wave: wave_cells(plan, left, right, tables, wave)[kept[0]][:, np.flatnonzero(kept[1])]
            for wave in plan.time.waves
            if weights[wave] > 0.0
        }
        return tuple(
            tuple(
                sum(
                    counts[wave] * (weights[wave] * _multiple(plan, stats, wave, a, b))
                    for wave in counts
                )
                for b in _timed(plan, right)
            )
            for a in _timed(plan, left)
        )

    def factor_of(factor: CrossedFactor) -> CrossedFactor:
        return _level(plan, stats, factor, weights).kept(_alive(plan, factor, weights))

    tree = stats.levels[-1] if stats.levels else None
    return stats.crossing.changed(tree, factor_of, cells)


def _multiple(plan: Plan, stats: CrossProducts, wave: str, a: Column, b: Column) -> float:
    """Product of two columns of time in a wave."""
    return float(np.prod([split_time(plan, wave, c, stats.columns)[1] for c in (a, b)]))


def _level(plan: Plan, stats: CrossProducts, level: GroupSums | CrossedFactor, weights):
    """One level with weighted sums of all its groups."""
    candidates = _timed(plan, level)
    shape = (len(candidates), level.size, level.sums.shape[2])
    parts = level.sums.parts if isinstance(level.sums, WaveParts) else None
    are_whole_waves = parts is not None and set(weights.values()) <= {0.0, 1.0}
    if are_whole_waves and not level.sums.keeps_whole and math.prod(shape) > MOST_SUMS_TOGETHER:
        kept = _kept_parts(plan, level, candidates, weights)
        return replace(level, candidates=tuple(candidates), sums=WaveParts(shape, kept))
    sums = np.zeros(shape)
    for i, wave in enumerate(plan.time.waves):
        if weights[wave] == 0.0:
            continue
        seen = slice(None) if parts is None else parts[i].places  # others have no rows in it
        own = wave_sums(plan, level, wave)[seen]
        for to, candidate in zip(sums, candidates, strict=True):
            _, multiple = split_time(plan, wave, candidate, stats.columns)
            if candidate == CONSTANT or multiple != 0.0:
                to[seen] += weights[wave] * multiple * own
    if are_whole_waves:
        sums = WaveParts(shape, _kept_parts(plan, level, candidates, weights), sums)
    return replace(level, candidates=tuple(candidates), sums=sums)


def _kept_parts(plan: Plan, level: GroupSums, candidates: list[Column], weights) -> list[WavePart]:
    """The sums of some candidates by wave, of waves that have a weight."""
    rows = [level.candidates.index(candidate) for candidate in candidates]
    pairs = zip(plan.time.waves, level.sums.apart().some(rows).parts, strict=True)
    return [part for wave, part in pairs if weights[wave]]
