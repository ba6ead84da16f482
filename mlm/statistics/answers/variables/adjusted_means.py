"""Adjusted means by wave, and mean effects: combinations of the fixed effects of a fit.

Covariates are held at their mean over all rows of the sample.
"""

from __future__ import annotations

import numpy as np

from mlm.nouns.coding import code_terms, model_columns
from mlm.nouns.columns import Column
from mlm.nouns.model import Factor, Term
from mlm.nouns.plan import Plan
from mlm.results.over_time import AdjustedMean, CurvePoint
from mlm.results.test import RefusedTest, Test
from mlm.statistics.answers.variables.course import Course
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import raw_mean
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.inference.f_tests import f_test

CURVE_POINTS = 41  # of a line or curve, from the first wave to the last


def adjusted_means(plan: Plan, course: Course) -> tuple[AdjustedMean, ...]:
    """Adjusted mean of the outcome in each wave, covariates at their overall means.

    Parameters
    ----------
    plan : Plan
        The waves.
    course : Course
        The settled model, and what its means are told from.

    Returns
    -------
    tuple of AdjustedMean
        In units of the outcome; the error of a change from the first wave allows for all that the
        waves have in common.
    """
    told, saturated = course.told, course.saturated
    weights = [mean_weights(plan, told, wave) for wave in plan.time.waves]
    return tuple(
        AdjustedMean(
            **dict(told.contrast(own)),
            wave=wave,
            change=told.contrast(own - weights[0]) if i else None,
            saturated=saturated and _mean(plan, saturated, wave),
        )
        for i, (wave, own) in enumerate(zip(plan.time.waves, weights, strict=True))
    )


def adjusted_curve(plan: Plan, solution: Solution) -> tuple[CurvePoint, ...]:
    """Adjusted means along the line or curve of time; none where waves are categories."""
    return tuple(
        CurvePoint(time=plan.time.origin + time, estimate=_mean(plan, solution, time))
        for time in curve_times(plan)
    )


def curve_times(plan: Plan) -> list[float]:
    """Times, as they enter the models, at which a line or curve is drawn; none without one."""
    if not plan.time.is_trend:
        return []
    return np.linspace(plan.time.times[0], plan.time.times[-1], CURVE_POINTS).tolist()


def _mean(plan: Plan, solution: Solution, when: str | float) -> float:
    return float(mean_weights(plan, solution, when) @ solution.fit.beta)


def adjusted_means_test(plan: Plan, solution: Solution) -> Test | RefusedTest | None:
    """Joint test that the adjusted mean is the same in every wave; None with one wave."""
    first, *others = [mean_weights(plan, solution, wave) for wave in plan.time.waves]
    return f_test(solution, np.array([own - first for own in others])) if others else None


def mean_weights(plan: Plan, solution: Solution, when: str | float) -> np.ndarray:
    """Weights (p,) of the fixed effects in the adjusted mean of a wave, or at a time.

    Parameters
    ----------
    plan : Plan
        The waves.
    solution : Solution
        The model.
    when : str or float
        Name of the wave; or a time, where time is a number in the model.
    """
    columns = [column.column for column in solution.fixed]
    return np.array(
        [
            time_value(plan, column, when) * raw_mean(without_time(plan, column), solution.stats)
            for column in columns
        ]
    )


def without_time(plan: Plan, column: Column) -> Column:
    """A raw column without the part that is made of time, as a number or as waves."""
    return column.split(plan.time.name)[0].split(plan.time.factor)[0]


def time_value(plan: Plan, column: Column, when: str | float) -> float:
    """Value in a wave, or at a time, of the part of a raw column that is made of time.

    Parameters
    ----------
    plan : Plan
        The analysis.
    column : Column
        A raw column.
    when : str or float
        Name of the wave; or a time as it enters the models, at which no wave is.
    """
    rest, number = column.split(plan.time.name)
    waves = (*number.indicators, *rest.split(plan.time.factor)[1].indicators)
    time = plan.time.time_of(when) if isinstance(when, str) else when
    value = float(all(category == when for _, category in waves))
    for _, _, exponent in number.powers:
        value *= time**exponent
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
    weights = weights_of_mean_effects(fit, variable, stats)
    return {name: float(own @ fit.beta) for name, own in weights.items()}


def weights_of_mean_effects(fit: Fit, variable: str, stats: CrossProducts) -> dict[str, np.ndarray]:
    """Weights (p,) of the fixed effects in the same averages, by raw column.

    Parameters
    ----------
    fit, variable, stats
        As for ``mean_effects``.
    """
    categories = stats.columns.categories
    fixed = {c.name: c.column for c in model_columns(fit.model, categories)[0]}
    return {
        coded.name: np.array(
            [mean_change(fixed[name], coded.column, variable, stats) for name in fit.names]
        )
        for coded in code_terms((Term(), Term((Factor(variable),))), categories)[1:]
    }


def mean_change(column: Column, own: Column, variable: str, stats: CrossProducts) -> float:
    """What a fixed column changes by, averaged over all rows, when one of a variable does by one.

    Parameters
    ----------
    column, own : Column
        Raw columns: of the fixed part, and of the variable itself.
    variable : str
        The variable.
    stats : CrossProducts
        The sample.
    """
    if not own.indicators:
        return mean_slope(column, variable, stats)
    rest, part = column.split(variable)
    return raw_mean(rest, stats) if part == own else 0.0
