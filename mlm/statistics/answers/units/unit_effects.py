"""Effects of the units of a level, and the licence to rank them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from mlm.nouns.comparison import AGAINST, COMPARED, ComparisonRule
from mlm.nouns.distributions import TWO_SIDED_95
from mlm.nouns.levels import WAVE
from mlm.nouns.plan import Plan
from mlm.results.record import finite
from mlm.results.storing.table_rows import TableRows
from mlm.results.test import AnyTest, Test
from mlm.results.units import (
    ComparisonChoice,
    Licence,
    NotComparedUnits,
    UnitEffect,
    UnitEffects,
)
from mlm.statistics.answers.units.compared import NothingLasts, compared_effects, rows_by_wave
from mlm.statistics.answers.units.licence import ranking_licence
from mlm.statistics.answers.units.ranks import tenth_of
from mlm.statistics.answers.units.sides import FAMILY_ERROR
from mlm.statistics.answers.units.unit_comparison import UnitComparison, compare_units
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.names import group_level, level_record
from mlm.statistics.evidence.tree import PRESENT
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.selection.random_part.forms import form_of, sample_waves

Agreement = tuple[float | None, float | None]
"""Mean correlation of effects over waves, and the lower end of its interval; None: not known."""

SIDES = np.array(["expected", "above", "below"], dtype=object)
"""By the number of a side: -1 is the last one."""


def unit_groups(plan: Plan, stats: CrossProducts) -> list[tuple[str, ...]]:
    """Groups that are named units seen as wholes: no wave among their ids, no lowest unit.

    Nor are they classes that followed units are crossed with.
    """
    present = {level.group for level in stats.all_levels}
    present -= {level.group for level in plan.levels if level.beside}
    lowest = plan.groups[-1] if plan.design.follows_lowest else None
    return [g for g in plan.groups if g in present and WAVE not in g and g != lowest]


def units_unseen(plan: Plan, stats: CrossProducts, group: tuple[str, ...]) -> int:
    """Number of units without rows in what is compared: in the last wave.

    Parameters
    ----------
    plan : Plan
        What is compared.
    stats : CrossProducts
        The sample.
    group : tuple of str
        Id columns of the units.
    """
    if plan.comparison.compare != "last_wave":
        return 0
    return int((rows_by_wave(plan, stats, group)[:, -1] <= PRESENT).sum())


def unit_effects(
    plan: Plan,
    settled: Solution,
    group: tuple[str, ...],
    test: AnyTest | None,
    agreement: Agreement,
    others: Sequence[Solution] = (),
    looked_at: int = 1,
) -> UnitEffects | NotComparedUnits:
    """Effects of one level's units with the licence to rank them.

    Parameters
    ----------
    plan : Plan
        What is compared, and the thresholds of the licence.
    settled : Solution
        The settled model, by REML.
    group : tuple of str
        Id columns of the units.
    test : Test or RefusedTest or None
        That the variance of the level is zero.
    agreement : tuple of float or None
        How far the effects agree from wave to wave: their mean correlation, and the lower end of
        its interval.
    others, looked_at
        Fits to other imputations, as for ``compare_units``.

    Returns
    -------
    UnitEffects
        Or a refusal, where a part that lasts is to be compared and there is none.
    """
    try:
        comparison = compare_units(plan, settled, group, others, looked_at)
    except NothingLasts as refused:
        return _not_compared(plan, settled, group, refused)
    waves = sample_waves(plan, settled.stats)
    checks = ranking_licence(
        comparison,
        test.p_value if isinstance(test, Test) else None,
        agreement,
        plan.ranking,
        plan.alpha,
        with_stability=plan.design.is_longitudinal and len(plan.time.waves) > 1,
    )
    ranked, rule = comparison.ranked, plan.comparison
    is_last = rule.compare == "last_wave" and len(waves) > 1
    return UnitEffects(
        level=level_record(plan, ":".join(group)),
        compare=rule.compare,
        against=rule.against,
        wave=waves[-1] if is_last else None,
        n=ranked.size,
        n_ranked=int(ranked.sum()),
        family_error=FAMILY_ERROR,
        tenth=tenth_of(max(int(ranked.sum()), 1)),
        variance=float(comparison.sums.prior[ranked].mean()) if ranked.any() else 0.0,
        reliability_mean=comparison.mean_reliability,
        reliability_min=float(comparison.reliability[ranked].min(initial=1.0)),
        comparative_se_mean=float(comparison.error.mean()),
        conditional_se_mean=float(np.sqrt(comparison.sums.conditional).mean()),
        separable_share=comparison.separable,
        interval_factor=comparison.factor,
        sampled=comparison.sampled,
        expected_rank_correlation=finite(comparison.ranking.correlation),
        licence=Licence(granted=all(check.passed for check in checks), checks=checks),
        units=_units(comparison, settled.stats.level(group).names),
    )


def _not_compared(
    plan: Plan, settled: Solution, group: tuple[str, ...], refused: NothingLasts
) -> NotComparedUnits:
    """The refusal, with what could be compared instead."""
    possible = []
    for compare, against in product(COMPARED, AGAINST):
        try:
            compared_effects(plan, settled.evaluated, group, ComparisonRule(compare, against))
        except NothingLasts:
            continue
        possible.append(ComparisonChoice(compare=compare, against=against))
    return NotComparedUnits(
        level=level_record(plan, ":".join(group)),
        compare=plan.comparison.compare,
        against=plan.comparison.against,
        without=group_level(refused.group),
        form=form_of(plan, settled.fit.model, refused.group),
        possible=tuple(possible),
    )


def _units(comparison: UnitComparison, names: Sequence[tuple[str, ...]]) -> TableRows:
    mean, error = comparison.mean, comparison.error
    reach, pair = TWO_SIDED_95 * error, comparison.factor * error
    columns = {
        "unit": names,
        "n": np.rint(comparison.compared.rows.sum(axis=1)).astype(int),
        "n_compared": np.rint(comparison.compared.rows_compared).astype(int),
        "ranked": comparison.ranked,
        "raw": comparison.raw,
        "estimate": mean,
        "std_error": np.sqrt(comparison.sums.conditional),
        "comparative_se": error,
        "reliability": comparison.reliability,
        "lower": mean - reach,
        "upper": mean + reach,
        "goldstein_lower": mean - pair,
        "goldstein_upper": mean + pair,
        "side": SIDES[comparison.sides],
        **_places(comparison),
    }
    return TableRows(UnitEffect, columns)


def _places(comparison: UnitComparison) -> dict[str, np.ndarray]:
    """Ranks (G,) and chances of all units; NaN where one is not ranked."""
    ranking, ranked = comparison.ranking, comparison.ranked
    found = {
        "mean_rank": ranking.intervals[:, 0],
        "rank_lower": ranking.intervals[:, 1],
        "rank_upper": ranking.intervals[:, 2],
        "probability_top": ranking.top,
        "probability_bottom": ranking.bottom,
    }
    out = {}
    for name, values in found.items():
        out[name] = np.full(ranked.size, np.nan)
        out[name][ranked] = values
    return out
