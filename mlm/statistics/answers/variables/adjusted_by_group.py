"""Adjusted means by wave within the categories of a variable whose effect changes over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.nouns.columns import Column
from mlm.nouns.model import Factor
from mlm.nouns.plan import Plan
from mlm.results.over_time import AdjustedMeansBy, GroupMean, GroupOfMeans
from mlm.statistics.answers.over_time.which_model import ModelsOverTime
from mlm.statistics.answers.policy.policy_effects import policy_by_time
from mlm.statistics.answers.slopes.cross_level import column_spread
from mlm.statistics.answers.variables.adjusted_means import time_value, without_time
from mlm.statistics.evidence.moments import raw_mean
from mlm.statistics.fitting.solution import Solution

IDENTITY = "identity"
SIDES = (-0.5, 0.5)  # standard deviations from the mean: one apart, and hardly ever out of range


def adjusted_means_by(plan: Plan, models: ModelsOverTime) -> tuple[AdjustedMeansBy, ...]:
    """Adjusted means by wave for each variable that has a product with time in the model.

    Each is told from the model of its variable (``ModelsOverTime.of``). The other variables are
    held at their means over all rows, as in ``adjusted_means``. A number stands half a standard
    deviation over the rows below its mean, and above; where only a function of it is in the model
    it is left out.
    """
    out = []
    for variable in _with_time(plan, models.mean):
        solution = models.of(plan, variable)
        points = _points(plan, solution, variable)
        if points:
            groups = tuple(_group(plan, solution, variable, p, points[0]) for p in points)
            test = policy_by_time(plan, solution, variable)
            out.append(AdjustedMeansBy(variable=variable, groups=groups, test=test))
    return tuple(out)


@dataclass(frozen=True)
class HeldValue:
    """Where a variable is held: at a category, or at a value of a number."""

    category: str | None = None
    value: float | None = None


def _with_time(plan: Plan, solution: Solution) -> list[str]:
    """Variables that share a column of the fixed part with time, in the order of the model."""
    found: dict[str, None] = {}
    for coded in solution.working.fixed:
        names = coded.term.variables
        if plan.time.name in names:
            found.update(dict.fromkeys(name for name in names if name != plan.time.name))
    return list(found)


def _points(plan: Plan, solution: Solution, variable: str) -> list[HeldValue]:
    if variable in plan.categories:
        return [HeldValue(category=c) for c in plan.categories[variable]]
    used = {
        function
        for coded in solution.working.fixed
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
    plan: Plan, solution: Solution, variable: str, point: HeldValue, first: HeldValue
) -> GroupOfMeans:
    """One group: its means by wave, each with its difference from the first group."""
    rows = []
    for wave in plan.time.waves:
        own, other = (_weights(plan, solution, variable, wave, p) for p in (point, first))
        difference = None if point is first else solution.contrast(own - other)
        mean = dict(solution.contrast(own))
        rows.append(GroupMean(**mean, wave=wave, difference=difference))
    return GroupOfMeans(category=point.category, value=point.value, rows=tuple(rows))


def _weights(
    plan: Plan, solution: Solution, variable: str, wave: str, point: HeldValue
) -> np.ndarray:
    """Weights (p,) of the fixed effects in the mean of a group in a wave."""
    out = []
    for coded in solution.working.fixed:
        rest, own = coded.column.split(variable)
        weight = _value(own, point) * time_value(plan, rest, wave)
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
