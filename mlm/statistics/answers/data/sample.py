"""What was analysed: levels with their sizes, waves with their rows and moments."""

from __future__ import annotations

import math

import numpy as np

from mlm.nouns.columns import Column
from mlm.nouns.levels import RESIDUAL
from mlm.nouns.plan import Plan
from mlm.results.record import finite
from mlm.results.sample import LevelSize, RowsWithout, Time, WaveSample
from mlm.results.survey.survey import SurveyAccount
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.names import level_record


def time_record(plan: Plan) -> Time:
    """Time as it stands in the models."""
    time = plan.time
    return Time(name=time.name, coding=time.coding, degree=time.degree, waves=time.waves)


def level_sizes(plan: Plan, stats: CrossProducts, survey: SurveyAccount) -> tuple[LevelSize, ...]:
    """The levels of the sample with their units, the rows last.

    Parameters
    ----------
    plan : Plan
        The analysis.
    stats : CrossProducts
        The sample.
    survey : SurveyAccount
        How units are known in other waves.
    """
    sizes = {**stats.n_groups, RESIDUAL: stats.n_obs}
    known = {level.name for level in survey.levels if level.known_by == "id"}
    ids = {level.name: level.keys[-1] for level in stats.all_levels}
    found = []
    for level in plan.levels:
        if level.key not in sizes:
            continue
        record = level_record(plan, level.key)
        by_id = len(record.ids) > 1 and not record.in_wave and record.unit in known
        distinct = len(np.unique(ids[level.key])) if by_id else None
        found.append(LevelSize(level=record, n=sizes[level.key], distinct=distinct))
    return tuple(found)


def rows_without(stats: CrossProducts) -> tuple[RowsWithout, ...]:
    """Rows left out for a missing value, by variable."""
    return tuple(RowsWithout(variable=name, rows=n) for name, n in stats.dropped.items())


def wave_samples(plan: Plan, stats: CrossProducts, survey: SurveyAccount) -> tuple[WaveSample, ...]:
    """Rows, groups and moments of the outcome in each wave, from the wave's indicator.

    Parameters
    ----------
    plan : Plan
        The analysis.
    stats : CrossProducts
        The sample.
    survey : SurveyAccount
        Account of the rows of the survey.
    """
    clean = {ledger.wave: ledger.rows_kept for ledger in survey.waves}
    return tuple(_wave(plan, stats, wave, clean.get(wave)) for wave in plan.time.waves)


def _wave(plan: Plan, stats: CrossProducts, wave: str, clean: int | None) -> WaveSample:
    rows, mean, sd = _wave_moments(plan, stats, wave)
    groups = tuple(
        LevelSize(level=level_record(plan, level.name), n=_groups_in_wave(plan, level, wave))
        for level in stats.all_levels
    )
    return WaveSample(
        wave=wave, rows=rows, groups=groups, mean=mean, sd=finite(sd), rows_clean=clean
    )


def _indicator(plan: Plan, wave: str) -> Column:
    return Column(indicators=((plan.time.factor, wave),))


def _wave_moments(plan: Plan, stats: CrossProducts, wave: str) -> tuple[int, float, float]:
    positions = stats.columns.positions
    y = positions[Column(powers=((plan.outcome, "identity", 1),))]
    origin, unit = stats.columns.scales[plan.outcome, "identity"]
    at = positions.get(_indicator(plan, wave), 0)
    n, total = stats.total[at, at], stats.total[at, y]
    square = stats.total[y, y] if at == 0 else _square_in_wave(plan, stats, wave, y)
    mean = total / n
    sd = math.sqrt(max(square / n - mean**2, 0.0) * n / max(n - 1.0, 1.0)) if square else math.nan
    return round(float(n)), float(origin + unit * mean), float(unit * sd)


def _square_in_wave(plan: Plan, stats: CrossProducts, wave: str, y: int) -> float:
    """Sum of squares of the outcome in a wave; 0 where no such product was formed."""
    pair = Column((), ((plan.outcome, "identity", 1),)).times(_indicator(plan, wave))
    position = stats.columns.positions.get(pair)
    return float(stats.total[position, y]) if position is not None else 0.0


def _groups_in_wave(plan: Plan, level, wave: str) -> int:
    indicator = _indicator(plan, wave)
    if indicator not in level.candidates:
        return level.size
    return int(np.count_nonzero(level.sums[level.candidates.index(indicator), :, 0]))
