"""Adjusted means by wave within the categories of a variable whose effect changes over time."""

from __future__ import annotations

import numpy as np

from mlm.nouns.columns import Column
from mlm.nouns.model import Factor
from mlm.nouns.plan import Plan
from mlm.statistics.answers.over_time.which_model import OverTime
from mlm.statistics.answers.policy.policy_records import policy_by_time
from mlm.statistics.answers.records import plain, test_or_none
from mlm.statistics.answers.slopes.cross_level import column_spread
from mlm.statistics.answers.variables.adjusted_means import time_value
from mlm.statistics.evidence.moments import raw_mean
from mlm.statistics.fitting.solution import Solution

IDENTITY = "identity"
SIDES = (-0.5, 0.5)  # standard deviations from the mean: one apart, and hardly ever out of range


def standards_by_group(plan: Plan, told: OverTime) -> list[dict]:
    """Adjusted means by wave for each variable that has a product with time in the model.

    Each is told from the model of its variable (``OverTime.of``). The other variables are held at
    their means over all rows, as in ``standards_by_wave``. A number stands half a standard
    deviation over the rows below its mean, and above; where only a function of it is in the model
    it is left out.

    Returns
    -------
    list of dict
        ``variable``; ``groups``: ``category`` or ``value``, and ``rows`` by ``wave`` with
        ``estimate``, ``std_error``, ``df``, ``p_value``, ``lower``, ``upper`` in units of the
        outcome, and the same of the ``difference`` from the first group; ``test``: that the
        differences between the groups are the same in every wave.
    """
    out = []
    for variable in _with_time(plan, told.mean):
        solution = told.of(plan, variable)
        points = _points(plan, solution, variable)
        if not points:
            continue
        test = policy_by_time(plan, solution, variable)
        groups = [_group(plan, solution, variable, point, points[0]) for point in points]
        record = {"variable": variable, "groups": groups}
        out.append({**record, "test": test_or_none(test)})
    return plain(out)


def _with_time(plan: Plan, solution: Solution) -> list[str]:
    """Variables that share a column of the fixed part with time, in the order of the model."""
    found: dict[str, None] = {}
    for coded in solution.working.fixed:
        names = coded.term.variables
        if plan.time.name in names:
            found.update(dict.fromkeys(name for name in names if name != plan.time.name))
    return list(found)


def _points(plan: Plan, solution: Solution, variable: str) -> list[dict]:
    if variable in plan.categories:
        return [{"category": c, "value": None} for c in plan.categories[variable]]
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
    return [{"category": None, "value": middle + side * spread} for side in SIDES]


def _group(plan: Plan, solution: Solution, variable: str, point: dict, first: dict) -> dict:
    """One group: its means by wave, each with its difference from the first group."""
    rows = []
    for wave in plan.time.waves:
        own, other = (_weights(plan, solution, variable, wave, **p) for p in (point, first))
        difference = None if point is first else solution.contrast(own - other)
        rows.append({"wave": wave, **solution.contrast(own), "difference": difference})
    return {**point, "rows": rows}


def _weights(plan: Plan, solution: Solution, variable: str, wave: str, category, value):
    """Weights (p,) of the fixed effects in the mean of a group in a wave."""
    out = []
    for coded in solution.working.fixed:
        rest, own = coded.column.split(variable)
        without, _ = rest.split(plan.time.name)
        weight = _value(own, category, value) * time_value(plan, rest, wave)
        out.append(weight * raw_mean(without, solution.stats) if weight else 0.0)
    return np.array(out)


def _value(own: Column, category: str | None, value: float | None) -> float:
    """Value of the part of a raw column that a variable contributes."""
    out = 1.0
    for _, wanted in own.indicators:
        out *= float(wanted == category)
    for _, _, exponent in own.powers:
        out *= value**exponent
    return out
