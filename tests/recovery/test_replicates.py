"""Two-stage samples with informative selection of schools: what intervals by replicates cover."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import mlm
from tests.bands import binomial_band

SCHOOLS, PUPILS, POPULATION = 150, 20, 4000
INTERCEPT, SLOPE, SCHOOL_VARIANCE, PUPIL_VARIANCE = 5.0, 1.0, 1.0, 4.0
SAMPLES = 400
COVERAGE = (0.915, 0.965)  # of the school variance a little less: few schools of large weight
DESIGN = mlm.SamplingDesign(
    {"row": "w", "school": "ws"},
    replicates=mlm.jk2(zone="zone", unit="half"),
)


def sample(rng: np.random.Generator) -> pd.DataFrame:
    """Schools with large effects are drawn more often; pairs of neighbours in the order drawn."""
    effects = np.sqrt(SCHOOL_VARIANCE) * rng.normal(size=POPULATION)
    size = np.exp(0.5 * effects)
    chance = SCHOOLS * size / size.sum()
    ticks = np.arange(SCHOOLS) + rng.random()
    drawn = np.searchsorted(np.cumsum(chance), ticks)
    school = np.repeat(np.arange(SCHOOLS), PUPILS)
    x = rng.normal(size=school.size)
    y = INTERCEPT + SLOPE * x + effects[drawn][school]
    y += np.sqrt(PUPIL_VARIANCE) * rng.normal(size=school.size)
    weight = (1.0 / chance[drawn])[school]
    return pd.DataFrame(
        {
            "y": y,
            "x": x,
            "school": school,
            "zone": school // 2,
            "half": school % 2,
            "ws": weight,
            "w": weight * 3.0,
        }
    )


@pytest.mark.study
def test_intervals_by_replicates_cover():
    rng, inside, without = np.random.default_rng(20_261_128), [], []
    truth = np.array([INTERCEPT, SLOPE, SCHOOL_VARIANCE, PUPIL_VARIANCE])
    for _ in range(SAMPLES):
        frame = sample(rng)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = mlm.fit("y ~ x + (1 | school)", frame, design=DESIGN)
            refitted = mlm.replicate(fit, frame).fit
            plain = mlm.fit("y ~ x + (1 | school)", frame)
        for found, where in ((fit, inside), (refitted, without)):
            values = np.r_[found.beta, found.design.variances]
            errors = np.sqrt(np.diagonal(found.design.covariance))
            where.append(np.abs(values - truth) <= 1.992 * errors)  # t with 75
        assert plain.beta[0] > INTERCEPT  # selection is informative
    low, high = binomial_band(SAMPLES, COVERAGE)
    for coverage in (np.mean(inside, axis=0), np.mean(without, axis=0)):
        assert ((coverage >= low) & (coverage <= high)).all(), coverage
