"""Effects of products with time where units grow at their own rates."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bands import binomial_band, largest_ratio
from tests.growing_units import effect, settled

pytestmark = pytest.mark.filterwarnings(
    "ignore::mlm.errors.SingularFit", "ignore::mlm.errors.NotConverged"
)
SAMPLES = 60


@pytest.mark.study
def test_errors_of_a_product_with_time_allow_for_growth_that_differs():
    found = [settled(seed) for seed in range(SAMPLES)]
    full = [item.full[1].fit for _, item in found]
    spread = np.std([effect(fit)["estimate"] for fit in full], ddof=1)
    errors = np.mean([effect(fit)["std_error"] for fit in full])
    near = largest_ratio(1) / np.sqrt(2.0 * (SAMPLES - 1))  # of a standard deviation of draws
    assert spread == pytest.approx(errors, rel=near)
    before = np.mean([effect(plain)["std_error"] for plain, _ in found])
    assert before < 0.5 * spread


@pytest.mark.study
def test_products_that_only_seemed_needed_leave_under_the_settled_random_part():
    found = [settled(seed) for seed in range(SAMPLES)]
    needed_before = np.mean([effect(plain)["p_value"] < 0.05 for plain, _ in found])
    kept = np.mean(["year:z" in item.ml.fit.terms for _, item in found])
    assert needed_before > binomial_band(SAMPLES, 0.25)[1]
    assert kept <= binomial_band(SAMPLES, 0.1)[1]
