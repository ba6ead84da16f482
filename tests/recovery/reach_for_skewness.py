"""How far intervals of variances and shares have to reach for the skewness of their errors.

Samples of eight populations; their intervals are made anew with several bounds on how much farther
they reach than by t alone (``MOST_FOR_SKEWNESS``), 1 being t alone.

    python -m tests.recovery.reach_for_skewness 250
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

import mlm
from mlm.nouns.distributions import student_quantile
from mlm.nouns.formula import parse_formula
from mlm.rows.accumulating.model_statistics import statistics_of
from mlm.statistics.fitting.design.skewness import skewed_reach
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.pooling.scales import LOG, LOGIT, Transformation
from tests.recovery.test_shares_of_samples import PUPIL_VARIANCE, SHARE, SLOPED, sloped
from tests.recovery.test_weighted_samples import clusters_of

BOUNDS = (2.0, 1.25, 1.0)
ADJUSTED = "y ~ x + z + (1 | school)"
SLOPES = "y ~ x + (1 + x | school)"


def by_size(rng: np.random.Generator, schools: int, spread: float) -> pd.DataFrame:
    """About so many schools, with chances whose logarithms spread so, whatever their effects."""
    count = 12 * schools
    effects, z = rng.normal(size=count), rng.normal(size=count)
    chance = np.exp(spread * rng.normal(size=count))
    chance = chance / chance.sum() * schools
    drawn = np.flatnonzero(rng.random(count) < chance)
    school = np.repeat(drawn, 20)
    x = rng.normal(size=school.size) + 0.4 * np.repeat(rng.normal(size=drawn.size), 20)
    error = np.sqrt(PUPIL_VARIANCE) * rng.normal(size=school.size)
    y = 1.0 + 0.5 * x + 0.4 * z[school] + effects[school] + error
    return pd.DataFrame(
        {"y": y, "x": x, "z": z[school], "school": school, "ws": 1 / chance[school]}
    )


POPULATIONS: dict[str, tuple[str, Callable]] = {
    "30, by their effects": (ADJUSTED, partial(clusters_of, schools=30)),
    "40, by size": (ADJUSTED, partial(by_size, schools=40, spread=0.5)),
    "60, by their effects": (ADJUSTED, partial(clusters_of, schools=60)),
    "150, by their effects": (ADJUSTED, partial(clusters_of, schools=150)),
    "150, by size": (ADJUSTED, partial(by_size, schools=150, spread=0.5)),
    "150, by very unequal size": (ADJUSTED, partial(by_size, schools=150, spread=0.9)),
    "80, with slopes": (SLOPES, partial(sloped, schools=80)),
    "150, with slopes": (SLOPES, partial(sloped, schools=150)),
}


def ends(fit: Fit, bound: float) -> dict[str, tuple[float, float, float]]:
    """Truth, lower and upper end of each variance of schools, and of their share."""
    design, out = fit.design, {}
    first = design.variances.size
    own = np.sqrt(np.diagonal(design.covariance))[-first:]
    for i, name in enumerate(design.names):
        if name.group != "school" or name.term2 is not None:
            continue
        slope = int(name.term1 == "x")
        value, error = design.variances[i], design.log_errors[i]
        error = own[i] / value if np.isnan(error) else error
        df = design.degrees[-first:][i]
        found = _ends(LOG, value, error, df, design.skewness[i], bound)
        out["variance of slopes" if slope else "variance"] = (SLOPED[slope, slope], *found)
    if len(out) == 1:
        share = next(each for each in design.shares if each.group == "school")
        told = share.share, share.logit_error, share.df, share.skewness
        out["share"] = (SHARE, *_ends(LOGIT, *told, bound))
    return out


def _ends(scale: Transformation, value, error, df, skew, bound: float) -> tuple[float, float]:
    if not scale.holds(np.float64(value)):
        return value, value
    reach = student_quantile(0.975, df)
    below, above = skewed_reach(reach, skew, bound)
    at = float(scale.to(np.float64(value)))
    return float(scale.back(at - below * error)), float(scale.back(at + above * error))


def tell(name: str, samples: int) -> None:
    """Print rates, and upper ends in half and in nine of ten samples, by bound."""
    (formula, make), rng = POPULATIONS[name], np.random.default_rng([92, samples])
    design, found = mlm.SamplingDesign({"school": "ws"}), []
    for _ in range(samples):
        stats = statistics_of(parse_formula(formula), make(rng), design=design)
        fit = mlm.fit(formula, stats)
        found.append([ends(fit, bound) for bound in BOUNDS])
    for quantity in found[0][0]:
        each = np.array([[own[quantity] for own in bounds] for bounds in found])
        true, lower, upper = np.moveaxis(each, -1, 0)
        held = ((lower <= true) & (true <= upper)).mean(axis=0)
        half, most = np.quantile(upper, [0.5, 0.9], axis=0)
        cells = [f"{h:.3f}, {a:.2f}, {b:.2f}" for h, a, b in zip(held, half, most, strict=True)]
        print(f"| {name} | {quantity} | {true[0, 0]:g} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for population in POPULATIONS:
            tell(population, int(sys.argv[1]))
