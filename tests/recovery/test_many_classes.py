"""A category of ten classes that is missing in rows: its coefficients are not pulled together."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import mlm
from tests.recovery.incomplete_worlds import many_classes, with_losses

pytestmark = pytest.mark.study

FORMULA = "y ~ x + kind + z + (1 | school)"
WORLDS = 16
SCHOOLS, PUPILS, CLASSES = 100, 20, 10
BIAS = 0.02, 0.05  # of coefficients and of variances, as shares of the full data's


def moved(world: int) -> np.ndarray:
    """Differences from the full data: coefficients, then variances of schools and rows.

    A second row holds the estimates of the full data, a third those of complete rows.
    """
    rng = np.random.default_rng([8, world])
    full = many_classes(rng, SCHOOLS, PUPILS, CLASSES)
    lost = with_losses(full, rng)
    drawn = mlm.impute(FORMULA, lost, 10, seed=world, burn_in=60, between=12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pooled = mlm.pool([mlm.fit(FORMULA, each) for each in drawn])
        fits = [pooled, mlm.fit(FORMULA, full), mlm.fit(FORMULA, lost)]
    found = [
        np.array([*fit.fixed_effects["estimate"], *fit.variance_components["variance"]], float)
        for fit in fits
    ]
    return np.array([found[0] - found[1], found[1], found[2]])


def test_estimates_are_those_of_the_full_data_within_small_shares():
    found = np.array([moved(world) for world in range(WORLDS)])
    mean, error = found[:, 0].mean(axis=0), found[:, 0].std(axis=0) / np.sqrt(WORLDS)
    size = np.abs(found[:, 1].mean(axis=0))
    bound = np.repeat(BIAS, [CLASSES + 2, 2]) * size
    assert (np.abs(mean) < bound + 3.0 * error).all(), (mean / size).round(4)
