"""Variances, shares and correlations are pooled where they are near normal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.statistics.pooling.rubin import pooled
from mlm.statistics.pooling.scales import FISHER_Z, IDENTITY, LOG, LOGIT, pooled_on
from tests.drawn_cases import cases

EXAMPLES = settings(max_examples=cases(30), derandomize=True)
BOUNDS = {"log": (0.0, np.inf), "logit": (0.0, 1.0), "fisher_z": (-1.0, 1.0)}
SCALES = [LOG, LOGIT, FISHER_Z]


@pytest.mark.parametrize("scale", SCALES, ids=lambda s: s.name)
def test_a_scale_is_undone_and_its_slope_is_its_derivative(scale):
    at = np.array([0.1, 0.4, 0.83])
    assert scale.back(scale.to(at)) == pytest.approx(at)
    step = 1e-6
    assert scale.slope(at) == pytest.approx(
        (scale.to(at + step) - scale.to(at - step)) / (2 * step), rel=1e-6
    )


@EXAMPLES
@given(
    values=st.lists(st.floats(0.01, 0.99), min_size=2, max_size=10),
    scale=st.sampled_from(SCALES),
    error=st.floats(0.01, 0.5),
)
def test_intervals_stay_inside_the_bounds(values, scale, error):
    found = pooled_on(scale, np.array(values), np.full(len(values), error**2), 30.0)
    low, high = BOUNDS[scale.name]
    assert low <= found.lower <= found.estimate <= found.upper <= high
    assert min(values) - 1e-9 <= found.estimate <= max(values) + 1e-9
    assert found.scale == scale.name and found.on_bound == 0


def test_variances_are_means_with_an_interval_of_logs():
    found = pooled_on(LOG, np.array([1.0, 2.0]), np.array([0.01, 0.04]))
    logs = pooled(np.log([[1.0], [2.0]]), np.full((2, 1, 1), 0.01))
    assert found.estimate == 1.5
    assert found.std_error == pytest.approx(np.sqrt(0.025 + 1.5 * 0.5))
    assert found.imputation_error == pytest.approx(np.sqrt(1.5 * 0.5))
    assert found.upper / found.estimate == pytest.approx(found.estimate / found.lower)
    assert (found.df, found.riv) == (pytest.approx(logs.df[0]), pytest.approx(logs.riv[0]))


def test_a_variance_that_is_known_to_no_order_of_magnitude_has_no_upper_end():
    found = pooled_on(LOG, np.array([1.0, 100.0]), np.array([0.01, 100.0]))
    assert found.lower < 1e-6 * found.estimate and found.upper == np.inf


def test_a_zero_is_told_and_pooled_as_it_is():
    found = pooled_on(LOG, np.array([0.0, 0.0, 3.0]), np.array([1.0, 1.0, 1.0]))
    assert (found.on_bound, found.scale) == (2, IDENTITY.name)
    assert found.estimate == pytest.approx(1.0)
    assert found.lower == 0.0


@pytest.mark.parametrize("scale", SCALES, ids=lambda s: s.name)
def test_equal_values_keep_their_error(scale):
    found = pooled_on(scale, np.full(4, 0.3), np.full(4, 0.05**2))
    assert found.estimate == pytest.approx(0.3)
    assert found.std_error == pytest.approx(0.05)
    assert found.riv == 0.0


def test_without_errors_only_the_estimate_is_pooled():
    found = pooled_on(LOGIT, np.array([0.2, 0.8]))
    assert found.estimate == pytest.approx(0.5)
    assert np.isnan(found.std_error) and np.isnan(found.lower)
