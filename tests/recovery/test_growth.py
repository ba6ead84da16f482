"""Effects of products with time where units grow at their own rates."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.fitting.solution import solve
from tests.bands import binomial_band, largest_ratio
from tests.growing_units import effect, sloped

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)
SAMPLES = 60


@pytest.mark.slow
def test_errors_of_a_product_with_time_allow_for_growth_that_differs():
    found = [sloped(seed) for seed in range(SAMPLES)]
    with_slopes = [unreduced(item) for item in found]
    spread = np.std([effect(fit)["estimate"] for fit in with_slopes], ddof=1)
    errors = np.mean([effect(fit)["std_error"] for fit in with_slopes])
    near = largest_ratio(1) / np.sqrt(2.0 * (SAMPLES - 1))  # of a standard deviation of draws
    assert spread == pytest.approx(errors, rel=near)
    before = np.mean([effect(reduced[1].fit)["std_error"] for reduced, *_ in found])
    assert before < 0.5 * spread


def unreduced(item):
    """The model with slopes before anything was dropped from it."""
    reduced, _, found = item
    random = found.reml.fit.model.random
    return solve(reduced[1].fit.model.with_random(random), reduced[1].stats, "REML").fit


@pytest.mark.slow
def test_products_that_only_seemed_needed_leave_with_the_slopes_in_the_model():
    found = [sloped(seed) for seed in range(SAMPLES)]
    needed_before = np.mean([effect(reduced[1].fit)["p_value"] < 0.05 for reduced, *_ in found])
    kept = np.mean(["year:z" in item.ml.fit.terms for *_, item in found])
    assert needed_before > binomial_band(SAMPLES, 0.25)[1]
    assert kept <= binomial_band(SAMPLES, 0.1)[1], "of 16 counties the ML test keeps one in ten"
