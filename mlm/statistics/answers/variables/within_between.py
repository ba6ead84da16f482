"""Effects within units and between them: Mundlak's split, with the contextual effect.

A variable and its unit means stand together in a model. The coefficient of a mean is then the
contextual effect, what a unit's mean adds for cases alike in the variable itself; the effect
between units is the effect within plus the contextual effects of the units inside.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.nouns.plan import Plan
from mlm.statistics.answers.records import plain
from mlm.statistics.answers.variables.adjusted_means import mean_slope
from mlm.statistics.fitting.solution import Solution


def between_records(plan: Plan, solutions: Sequence[tuple[str, Solution]]) -> list[dict]:
    """Effects within and between units of the variables that the plan splits.

    Parameters
    ----------
    plan : Plan
        Names the variables and their unit means.
    solutions : sequence of (str, Solution)
        Models by name, such as full and final.

    Returns
    -------
    list of dict
        ``variable``, ``model``, ``within``, and ``means``: one entry a mean in the model, outermost
        unit first, with ``term``, ``level``, ``between`` and ``contextual`` (between minus what
        holds one level further in). Effects are slopes averaged over the rows, with ``estimate``,
        ``std_error``, ``df``, ``p_value``, ``lower``, ``upper``, in units of the response per unit
        of the variable. ``reason`` says why a model has no split.

    Source
    ------
    Mundlak (1978), Econometrica 46, 69-85; Bell, Fairbrother and Jones (2019), Qual. Quant. 53,
    1051-1074.
    """
    records = []
    for variable, means in plan.between.items():
        for name, solution in solutions:
            record = {"variable": variable, "model": name}
            records.append(plain({**record, **_split(plan, solution, variable, means)}))
    return records


def _split(plan: Plan, solution: Solution, variable: str, means: Sequence[str]) -> dict:
    present = {v for column in solution.working.fixed for v in column.column.variables}
    if variable not in present:
        return {"within": None, "means": [], "reason": "the variable is not in the model"}
    inside = slope_weights(solution, variable)
    rows = []
    for mean in reversed([name for name in means if name in present]):
        contextual = slope_weights(solution, mean)
        rows.insert(
            0,
            {
                "term": mean,
                "level": plan.variable_levels[mean],
                "between": solution.contrast(inside + contextual),
                "contextual": solution.contrast(contextual),
            },
        )
        inside = inside + contextual
    reason = None if rows else "no mean over units is in the model"
    within = solution.contrast(slope_weights(solution, variable))
    return {"within": within, "means": rows, "reason": reason}


def slope_weights(solution: Solution, variable: str) -> np.ndarray:
    """Weights (p,) of the fixed effects in the slope on a number, averaged over the rows."""
    columns = solution.working.fixed
    return np.array([mean_slope(c.column, variable, solution.stats) for c in columns])
