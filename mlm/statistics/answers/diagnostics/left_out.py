"""How far each outermost unit moves the estimates: without its mean, and without its rows."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mlm.nouns.plan import Plan
from mlm.results.diagnostics import (
    Deletion,
    Influence,
    InfluenceSummary,
    LevelVariance,
    RefusedDeletion,
    RefusedInfluence,
    UnitDeletion,
    UnitInfluence,
    VarianceRange,
)
from mlm.results.reason import NoGroups, NotFitted
from mlm.statistics.answers.diagnostics.influence import MeanShiftEffects, unit_influence
from mlm.statistics.answers.diagnostics.unit_deletion import DeletionEffects, unit_deletion
from mlm.statistics.answers.ties import first_of_largest
from mlm.statistics.evidence.names import level_record
from mlm.statistics.fitting.solution import Solution

MOST_INFLUENTIAL = 10  # most influential units that are kept


def influence_record(plan: Plan, settled: Solution) -> Influence | RefusedInfluence:
    """Influence of the outermost units, and those of the largest distance; or why it is not known.

    Parameters
    ----------
    plan : Plan
        Names the levels.
    settled : Solution
        The settled model.
    """
    if not settled.working.blocks:
        return RefusedInfluence(reason=NoGroups())
    found = unit_influence(settled.evaluated)
    order = np.argsort(-found.distance, kind="stable")[:MOST_INFLUENTIAL].tolist()
    units = tuple(_influence_of(found, settled, i) for i in order)
    return Influence(**dict(_summary(plan, settled, found)), units=units)


def deletion_record(plan: Plan, settled: Solution) -> Deletion | RefusedDeletion:
    """What leaving out each outermost unit moves, or why it is not known.

    Parameters
    ----------
    plan : Plan
        Names the levels and the waves.
    settled : Solution
        The settled model.
    """
    if not settled.working.blocks:
        return RefusedDeletion(level=None, reason=NoGroups())
    found = unit_deletion(plan, settled)
    if isinstance(found, RefusedDeletion):
        return found
    parts = (found.variances, found.change, found.distance)
    if not all(np.isfinite(part).all() for part in parts):  # one unit holds all the variation
        level = level_record(plan, ":".join(settled.working.outermost))
        return RefusedDeletion(level=level, reason=NotFitted(what="model"))
    unit = first_of_largest(np.abs(found.change).max(axis=1))
    order = np.argsort(-found.distance, kind="stable")[:MOST_INFLUENTIAL].tolist()
    if unit not in order:
        order = [*order[: MOST_INFLUENTIAL - 1], unit]
    levels = [level_record(plan, group) for group in found.groups]
    whole = found.whole
    ranges = tuple(
        VarianceRange(
            level=level,
            variance=float(whole[i]),
            lowest=float(found.variances[:, i].min()),
            highest=float(found.variances[:, i].max()),
        )
        for i, (level, group) in enumerate(zip(levels, found.groups, strict=True))
    )
    units = tuple(
        UnitDeletion(
            **dict(_influence_of(found, settled, i)),
            exact=bool(found.exact[i]),
            variances=_variances(levels, found.variances[i].tolist()),
        )
        for i in order
    )
    summary = _summary(plan, settled, found, found.of)
    return Deletion(**dict(summary), of=found.of, range=ranges, units=units)


def _summary(
    plan: Plan,
    settled: Solution,
    found: MeanShiftEffects | DeletionEffects,
    of: int | None = None,
) -> InfluenceSummary:
    unit, place = divmod(first_of_largest(np.abs(found.change).ravel()), found.change.shape[1])
    threshold = 4.0 / (of or len(found.units))
    return InfluenceSummary(
        level=level_record(plan, ":".join(settled.working.outermost)),
        n=len(found.units),
        threshold=threshold,
        above=int((found.distance > threshold).sum()),
        largest_distance=float(found.distance.max()),
        largest_change=float(found.change[unit, place]),
        term=settled.fit.coefficients[place],
    )


def _influence_of(
    found: MeanShiftEffects | DeletionEffects, settled: Solution, i: int
) -> UnitInfluence:
    place = first_of_largest(np.abs(found.change[i]))
    return UnitInfluence(
        unit=found.units[i],
        distance=float(found.distance[i]),
        term=settled.fit.coefficients[place],
        change=float(found.change[i, place]),
    )


def _variances(levels: Iterable, values: Iterable[float]) -> tuple[LevelVariance, ...]:
    pairs = zip(levels, values, strict=True)
    return tuple(LevelVariance(level=level, variance=value) for level, value in pairs)
