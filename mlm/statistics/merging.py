"""Cross-products of single waves to those of the survey, with the columns of time.

Time is constant within a wave. A column with time is therefore a known multiple of a column
without, and no row is needed to make it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from operator import add

import numpy as np

from mlm.columns import CONSTANT, Column, Columns
from mlm.errors import StatisticsError
from mlm.hierarchy import group_codes
from mlm.plan import Plan
from mlm.statistics.crossing import CrossedFactor, Crossing
from mlm.statistics.crossproducts import CrossProducts, GroupSums, joined_ids

CHUNK = 65_536  # groups whose sums are taken to the new columns at a time


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
    if first.crossing is not None:
        return reduce(add, (with_time(plan, w, waves[w], columns) for w in plan.time.waves))
    # with millions of groups the sums take gigabytes: they are made once, in their final place
    bare = {wave: _bare(waves[wave]) for wave in plan.time.waves}
    merged = reduce(add, (with_time(plan, wave, bare[wave], columns) for wave in bare))
    levels = []
    for i, level in enumerate(merged.levels):
        sums = np.zeros((len(level.candidates), level.size, len(columns)))
        for wave in plan.time.waves:
            _add_wave(plan, wave, waves[wave], i, replace(level, sums=sums), columns)
        levels.append(replace(level, sums=sums))
    return replace(merged, levels=tuple(levels))


def _bare(stats: CrossProducts) -> CrossProducts:
    """The cross-products with groups that have no sums."""
    levels = (replace(v, sums=np.empty((len(v.candidates), v.size, 0))) for v in stats.levels)
    return replace(stats, levels=tuple(levels))


def _add_wave(
    plan: Plan, wave: str, stats: CrossProducts, i: int, into: GroupSums, columns: Columns
) -> None:
    """Add the sums of one level of a wave to those of the survey, in place."""
    level = stats.levels[i]
    joined = [joined_ids(a, b) for a, b in zip(into.keys, level.keys, strict=True)]
    places = group_codes(joined)[0][into.size :]
    pick, scale = _taken(plan, wave, stats, columns)
    for sums, (_, source, multiple) in zip(
        into.sums, _timed(plan, wave, level, columns), strict=True
    ):
        for start in range(0, level.size if multiple else 0, CHUNK):
            part = slice(start, start + CHUNK)
            sums[places[part]] += level.sums[source][part][:, pick] * (scale * multiple)


def with_time(plan: Plan, wave: str, stats: CrossProducts, columns: Columns) -> CrossProducts:
    """The cross-products of one wave in the columns of the whole survey.

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
    crossing = None
    if stats.crossing is not None:
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
    """The column without time, and the multiple of it that the column is in this wave."""
    multiple = 1.0
    for variable in dict.fromkeys((plan.time.name, plan.time.factor)):
        column, part = column.split(variable)
        for _, category in part.indicators:
            multiple *= float(category == wave)
        for _, function, exponent in part.powers:
            time = np.array([plan.time.times[plan.time.waves.index(wave)]])
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
    """Candidates with those of time, each with the one it is a multiple of in this wave."""
    names = {plan.time.name, plan.time.factor}
    timed = [c for c in columns.columns if c.variables and set(c.variables) <= names]
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
    tree = _timed(plan, wave, stats.levels[-1], columns)
    made = [_timed(plan, wave, factor, columns) for factor in stats.crossing.factors]
    factors = tuple(
        replace(
            _level_with_time(plan, wave, factor, columns, pick, scale),
            links=_cells_with_time(factor.links, tree, own),
        )
        for factor, own in zip(stats.crossing.factors, made, strict=True)
    )
    pairs = {
        (c, d): _cells_with_time(cells, made[c], made[d])
        for (c, d), cells in stats.crossing.pairs.items()
    }
    return Crossing(factors, pairs)


def _cells_with_time(cells, left: list, right: list) -> tuple[tuple, ...]:
    """Sums over cells for all pairs of candidates, from those without time."""
    return tuple(tuple(cells[i][j] * (one * other) for _, j, other in right) for _, i, one in left)
