"""What random slopes mean: how large they are, shares along their variables, what explains them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from mlm.nouns.distributions import TWO_SIDED_95
from mlm.nouns.plan import Plan
from mlm.results.level import Level
from mlm.results.record import finite
from mlm.results.slopes import (
    CrossLevelProduct,
    RefusedProduct,
    RefusedSlope,
    SearchedSlope,
    SharesAlong,
    SharesAt,
    Slope,
    SlopeDetails,
    TestedSlope,
)
from mlm.results.test import Test
from mlm.statistics.answers.slopes.cross_level import (
    Explanation,
    NotExplained,
    ShareCurves,
    column_spread,
    explanations,
    shares_along,
)
from mlm.statistics.answers.slopes.ranges import (
    products_over_units,
    range_of_slope,
    sd_over_units,
)
from mlm.statistics.answers.variables.adjusted_means import mean_effects
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.names import level_record, term_record, term_records
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.inference.holm import holm
from mlm.statistics.inference.variance_intervals import VarianceIntervals
from mlm.statistics.selection.random_part.slopes import (
    SlopeTrial,
    as_well_over,
    clear_slopes,
    slope_effects,
)


def slope_records(
    plan: Plan, slopes: Sequence[SlopeTrial], intervals: VarianceIntervals
) -> tuple[Slope, ...]:
    """Each slope that was tried: one record a column, or one with the reason of refusal.

    Parameters
    ----------
    plan : Plan
        Levels and categories.
    slopes : sequence of SlopeTrial
        As they were tried under the full mean.
    intervals : VarianceIntervals
        Of the settled model: sizes of the slopes that it holds are read from it.
    """
    settled = intervals.solution
    inside = _slopes_of(settled.fit)
    out: list[Slope] = []
    for slope in slopes:
        level = level_record(plan, slope.group)
        if slope.fit is None:
            out.append(RefusedSlope(variable=slope.variable, level=level, reason=slope.reason))
        elif (slope.group, slope.variable) in inside:
            beside = [g for g in as_well_over(slope, slopes) if (g, slope.variable) not in inside]
            or_over = tuple(level_record(plan, group) for group in beside)
            read_from = replace(slope, fit=settled.fit)
            out += _columns(plan, read_from, settled.stats, or_over, intervals)
        else:
            out += _columns(plan, slope, settled.stats)
    return tuple(out)


def _slopes_of(fit: Fit) -> set[tuple[str, str]]:
    """Grouping factor and variable of the slopes that a model holds."""
    return {(term.name, str(t)) for term in fit.model.random for t in term.terms if t.factors}


def _columns(
    plan: Plan,
    slope: SlopeTrial,
    stats: CrossProducts,
    or_over: tuple[Level, ...] = (),
    intervals: VarianceIntervals | None = None,
) -> Iterator[TestedSlope]:
    has_ends = intervals is not None and intervals.has_ends
    found = slope_effects(slope.fit, slope.variable, slope.group)
    sd, correlations = np.sqrt(np.diagonal(found.covariance)).tolist(), found.correlations
    effects = mean_effects(slope.fit, slope.variable, stats)
    products = products_over_units(plan, slope, stats)
    spread = column_spread(plan, slope.variable, stats)
    for i, (name, column) in enumerate(zip(found.names, found.columns, strict=True)):
        mean, sd_x = effects[name], spread.get(name)
        over_units = sd_over_units(products[name], slope.fit)
        reach = TWO_SIDED_95 * math.hypot(sd[i], over_units)
        yield TestedSlope(
            variable=slope.variable,
            level=level_record(plan, slope.group),
            column=column,
            variance=sd[i] ** 2,
            sd=sd[i],
            mean_effect=mean,
            sd_units=over_units,
            lower=mean - reach,
            upper=mean + reach,
            range=range_of_slope(slope, name, products[name], intervals) if has_ends else None,
            correlation=None if correlations is None else finite(float(correlations[i])),
            sd_x=sd_x,
            sd_effect=None if sd_x is None else sd[i] * sd_x,
            kept=intervals is not None,
            or_over=or_over,
            test=slope.test,
        )


def slope_details(plan: Plan, slopes: Sequence[SlopeTrial], settled: Solution) -> SlopeDetails:
    """Details of the slopes that are kept; p-values are adjusted over all products tried.

    Parameters
    ----------
    plan : Plan
        The analysis.
    slopes : sequence of SlopeTrial
        Slopes that were tried.
    settled : Solution
        The settled model: shares along the variables are read from it, and what products explain.
    """
    inside = _slopes_of(settled.fit)
    clear = [s for s in clear_slopes(slopes, plan.alpha) if (s.group, s.variable) in inside]
    found = [explanations(plan, slope, settled, clear) for slope in clear]
    tried = [item for items in found for item in items if isinstance(item, Explanation)]
    tests = [item.test for item in tried]
    adjusted = iter(holm([test.p_value if test.is_valid else None for test in tests]))
    searched = tuple(
        SearchedSlope(
            variable=slope.variable,
            level=level_record(plan, slope.group),
            along=_along(plan, shares_along(plan, replace(slope, fit=settled.fit), settled.stats)),
            explained=tuple(_product(item, adjusted) for item in items),
        )
        for slope, items in zip(clear, found, strict=True)
    )
    return SlopeDetails(searched=searched, left_out=term_records(plan.cross_level_candidates[1]))


def _product(
    item: Explanation | NotExplained, adjusted: Iterator[float | None]
) -> CrossLevelProduct | RefusedProduct:
    """A product as a record; one that was tried takes the next adjusted p-value."""
    same = {"term": term_record(item.term), "variable": item.term.factors[0].variable}
    if isinstance(item, NotExplained):
        return RefusedProduct(**same, reason=item.reason)
    test, p_value = item.test, next(adjusted)
    if isinstance(test, Test):
        test = test.adjusted(p_value)
    return CrossLevelProduct(
        **same,
        variance_before=item.before,
        variance_after=item.after,
        share=None if item.share is None else finite(item.share),
        configured=item.is_configured,
        test=test,
    )


def _along(plan: Plan, along: ShareCurves) -> SharesAlong:
    points = []
    for i, value in enumerate(along.values.tolist()):
        category = along.labels[i] if along.labels else None
        points.append(
            SharesAt(
                value=value if category is None else None,
                category=category,
                total_variance=float(along.total[i]),
                shares=tuple(along.shares[i].tolist()),
            )
        )
    levels = tuple(level_record(plan, group) for group in along.groups)
    return SharesAlong(levels=levels, points=tuple(points))
