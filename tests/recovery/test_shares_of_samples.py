"""Intervals of the variance between schools, and of its share, hold the truth in 95 of 100 samples.

Schools are drawn with chances that rise with their effects: thirty by the jackknife, 150 by
linearised errors, 150 in pairs by JK2, without and with fits to every replicate.
"""

from __future__ import annotations

import warnings

import numpy as np
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


@pytest.mark.study
@pytest.mark.parametrize("name", DRAWN)
def test_intervals_hold_the_variance_of_schools_and_its_share(name):
    low, high = binomial_band(SAMPLES, HELD)
    found = rates(name)
    assert ((found >= low) & (found <= high)).all(), found
