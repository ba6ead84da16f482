"""Records of what is told by unit or by variable: slopes, unit effects, stability."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mlm.nouns.levels import WAVE
from mlm.nouns.plan import Plan
from mlm.nouns.quantiles import TWO_SIDED_95
from mlm.statistics.answers.over_time.stability import Stability
from mlm.statistics.answers.records import comparison_record, plain
from mlm.statistics.answers.slopes.cross_level import column_spread
from mlm.statistics.answers.slopes.slopes import Slope
from mlm.statistics.answers.units.comparison import LicenceCheck, UnitComparison
from mlm.statistics.answers.variables.adjusted_means import mean_effects
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.inference.comparison import Comparison


def slopes_record(
    plan: Plan, slopes: Sequence[Slope], kept: Fit, stats: CrossProducts
) -> list[dict]:
    """Each slope that was tried: one row a column, or one row with the reason of refusal.

    Rows of tested slopes hold ``mean_effect``, the mean over the rows (the variable may be in
    products, with time too, and in powers), ``range`` around it; ``sd_x``, the standard deviation
    of the column over the rows, and ``sd_effect``, the sd of the slope times it: what a typical
    difference in the variable is worth.
    """
    inside = {(term.name, str(t)) for term in kept.model.random for t in term.terms if t.factors}
    rows: list[dict] = []
    for slope in slopes:
        level = plan.level_of(slope.group).name
        base = {"variable": slope.variable, "level": level, "group": slope.group}
        if slope.fit is None:
            rows.append({**base, "column": None, "status": "refused", "reason": slope.reason})
            continue
        kept_here = (slope.group, slope.variable) in inside
        spread = column_spread(plan, slope.variable, stats)
        for row in _slope_rows(slope, stats):
            sd_x = spread.get(row["column"])
            size = {"sd_x": sd_x, "sd_effect": None if sd_x is None else row["sd"] * sd_x}
            rows.append({**base, **row, **size, "kept": kept_here})
    return plain(rows)


def _slope_rows(slope: Slope, stats: CrossProducts) -> list[dict]:
    covariance = slope.covariance
    sd = np.sqrt(np.diagonal(covariance))
    effects = mean_effects(slope.fit, slope.variable, stats)
    rows = []
    for i, name in enumerate(slope.names, start=1):
        mean = effects[name]
        product = sd[0] * sd[i]
        rows.append(
            {
                "column": name,
                "status": "tested",
                "reason": None,
                "variance": covariance[i, i],
                "sd": sd[i],
                "mean_effect": mean,
                "range": [mean - 2.0 * sd[i], mean + 2.0 * sd[i]],
                "correlation": covariance[0, i] / product if product > 0.0 else None,
                **comparison_record(slope.test),
            }
        )
    return rows


def unit_groups(plan: Plan, stats: CrossProducts) -> list[tuple[str, ...]]:
    """Groups that are named units seen as wholes: no wave among their ids, no lowest unit."""
    present = {level.group for level in stats.all_levels}
    lowest = plan.groups[-1] if plan.design.follows_lowest else None
    return [g for g in plan.groups if g in present and WAVE not in g and g != lowest]


def effects_record(
    plan: Plan, group, comparison: UnitComparison, licence: Sequence[LicenceCheck]
) -> dict:
    """Effects of one level's units with the licence to rank them."""
    effects = comparison.effects
    name = ":".join(group)
    error = comparison.comparative
    mean = effects.mean[:, 0]
    units = []
    for i, unit in enumerate(effects.units):
        reach, pair = TWO_SIDED_95 * error[i], comparison.factor * error[i]
        units.append(
            {
                "unit": str(unit),
                "n": round(float(effects.rows[i])),
                "raw": comparison.raw[i],
                "estimate": mean[i],
                "std_error": math.sqrt(effects.conditional[i, 0, 0]),
                "comparative_se": error[i],
                "reliability": comparison.reliability[i],
                "lower": mean[i] - reach,
                "upper": mean[i] + reach,
                "goldstein_lower": mean[i] - pair,
                "goldstein_upper": mean[i] + pair,
                "mean_rank": comparison.ranks[i, 0],
                "rank_lower": comparison.ranks[i, 1],
                "rank_upper": comparison.ranks[i, 2],
                "probability_top": comparison.ranking.top[i],
                "probability_bottom": comparison.ranking.bottom[i],
            }
        )
    return plain(
        {
            "level": plan.level_of(name).name,
            "group": name,
            "n": len(units),
            "variance": effects.covariance[0, 0],
            "reliability_mean": comparison.reliability.mean(),
            "reliability_min": comparison.reliability.min(),
            "comparative_se_mean": error.mean(),
            "conditional_se_mean": np.sqrt(effects.conditional[:, 0, 0]).mean(),
            "separable_share": comparison.separable,
            "interval_factor": comparison.factor,
            "sampled": comparison.sampled,
            "expected_rank_correlation": comparison.ranking.correlation,
            "licence": {
                "granted": all(check.passed for check in licence),
                "checks": [vars(check) for check in licence],
            },
            "units": units,
        }
    )


def stability_record(plan: Plan, group, steady: Stability) -> dict:
    """Covariance over waves of one level's effects."""
    estimated = steady.covariance is not None
    test = steady.test or Comparison(None, None, None, None)
    return plain(
        {
            "level": plan.level_of(steady.group).name,
            "group": steady.group,
            "status": "estimated" if estimated else "refused",
            "reason": steady.reason,
            "model": steady.model,
            "waves": list(steady.waves),
            "sd": steady.sd if estimated else [],
            "correlation": steady.correlation if estimated else [],
            "average_correlation": steady.average_correlation,
            "statistic": test.statistic,
            "df": test.df,
            "reference": test.reference,
            "p_value": test.p_value,
        }
    )
