"""The range that a slope has over the units as they are, and how well both its ends are known."""

from __future__ import annotations

import math

import numpy as np

from mlm.nouns.coding import code_terms, model_columns
from mlm.nouns.columns import CONSTANT, Column
from mlm.nouns.distributions import TWO_SIDED_95
from mlm.nouns.model import Factor, Term
from mlm.nouns.plan import Plan
from mlm.results.record import finite
from mlm.results.slopes import RangeOfSlope
from mlm.statistics.answers.variables.adjusted_means import weights_of_mean_effects
from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.solution import Solution
from mlm.statistics.inference.profile import Ends
from mlm.statistics.inference.variance_intervals import VarianceIntervals
from mlm.statistics.selection.random_part.slopes import SlopeTrial


def products_over_units(
    plan: Plan, slope: SlopeTrial, stats: CrossProducts
) -> dict[str, np.ndarray]:
    """What products with variables of the units make of the effect of each of them.

    Parameters
    ----------
    plan : Plan
        Where variables vary.
    slope : SlopeTrial
        A slope, with the model that it is read from.
    stats : CrossProducts
        The sample.

    Returns
    -------
    dict of str to ndarray (G, p)
        Weights of the fixed effects, centred over the units, by raw column of the slope's variable;
        zero where the mean holds no such product.
    """
    fit = slope.fit
    level = next(level for level in stats.all_levels if level.name == slope.group)
    place = [each.key for each in plan.levels].index(slope.group)
    fixed = {c.name: c.column for c in model_columns(fit.model, stats.columns.categories)[0]}
    out = {}
    for own in code_terms((Term(), Term((Factor(slope.variable),))), stats.columns.categories)[1:]:
        weights = np.zeros((level.size, fit.beta.size))
        for i, name in enumerate(fit.names):
            rest, part = fixed[name].split(slope.variable)
            if part == own.column and _is_of_units(plan, rest, place):
                weights[:, i] = _means(level, rest, stats)
        out[own.name] = weights - weights.mean(axis=0)
    return out


def sd_over_units(weights: np.ndarray, fit: Fit) -> float:
    """Standard deviation over the units, each counted once, of effects with weights (G, p)."""
    return float(np.sqrt(np.mean((weights @ fit.beta) ** 2)))


def _is_of_units(plan: Plan, column: Column, place: int) -> bool:
    """Whether a column is made of variables of units of a level, or of those around them."""
    known = plan.variable_levels
    return column != CONSTANT and all(
        v in known and plan.depth(v) <= place for v in column.variables
    )


def _means(level: GroupSums, column: Column, stats: CrossProducts) -> np.ndarray:
    """Mean of a raw column over the rows of each group, (G,)."""
    positions = stats.columns.positions
    parts = stats.columns.expansion(column).items()
    return sum(w * level.sums[0, :, positions[part]] for part, w in parts) / level.rows


def range_of_slope(
    slope: SlopeTrial, name: str, products: np.ndarray, intervals: VarianceIntervals
) -> RangeOfSlope:
    """Intervals of a slope's standard deviation and of both ends of its range.

    Parameters
    ----------
    slope : SlopeTrial
        A slope of the settled model.
    name : str
        Raw column of its variable.
    products : ndarray (G, p)
        What products with variables of the units add to the effect, as weights of fixed effects.
    intervals : VarianceIntervals
        Of the settled model.

    Source
    ------
    Ends from those of the parts: Zou and Donner (2008), Statistics in Medicine 27, 1693-1702.
    """
    solution, term = intervals.solution, Term((Factor(slope.variable),))
    random, names = solution.fit.model.random, solution.fit.random_names
    place = next(i for i, r in enumerate(random) if r.name == slope.group and term in r.terms)
    sd = intervals.deviation(place, names[place].index(name))
    weights = weights_of_mean_effects(solution.fit, slope.variable, solution.stats)[name]
    mean = solution.contrast(weights)
    value, low, high = _half_width(sd, products, solution)
    ends = [np.nan] * 4
    if mean.lower is not None and mean.upper is not None:
        down, up = mean.estimate - mean.lower, mean.upper - mean.estimate
        lower, upper = mean.estimate - value, mean.estimate + value
        ends = [
            lower - math.hypot(down, high - value),
            lower + math.hypot(up, value - low),
            upper - math.hypot(down, value - low),
            upper + math.hypot(up, high - value),
        ]
    return RangeOfSlope(
        sd_lower=finite(sd.lower),
        sd_upper=finite(sd.upper),
        **dict(
            zip(
                ("lower_from", "lower_to", "upper_from", "upper_to"),
                map(finite, ends),
                strict=True,
            )
        ),
    )


def _half_width(sd: Ends, products: np.ndarray, solution: Solution) -> tuple[float, float, float]:
    """Half the width of the middle 95 % of the units as they are, with the ends of its interval."""
    effects = products @ solution.fit.beta
    added = float(np.sqrt(np.mean(effects**2)))
    if not added > 0.0:
        return tuple(TWO_SIDED_95 * v for v in (sd.value, sd.lower, sd.upper))
    along = solution.contrast(products.T @ effects / (len(effects) * added))
    ends = max(along.lower or 0.0, 0.0), along.upper or np.nan
    whole = sd.value**2 + added**2
    down = math.hypot(sd.value**2 - sd.lower**2, added**2 - ends[0] ** 2)
    up = math.hypot(sd.upper**2 - sd.value**2, ends[1] ** 2 - added**2)
    return tuple(TWO_SIDED_95 * math.sqrt(max(v, 0.0)) for v in (whole, whole - down, whole + up))
