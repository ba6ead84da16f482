"""Effects within units and between them: Mundlak's split, with the contextual effect.

A variable and its unit means stand together in a model. The coefficient of a mean is then the
contextual effect, what a unit's mean adds for cases alike in the variable itself; the effect
between units is the effect within plus the contextual effects of the units inside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from mlm.nouns.columns import Column
from mlm.nouns.plan import Plan
from mlm.results.reason import NotInModel
from mlm.results.variables import UnitMean, WithinBetween
from mlm.statistics.answers.variables.adjusted_means import mean_change, mean_slope
from mlm.statistics.evidence.names import variable_level
from mlm.statistics.fitting.solution import Solution


def within_between(
    plan: Plan, models: Sequence[tuple[Literal["full", "settled"], Solution]]
) -> tuple[WithinBetween, ...]:
    """Effects within and between units of the variables that the plan splits.

    Effects are slopes averaged over the rows, in units of the response per unit of the variable;
    the effect between units is that within plus the contextual effects of the units inside.

    Parameters
    ----------
    plan : Plan
        Names the variables and their unit means, which for a category are its shares.
    models : sequence of (str, Solution)
        Models by name.

    Source
    ------
    Mundlak (1978), Econometrica 46, 69-85; Bell, Fairbrother and Jones (2019), Qual. Quant. 53,
    1051-1074.
    """
    return tuple(
        _split(plan, name, solution, variable, category)
        for variable in plan.unit_means
        for category in plan.categories.get(variable, (None, None))[1:]
        for name, solution in models
    )


def _split(
    plan: Plan, name: str, solution: Solution, variable: str, category: str | None
) -> WithinBetween:
    known = {"variable": variable, "category": category, "model": name}
    means = [m for m in plan.unit_means[variable] if plan.unit_shares.get(m) == category]
    present = {v for column in solution.fixed for v in column.column.variables}
    if variable not in present:
        return WithinBetween(**known, within=None, means=(), reason=NotInModel(what="variable"))
    within = effect_weights(solution, variable, category)
    rows = [
        UnitMean(
            term=mean,
            level=variable_level(plan, mean),
            between=solution.contrast(between),
            contextual=solution.contrast(contextual),
        )
        for mean, between, contextual in over_means(
            solution, within, {mean: mean for mean in means if mean in present}
        )
    ]
    return WithinBetween(
        **known,
        within=solution.contrast(within),
        means=tuple(rows),
        reason=None if rows else NotInModel(what="unit_mean"),
    )


def over_means(
    solution: Solution, within: np.ndarray, means: Mapping[str, str]
) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Weights (p,) of the effects between units and of the contextual ones, outermost first.

    Parameters
    ----------
    solution : Solution
        The model.
    within : ndarray (p,)
        Weights of the effect within.
    means : mapping of str to str
        Columns of the model that hold each unit mean, outermost first.
    """
    out, inside = [], within
    for mean, column in reversed(means.items()):
        contextual = slope_weights(solution, column)
        inside = inside + contextual
        out.append((mean, inside, contextual))
    return out[::-1]


def effect_weights(solution: Solution, variable: str, category: str | None) -> np.ndarray:
    """Weights (p,) of the fixed effects in an effect, averaged over the rows.

    Parameters
    ----------
    solution : Solution
        The model.
    variable : str
        The variable.
    category : str or None
        Its difference from the reference; None: the slope of a number.
    """
    if category is None:
        return slope_weights(solution, variable)
    own = Column(indicators=((variable, category),))
    return np.array([mean_change(c.column, own, variable, solution.stats) for c in solution.fixed])


def slope_weights(solution: Solution, variable: str) -> np.ndarray:
    """Weights (p,) of the fixed effects in the slope on a number, averaged over the rows."""
    columns = solution.fixed
    return np.array([mean_slope(c.column, variable, solution.stats) for c in columns])
