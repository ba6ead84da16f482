"""Adjusted means by wave within the categories of a variable whose effect changes over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.nouns.columns import Column
from mlm.nouns.model import Factor
from mlm.nouns.plan import Plan
from mlm.results.over_time import AdjustedMeansBy, CurvePoint, GroupMean, GroupOfMeans
from mlm.statistics.answers.policy.policy_effects import policy_by_time
from mlm.statistics.answers.slopes.cross_level import column_spread
from mlm.statistics.answers.variables.adjusted_means import (
    curve_times,
    time_value,
    without_time,
)
from mlm.statistics.answers.variables.course import Course, course_within, lack_of_fit_record
from mlm.statistics.evidence.moments import raw_mean
from mlm.statistics.fitting.solution import Solution

IDENTITY = "identity"
SIDES = (-0.5, 0.5)  # standard deviations from the mean: one apart, and hardly ever out of range


def adjusted_means_by(plan: Plan, course: Course) -> tuple[AdjustedMeansBy, ...]:
    """Adjusted means by wave for each variable that has a product with time in the model.

    The other variables are held at their means over all rows, as in ``adjusted_means``. A number
    stands half a standard deviation over the rows below its mean, and above; where only a function
    of it is in the model it is left out. Where the differences between groups depart from the line
    or curve of time, means are told with the waves as categories within the variable.
    """
    out = []
    for variable in variables_with_time(plan, course.drawn):
        own = course_within(plan, course, variable)
        points = held_values(plan, own.told, variable)
        if points:
            out.append(
                AdjustedMeansBy(
                    variable=variable,
                    groups=tuple(_group(plan, own, variable, p, points[0]) for p in points),
                    test=policy_by_time(plan, own.told, variable),
                    lack_of_fit=lack_of_fit_record(own),
                )
            )
    return tuple(out)


@dataclass(frozen=True)
class HeldValue:
    """Where a variable is held: at a category, or at a value of a number."""

    category: str | None = None
    value: float | None = None


def variables_with_time(plan: Plan, solution: Solution) -> list[str]:
    """Variables that share a column of the fixed part with time, in the order of the model."""
    found: dict[str, None] = {}
    for coded in solution.fixed:
        names = coded.term.variables
        if plan.time.name in names:
            found.update(dict.fromkeys(name for name in names if name != plan.time.name))
    return list(found)


def held_values(plan: Plan, solution: Solution, variable: str) -> list[HeldValue]:
    """Categories of a variable, or two values of a number; none of a number that is a curve.

    Parameters
    ----------
    plan : Plan
        The analysis.
    solution : Solution
        The model.
    variable : str
        The variable.
    """
    if variable in plan.categories:
        return [HeldValue(category=c) for c in plan.categories[variable]]
    used = {
        function
        for coded in solution.fixed
        for name, function, _ in coded.column.powers
        if name == variable
    }
    if used != {IDENTITY}:
        return []
    spread = column_spread(plan, variable, solution.stats).get(str(Factor(variable)))
    middle = raw_mean(Column(powers=((variable, IDENTITY, 1),)), solution.stats)
    if not spread:
        return []
    return [HeldValue(value=middle + side * spread) for side in SIDES]


def _group(
    plan: Plan, course: Course, variable: str, point: HeldValue, first: HeldValue
) -> GroupOfMeans:
    """One group: its means by wave, each with its difference from the first group."""
    told, saturated, rows, start = course.told, course.saturated, [], None
    for wave in plan.time.waves:
        own, other = (group_weights(plan, told, variable, wave, p) for p in (point, first))
        difference = moved = None
        if point is not first:
            difference = told.contrast(own - other)
            moved = None if start is None else told.contrast(own - other - start)
            start = own - other if start is None else start
        rows.append(
            GroupMean(
                **dict(told.contrast(own)),
                wave=wave,
                difference=difference,
                moved=moved,
                saturated=saturated and _mean(plan, saturated, variable, wave, point),
            )
        )
    points = (
        CurvePoint(
            time=plan.time.origin + time,
            estimate=_mean(plan, course.drawn, variable, time, point),
        )
        for time in curve_times(plan)
    )
    return GroupOfMeans(
        category=point.category, value=point.value, rows=tuple(rows), curve=tuple(points)
    )


def _mean(plan: Plan, solution: Solution, variable: str, when: str | float, point) -> float:
    return float(group_weights(plan, solution, variable, when, point) @ solution.fit.beta)


def group_weights(
    plan: Plan, solution: Solution, variable: str, when: str | float, point: HeldValue
) -> np.ndarray:
    """Weights (p,) of the fixed effects in the mean of a group in a wave, or at a time.

    Parameters
    ----------
    plan : Plan
        The analysis.
    solution : Solution
        The model.
    variable : str
        The variable.
    when : str or float
        Name of the wave; or a time.
    point : HeldValue
        The group.
    """
    out = []
    for coded in solution.fixed:
        rest, own = coded.column.split(variable)
        weight = _value(own, point) * time_value(plan, rest, when)
        mean = raw_mean(without_time(plan, rest), solution.stats) if weight else 0.0
        out.append(weight * mean)
    return np.array(out)


def _value(own: Column, point: HeldValue) -> float:
    """Value of the part of a raw column that a variable contributes."""
    out = 1.0
    for _, wanted in own.indicators:
        out *= float(wanted == point.category)
    for _, _, exponent in own.powers:
        out *= point.value**exponent
    return out
