"""The cross-products of some waves, or of waves with weights, out of those of all waves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mlm.columns import CONSTANT, Column
from mlm.errors import StatisticsError
from mlm.plan import Plan
from mlm.statistics.crossproducts import CrossProducts, GroupSums
from mlm.statistics.merging import split_time

SAME = 1e-9  # share by which the waves may miss the total


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
    kept = [wave for wave in plan.time.waves if weights[wave] > 0.0]
    levels: list[GroupSums] = []
    places: np.ndarray | None = None
    for level in stats.levels:
        made, places = _level(plan, stats, level, weights, places)
        levels.append(made)
    counts = {wave: float(stats.parts[wave][0, 0]) for wave in kept}
    is_weighted = any(weights[wave] != 1.0 for wave in kept)
    columns = replace(
        stats.columns,
        categories={**stats.columns.categories, plan.time.factor: tuple(kept)},
    )
    return replace(
        stats,
        columns=columns,
        total=sum(weights[wave] * stats.parts[wave] for wave in kept),
        levels=tuple(levels),
        n_rows=round(sum(counts.values())) if is_weighted else None,
        log_weights=float(sum(n * np.log(weights[wave]) for wave, n in counts.items())),
        parts={},
        bundles=(),
    )


def without_wave(plan: Plan, stats: CrossProducts, wave: str) -> CrossProducts:
    """The sample without the rows of one wave; arguments and errors as ``reweighted``."""
    return reweighted(plan, stats, {w: float(w != wave) for w in plan.time.waves})


def has_waves_apart(plan: Plan, stats: CrossProducts) -> bool:
    """Whether the waves can be told apart in a sample."""
    if len(plan.time.waves) < 2 or set(stats.parts) != set(plan.time.waves):
        return False
    whole = sum(stats.parts.values())
    return bool(np.abs(whole - stats.total).max() <= SAME * np.abs(stats.total).max())


def _check(plan: Plan, stats: CrossProducts, weights: Mapping[str, float]) -> None:
    if not has_waves_apart(plan, stats):
        raise StatisticsError(
            "the waves are not kept apart in these cross-products. Merge the waves again."
        )
    if not any(weights[wave] > 0.0 for wave in plan.time.waves):
        raise StatisticsError("no wave has a positive weight.")


def wave_sums(plan: Plan, level: GroupSums, wave: str) -> np.ndarray:
    """Sums (G, k) over the rows of each group in one wave."""
    return level.sums[level.candidates.index(Column(indicators=((plan.time.factor, wave),)))]


def _level(plan: Plan, stats: CrossProducts, level: GroupSums, weights, places):
    """One level with weighted sums, and the new place of each of its old groups."""
    names = {plan.time.name, plan.time.factor}
    candidates = [c for c in level.candidates if set(c.variables) <= names]
    sums = np.zeros((len(candidates), level.size, level.sums.shape[2]))
    for wave in plan.time.waves:
        if weights[wave] == 0.0:
            continue
        own = wave_sums(plan, level, wave)
        for to, candidate in zip(sums, candidates, strict=True):
            _, multiple = split_time(plan, wave, candidate, stats.columns)
            if candidate == CONSTANT or multiple != 0.0:
                to += weights[wave] * multiple * own
    alive = np.zeros(level.size, dtype=bool)
    for wave, weight in weights.items():
        alive |= (wave_sums(plan, level, wave)[:, 0] > 0.5) & (weight > 0.0)
    parent = level.parent if places is None else places[level.parent]
    made = replace(
        level,
        keys=tuple(key[alive] for key in level.keys),
        parent=parent[alive],
        candidates=tuple(candidates),
        sums=sums[:, alive],
    )
    return made, np.cumsum(alive) - 1
