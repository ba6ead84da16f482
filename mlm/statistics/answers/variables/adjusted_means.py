"""Adjusted means by wave, and mean effects: combinations of the fixed effects of a fit.

Covariates are held at their mean over all rows of the sample.
"""

from __future__ import annotations

import numpy as np

from mlm.nouns.coding import code_terms, model_columns
from mlm.nouns.columns import Column
from mlm.nouns.model import Factor, Term
from mlm.nouns.plan import Plan
from mlm.results.over_time import AdjustedMean
from mlm.results.test import RefusedTest, Test
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import raw_mean
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.inference.f_tests import f_test


def adjusted_means(plan: Plan, solution: Solution) -> tuple[AdjustedMean, ...]:
    """Adjusted mean of the outcome in each wave, covariates at their overall means.

    Returns
    -------
    tuple of AdjustedMean
        In units of the outcome; the error of a change from the first wave allows for all that the
        waves have in common.
    """
    weights = [_mean_weights(plan, solution, wave) for wave in plan.time.waves]
    return tuple(
        AdjustedMean(
            **dict(solution.contrast(own)),
            wave=wave,
            change=solution.contrast(own - weights[0]) if i else None,
        )
        for i, (wave, own) in enumerate(zip(plan.time.waves, weights, strict=True))
    )


def adjusted_means_test(plan: Plan, solution: Solution) -> Test | RefusedTest | None:
    """Joint test that the adjusted mean is the same in every wave; None with one wave."""
    first, *others = [_mean_weights(plan, solution, wave) for wave in plan.time.waves]
    return f_test(solution, np.array([own - first for own in others])) if others else None


def _mean_weights(plan: Plan, solution: Solution, wave: str) -> np.ndarray:
    """Weights (p,) of the fixed effects in the adjusted mean of a wave."""
    columns = [column.column for column in solution.working.fixed]
    return np.array(
        [
            time_value(plan, column, wave) * raw_mean(without_time(plan, column), solution.stats)
            for column in columns
        ]
    )


def without_time(plan: Plan, column: Column) -> Column:
    """A raw column without the part that is made of time."""
    return column.split(plan.time.name)[0]


def time_value(plan: Plan, column: Column, wave: str) -> float:
    """Value in a wave of the part of a raw column that is made of time.

    Parameters
    ----------
    plan : Plan
        The analysis.
    column : Column
        A raw column.
    wave : str
        Name of the wave.
    """
    _, part = column.split(plan.time.name)
    value = 1.0
    for _, category in part.indicators:
        value *= float(category == wave)
    for _, _, exponent in part.powers:
        value *= plan.time.times[plan.time.waves.index(wave)] ** exponent
    return value


def mean_slope(column: Column, variable: str, stats: CrossProducts) -> float:
    """Derivative of a raw column by a number, averaged over all rows.

    Parameters
    ----------
    column : Column
        A raw column.
    variable : str
        The number.
    stats : CrossProducts
        The sample.
    """
    rest, part = column.split(variable)
    if not part.powers:
        return 0.0
    ((name, function, exponent),) = part.powers
    if exponent > 1:
        rest = rest.times(Column(powers=((name, function, exponent - 1),)))
    return exponent * raw_mean(rest, stats)


def mean_effects(fit: Fit, variable: str, stats: CrossProducts) -> dict[str, float]:
    """Effect of each column of a variable, averaged over all rows.

    Products and powers of the variable are part of it, those with time too.

    Parameters
    ----------
    fit : Fit
        The model.
    variable : str
        The variable.
    stats : CrossProducts
        The sample.

    Returns
    -------
    dict of str to float
        By raw column: of a number per unit, of a category against the reference; in units of the
        outcome.
    """
    categories = stats.columns.categories
    beta = dict(zip(fit.names, fit.beta, strict=True))
    fixed = [c for c in model_columns(fit.model, categories)[0] if c.name in beta]
    out = {}
    for coded in code_terms((Term(), Term((Factor(variable),))), categories)[1:]:
        changes = (_change(c.column, coded.column, variable, stats) for c in fixed)
        effects = (beta[c.name] for c in fixed)
        out[coded.name] = float(sum(b * d for b, d in zip(effects, changes, strict=True)))
    return out


def _change(column: Column, own: Column, variable: str, stats: CrossProducts) -> float:
    """What a fixed column changes by, on average, when a column of a variable does by one."""
    if not own.indicators:
        return mean_slope(column, variable, stats)
    rest, part = column.split(variable)
    return raw_mean(rest, stats) if part == own else 0.0
