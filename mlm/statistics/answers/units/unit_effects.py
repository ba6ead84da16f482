"""Effects of the units of a level, and the licence to rank them."""

from __future__ import annotations

import numpy as np

from mlm.nouns.levels import WAVE
from mlm.nouns.plan import Plan
from mlm.nouns.quantiles import TWO_SIDED_95
from mlm.results.record import finite
from mlm.results.test import AnyTest, Test
from mlm.results.units import Licence, UnitEffect, UnitEffects
from mlm.statistics.answers.over_time.stability import Stability
from mlm.statistics.answers.units.ranks import tenth_of
from mlm.statistics.answers.units.unit_comparison import (
    UnitComparison,
    compare_units,
    ranking_licence,
)
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.names import level_record
from mlm.statistics.fitting.solution import Solution


def unit_groups(plan: Plan, stats: CrossProducts) -> list[tuple[str, ...]]:
    """Groups that are named units seen as wholes: no wave among their ids, no lowest unit.

    Nor are they classes that followed units are crossed with.
    """
    present = {level.group for level in stats.all_levels}
    present -= {level.group for level in plan.levels if level.beside}
    lowest = plan.groups[-1] if plan.design.follows_lowest else None
    return [g for g in plan.groups if g in present and WAVE not in g and g != lowest]


def unit_effects(
    plan: Plan,
    final: Solution,
    group: tuple[str, ...],
    test: AnyTest | None,
    steady: Stability,
) -> UnitEffects:
    """Effects of one level's units with the licence to rank them.

    Units are compared without random slopes, so that each has one effect.

    Parameters
    ----------
    plan : Plan
        Thresholds of the licence.
    final : Solution
        The final model with random intercepts, by REML.
    group : tuple of str
        Id columns of the units.
    test : Test or RefusedTest or None
        That the variance of the level is zero.
    steady : Stability
        How far the effects agree from wave to wave.
    """
    name = ":".join(group)
    comparison = compare_units(final.evaluated, name)
    checks = ranking_licence(
        comparison,
        test.p_value if isinstance(test, Test) else None,
        steady.average_correlation,
        plan.ranking,
        plan.alpha,
        with_stability=plan.design.is_longitudinal and len(plan.time.waves) > 1,
    )
    error = comparison.comparative
    return UnitEffects(
        level=level_record(plan, name),
        n=error.size,
        tenth=tenth_of(error.size),
        variance=float(comparison.effects.covariance[0, 0]),
        reliability_mean=float(comparison.reliability.mean()),
        reliability_min=float(comparison.reliability.min()),
        comparative_se_mean=float(error.mean()),
        conditional_se_mean=float(_conditional(comparison).mean()),
        separable_share=comparison.separable,
        interval_factor=comparison.factor,
        sampled=comparison.sampled,
        expected_rank_correlation=finite(comparison.ranking.correlation),
        licence=Licence(granted=all(check.passed for check in checks), checks=checks),
        units=_units(comparison, final.stats.level(group).ids),
    )


def _conditional(comparison: UnitComparison) -> np.ndarray:
    """Conditional standard errors, shape (G,)."""
    return np.sqrt(comparison.effects.conditional[:, 0, 0])


def _units(comparison: UnitComparison, ids: list[tuple[str, ...]]) -> tuple[UnitEffect, ...]:
    mean, error = comparison.effects.mean[:, 0], comparison.comparative
    reach, pair = TWO_SIDED_95 * error, comparison.factor * error
    columns = {
        "raw": comparison.raw,
        "estimate": mean,
        "std_error": _conditional(comparison),
        "comparative_se": error,
        "reliability": comparison.reliability,
        "lower": mean - reach,
        "upper": mean + reach,
        "goldstein_lower": mean - pair,
        "goldstein_upper": mean + pair,
        "mean_rank": comparison.ranks[:, 0],
        "rank_lower": comparison.ranks[:, 1],
        "rank_upper": comparison.ranks[:, 2],
        "probability_top": comparison.ranking.top,
        "probability_bottom": comparison.ranking.bottom,
    }
    rows = np.rint(comparison.effects.rows).astype(int).tolist()
    values = np.column_stack(list(columns.values())).tolist()
    return tuple(
        UnitEffect(unit=unit, n=n, **dict(zip(columns, of_unit, strict=True)))
        for unit, n, of_unit in zip(ids, rows, values, strict=True)
    )
