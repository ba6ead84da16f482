"""Cross-products of single waves to those of the survey, with the columns of time.

Time is constant within a wave. A column with time is therefore a known multiple of a column
without, and no row is needed to make it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from operator import add

import numpy as np

from mlm.errors import StatisticsError
from mlm.nouns.columns import CONSTANT, Column, Columns
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.crossing import CrossedFactor, Crossing
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums, check_addable
from mlm.statistics.evidence.joining import joined
from mlm.statistics.evidence.wave_parts import WavePart, WaveParts

LARGE_LEVEL = 1 << 25  # sums of a level (256 MB) from which they may be kept by wave
KEPT_SAVING = 1.5  # where this makes them fewer by such a factor
LARGEST_WHOLE = 1 << 27  # sums (1 GB) above which they are always kept by wave


def merge_waves(plan: Plan, waves: Mapping[str, CrossProducts]) -> CrossProducts:
    """The cross-products of all waves, with time among the columns.

    Parameters
    ----------
    plan : Plan
        The plan of the analysis; names the waves and their times.
    waves : mapping of str to CrossProducts
        Statistics without time, one entry for each wave of the plan.

    Returns
    -------
    CrossProducts
        Sum over the waves; columns are those of the rows, time, and their products; wave
        indicators are candidates at every level.

    Raises
    ------
    StatisticsError
        When a wave is missing or was accumulated by another recipe.
    """
    lacking = [wave for wave in plan.time.waves if wave not in waves]
    if lacking:
        raise StatisticsError(f"no cross-products of the waves {', '.join(lacking)}.")
    first = waves[plan.time.waves[0]]
    columns = plan.all_columns(first.columns) if len(plan.time.waves) > 1 else first.columns
    samples = [waves[wave] for wave in plan.time.waves]
    made = [
        with_time(plan, wave, _bare(stats), columns)
        for wave, stats in zip(plan.time.waves, samples, strict=True)
    ]
    for stats in made[1:]:
        check_addable(made[0], stats)
    if len(samples) == 1 and columns == first.columns:
        return replace(made[0], levels=first.levels, crossing=first.crossing)
    levels, places = _merged_levels(plan, samples, made[0], columns)
    size = levels[-1].parent.size if levels else 0
    crossing = Crossing.summed([stats.crossing for stats in made], places, size)
    merged = reduce(add, (replace(stats, levels=(), crossing=Crossing()) for stats in made))
    return replace(merged, levels=levels, crossing=crossing)


def _merged_levels(
    plan: Plan, samples: Sequence[CrossProducts], made: CrossProducts, columns: Columns
) -> tuple[tuple[GroupSums, ...], tuple[np.ndarray, ...]]:
    """Levels over all waves, and places of each wave's innermost groups in them.

    Millions of groups take their place once. ``made`` is a wave with the candidates of the survey.
    """
    levels: list[GroupSums] = []
    places: tuple[np.ndarray, ...] | None = None
    for i, level in enumerate(made.levels):
        found = joined([stats.levels[i] for stats in samples], places)
        places = found.places
        parts = [
            _part(plan, wave, stats, i, columns, own)
            for wave, stats, own in zip(plan.time.waves, samples, places, strict=True)
        ]
        shape = len(level.candidates), found.parent.size, len(columns)
        sums = WaveParts(shape, parts)
        sums = sums if pays(sums) else WaveParts(shape, parts, keeps_whole=True)
        levels.append(replace(level, keys=found.keys, parent=found.parent, sums=sums))
    return tuple(levels), places or ()


def pays(sums: WaveParts) -> bool:
    """Whether sums are so many that they are better kept by wave alone."""
    numbers = sum(math.prod(part.sums.shape) for part in sums.parts)
    size = math.prod(sums.shape)
    return size > LARGEST_WHOLE or size > max(LARGE_LEVEL, KEPT_SAVING * numbers)


def _bare(stats: CrossProducts) -> CrossProducts:
    """The cross-products with groups that have no sums."""
    levels = (replace(v, sums=np.empty((len(v.candidates), v.size, 0))) for v in stats.levels)
    return replace(stats, levels=tuple(levels))


def _part(
    plan: Plan, wave: str, stats: CrossProducts, i: int, columns: Columns, places: np.ndarray
) -> WavePart:
    """Sums of one level of a wave as a part of those of the survey."""
    level = stats.levels[i]
    _, sources, multiples = zip(*_timed(plan, wave, level, columns), strict=True)
    small = places.astype(np.min_scalar_type(-int(places.max(initial=0)) - 1))
    pick, scale = _taken(plan, wave, stats, columns)
    return WavePart(small, level.sums, np.array(sources), np.array(multiples), pick, scale)


def with_time(plan: Plan, wave: str, stats: CrossProducts, columns: Columns) -> CrossProducts:
    """The cross-products of one wave in the columns of the whole survey.

    Parameters
    ----------
    plan : Plan
        The analysis.
    wave : str
        Name of the wave.
    stats : CrossProducts
        Those of the wave.
    columns : Columns
        The recipe of the whole survey.

    Raises
    ------
    StatisticsError
        When a column without time is lacking.
    """
    pick, scale = _taken(plan, wave, stats, columns)
    total = stats.total[np.ix_(pick, pick)] * np.outer(scale, scale)
    levels = tuple(
        _level_with_time(plan, wave, level, columns, pick, scale) for level in stats.levels
    )
    crossing = _crossing_with_time(plan, wave, stats, columns, pick, scale)
    return replace(
        stats, columns=columns, total=total, levels=levels, crossing=crossing, parts={wave: total}
    )


def _taken(
    plan: Plan, wave: str, stats: CrossProducts, columns: Columns
) -> tuple[np.ndarray, np.ndarray]:
    """For each column of the survey, the column of the wave that it is a multiple of, and which."""
    known = stats.columns.positions
    sources, factors = [], []
    for column in columns.columns:
        rest, multiple = split_time(plan, wave, column, columns)
        if rest not in known:
            raise StatisticsError(
                f"wave {wave} lacks the column {rest.name}: its cross-products were made by "
                "another configuration. Accumulate the wave again."
            )
        sources.append(known[rest])
        factors.append(multiple)
    return np.array(sources), np.array(factors)


def split_time(plan: Plan, wave: str, column: Column, columns: Columns) -> tuple[Column, float]:
    """The column without time, and the multiple of it that the column is in this wave.

    Parameters
    ----------
    plan : Plan
        The analysis.
    wave : str
        Name of the wave.
    column : Column
        A raw column.
    columns : Columns
        Gives origin and unit of time.
    """
    multiple = 1.0
    for variable in dict.fromkeys((plan.time.name, plan.time.factor)):
        column, part = column.split(variable)
        for _, category in part.indicators:
            multiple *= float(category == wave)
        for _, function, exponent in part.powers:
            time = np.array([plan.time.time_of(wave)])
            multiple *= float(columns.standardised(variable, function, time)[0] ** exponent)
    return column, multiple


def _level_with_time(
    plan: Plan,
    wave: str,
    level: GroupSums | CrossedFactor,
    columns: Columns,
    pick: np.ndarray,
    scale: np.ndarray,
) -> GroupSums | CrossedFactor:
    """Sums of a level in the new columns; wave indicators and time join the candidates."""
    made = _timed(plan, wave, level, columns)
    sums = np.empty((len(made), level.size, pick.size if level.sums.shape[2] else 0))
    for i, (_, source, multiple) in enumerate(made if level.sums.shape[2] else ()):
        sums[i] = level.sums[source][:, pick] * (scale * multiple)
    return replace(level, candidates=tuple(candidate for candidate, _, _ in made), sums=sums)


def _timed(
    plan: Plan, wave: str, level: GroupSums | CrossedFactor, columns: Columns
) -> list[tuple[Column, int, float]]:
    """Candidates with those of time, each with the one it is a multiple of in this wave.

    Powers of time are none: slopes on time are those of a line.
    """
    names = {plan.time.name, plan.time.factor}
    timed = [
        column
        for column in columns.columns
        if column.variables
        and set(column.variables) <= names
        and all(exponent == 1 for _, _, exponent in column.powers)
    ]
    made = []
    for candidate in (*level.candidates, *timed):
        rest, multiple = split_time(plan, wave, candidate, columns)
        source = level.candidates.index(rest) if rest != CONSTANT else 0
        made.append((candidate, source, multiple))
    return made


def _crossing_with_time(
    plan: Plan,
    wave: str,
    stats: CrossProducts,
    columns: Columns,
    pick: np.ndarray,
    scale: np.ndarray,
) -> Crossing:
    """Sums of crossed factors in the new columns, and those of the cells where groups meet."""

    def cells(left, right, tables):
        rows, own = (_timed(plan, wave, level, columns) for level in (left, right))
        return tuple(
            tuple(tables[i][j] * (one * other) for _, j, other in own) for _, i, one in rows
        )

    tree = stats.levels[-1] if stats.levels else None
    return stats.crossing.changed(
        tree, lambda f: _level_with_time(plan, wave, f, columns, pick, scale), cells
    )
