"""Record of the sample: names, levels with their sizes, waves with their rows and moments."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from mlm.nouns.columns import Column
from mlm.nouns.levels import RESIDUAL
from mlm.nouns.plan import Plan
from mlm.statistics.answers.records import plain
from mlm.statistics.evidence.crossproducts import CrossProducts


def sample_record(plan: Plan, stats: CrossProducts, survey: Mapping) -> dict:
    """What was analysed: names, levels with their sizes, waves with their rows."""
    sizes = {**stats.n_groups, RESIDUAL: stats.n_obs}
    return {
        "survey": plan.survey,
        "analysis": plan.analysis,
        "outcome": plan.outcome,
        "design": plan.design.name,
        "criterion": "REML",
        "time": {
            "name": plan.time.name,
            "coding": plan.time.coding,
            "waves": list(plan.time.waves),
        },
        "levels": [
            {"name": level.name, "group": level.key, "n": sizes[level.key]}
            for level in plan.levels
            if level.key in sizes
        ],
        "waves": [_wave(plan, stats, survey, wave) for wave in plan.time.waves],
        "n_obs": stats.n_obs,
        "rows_without": dict(stats.dropped),
    }


def _wave(plan: Plan, stats: CrossProducts, survey: Mapping, wave: str) -> dict:
    """Rows, groups and moments of the outcome in one wave, from the wave's indicator."""
    rows, mean, sd = _wave_moments(plan, stats, wave)
    ledger = next((w for w in survey.get("waves", []) if w.get("wave") == wave), {})
    groups = {level.name: _groups_in_wave(plan, level, wave) for level in stats.all_levels}
    return plain(
        {
            "wave": wave,
            "rows": rows,
            "groups": groups,
            "mean": mean,
            "sd": sd,
            "rows_clean": ledger.get("rows_kept"),
        }
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
    return int(np.count_nonzero(level.sums[level.candidates.index(indicator)][:, 0]))
