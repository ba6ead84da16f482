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
from mlm.plan import Plan
from mlm.statistics.crossproducts import CrossProducts, GroupSums


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
    parts = [with_time(plan, wave, waves[wave], columns) for wave in plan.time.waves]
    return reduce(add, parts)


def with_time(plan: Plan, wave: str, stats: CrossProducts, columns: Columns) -> CrossProducts:
    """The cross-products of one wave in the columns of the whole survey.

    Raises
    ------
    StatisticsError
        When a column without time is lacking.
    """
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
    pick, scale = np.array(sources), np.array(factors)
    total = stats.total[np.ix_(pick, pick)] * np.outer(scale, scale)
    levels = tuple(
        _level_with_time(plan, wave, level, columns, pick, scale) for level in stats.levels
    )
    return replace(stats, columns=columns, total=total, levels=levels, parts={wave: total})


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
    plan: Plan, wave: str, level: GroupSums, columns: Columns, pick: np.ndarray, scale: np.ndarray
) -> GroupSums:
    """Sums of a level in the new columns; wave indicators and time join the candidates."""
    names = {plan.time.name, plan.time.factor}
    timed = [c for c in columns.columns if c.variables and set(c.variables) <= names]
    candidates = (*level.candidates, *timed)
    sums = np.empty((len(candidates), level.size, pick.size))
    for i, candidate in enumerate(candidates):
        rest, multiple = split_time(plan, wave, candidate, columns)
        source = level.candidates.index(rest) if rest != CONSTANT else 0
        sums[i] = level.sums[source][:, pick] * (scale * multiple)
    return replace(level, candidates=candidates, sums=sums)
