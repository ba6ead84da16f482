"""Intervals of the variance between schools, and of its share, hold the truth in 95 of 100 samples.

Schools are drawn with chances that rise with their effects: thirty by the jackknife, 150 by
linearised errors, 150 in pairs by JK2, without and with fits to every replicate. So are eighty
and 150 schools that have slopes, whose variances have intervals too.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.nouns.formula import parse_formula
from mlm.rows.accumulating.model_statistics import statistics_of
from mlm.statistics.pooling.components import components_of
from mlm.statistics.pooling.pooled_components import pooled_components
from tests.bands import binomial_band
from tests.recovery import test_replicates, test_weighted_samples

SAMPLES = 1000
HELD = (0.94, 0.97)
"""Share of intervals of 95 % that hold the truth; with thirty schools they are a little wide."""
SCHOOL_VARIANCE, PUPIL_VARIANCE = 1.0, 4.0
SHARE = SCHOOL_VARIANCE / (SCHOOL_VARIANCE + PUPIL_VARIANCE)


def _holds(fit, stats) -> tuple[bool, bool]:
    """Whether the intervals of the variance and of its share hold theirs."""
    (parts,) = [components_of(fit, fit.random_names, stats)]
    variance = pooled_components([parts], (1,))[0].value
    share = next(s for s in fit.design.shares if s.group == "school")
    return (
        variance.lower <= SCHOOL_VARIANCE <= variance.upper,
        share.lower <= SHARE <= share.upper,
    )


def _of_clusters(rng: np.random.Generator, schools: int) -> list[tuple[bool, bool]]:
    rows = test_weighted_samples.clusters_of(rng, schools)
    design = mlm.SamplingDesign({"school": "ws"})
    formula = "y ~ x + z + (1 | school)"
    stats = statistics_of(parse_formula(formula), rows, design=design)
    return [_holds(mlm.fit(formula, stats), stats)]


def _of_pairs(rng: np.random.Generator) -> list[tuple[bool, bool]]:
    rows, formula = test_replicates.sample(rng), "y ~ x + (1 | school)"
    stats = statistics_of(parse_formula(formula), rows, design=test_replicates.DESIGN)
    stats = mlm.with_replicates(stats, rows)
    fit = mlm.fit(formula, stats)
    return [_holds(fit, stats), _holds(mlm.replicate(fit, stats).fit, stats)]


DRAWN = {
    "30 schools, jackknife": lambda rng: _of_clusters(rng, 30),
    "150 schools, linearised": lambda rng: _of_clusters(rng, 150),
    "150 schools, JK2 without and with refits": _of_pairs,
}


def rates(name: str, samples: int = SAMPLES) -> np.ndarray:
    """Share of samples (k, 2) whose intervals of variance and share hold, k kinds of errors."""
    rng = np.random.default_rng([15, list(DRAWN).index(name)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mlm.errors.SingularFit)
        return np.mean([DRAWN[name](rng) for _ in range(samples)], axis=0)


SLOPED = np.array([[1.0, 0.18], [0.18, 0.36]])
"""Covariance of the effects and slopes of schools."""
SLOPED_SAMPLES = 500
SLOPED_HELD = (0.94, 0.985)
"""The same of variances of slopes: their intervals are wider than they need be."""


def sloped(rng: np.random.Generator, schools: int) -> pd.DataFrame:
    """About so many of twelve times as many schools, twenty pupils each."""
    effects = rng.multivariate_normal([0.0, 0.0], SLOPED, 12 * schools)
    chance = np.exp(0.5 * rng.normal(size=len(effects)) + 0.3 * effects[:, 0])
    chance = chance / chance.sum() * schools
    drawn = np.flatnonzero(rng.random(len(effects)) < chance)
    school = np.repeat(drawn, 20)
    x = rng.normal(size=school.size) + 0.4 * np.repeat(rng.normal(size=drawn.size), 20)
    y = 1.0 + effects[school, 0] + (0.5 + effects[school, 1]) * x
    y = y + np.sqrt(PUPIL_VARIANCE) * rng.normal(size=school.size)
    return pd.DataFrame({"y": y, "x": x, "school": school, "ws": 1.0 / chance[school]})


def _holds_sloped(rng: np.random.Generator, schools: int) -> tuple[bool, bool]:
    """Whether the intervals of the variances of effects and slopes hold theirs."""
    formula = parse_formula("y ~ x + (1 + x | school)")
    design = mlm.SamplingDesign({"school": "ws"})
    stats = statistics_of(formula, sloped(rng, schools), design=design)
    fit = mlm.fit(formula.formula, stats)
    found = pooled_components([components_of(fit, fit.random_names, stats)], (1,))
    pairs = zip(found[:2], np.diagonal(SLOPED), strict=True)
    effects, slopes = (part.value.lower <= true <= part.value.upper for part, true in pairs)
    return effects, slopes


@pytest.mark.study
@pytest.mark.parametrize("schools", [80, 150])
def test_intervals_hold_the_variance_of_slopes(schools):
    rng = np.random.default_rng([17, schools])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mlm.errors.SingularFit)
        found = np.mean([_holds_sloped(rng, schools) for _ in range(SLOPED_SAMPLES)], axis=0)
    low, high = binomial_band(SLOPED_SAMPLES, SLOPED_HELD)
    assert ((found >= low) & (found <= high)).all(), found


@pytest.mark.study
@pytest.mark.parametrize("name", DRAWN)
def test_intervals_hold_the_variance_of_schools_and_its_share(name):
    low, high = binomial_band(SAMPLES, HELD)
    found = rates(name)
    assert ((found >= low) & (found <= high)).all(), found
