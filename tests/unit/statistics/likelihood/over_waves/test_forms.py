"""Forms of a covariance over waves: positive definite at any parameters, exact derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.nouns import model as nouns
from mlm.statistics.likelihood.over_waves.forms import FORMS
from tests.drawn_cases import cases

NUMBERS = st.lists(st.floats(-2.0, 2.0), min_size=20, max_size=20)
CASES = settings(max_examples=cases(12), derandomize=True)
STEP = 1e-6


def parameters(form, size: int, is_scaled: bool, numbers) -> np.ndarray:
    """Any parameters, those bounded by zero positive."""
    bounded = form.bounded(size, is_scaled)
    return np.where(bounded, np.exp(numbers[: bounded.size]), numbers[: bounded.size])


def test_formulas_know_all_forms():
    assert set(nouns.FORMS) == set(FORMS)


@pytest.mark.battery
@pytest.mark.parametrize("is_scaled", [False, True])
@pytest.mark.parametrize("name", FORMS)
@CASES
@given(numbers=NUMBERS, size=st.integers(2, 5))
def test_a_covariance_is_positive_definite_with_exact_derivatives(name, is_scaled, numbers, size):
    form = FORMS[name]
    p = parameters(form, size, is_scaled, numbers)
    matrix = form.matrix(p, size, is_scaled)
    assert matrix == pytest.approx(matrix.T)
    assert np.linalg.eigvalsh(matrix)[0] > -1e-12
    if is_scaled:
        assert matrix[0, 0] == pytest.approx(1.0)
    found = form.derivatives(p, size, is_scaled)
    assert found.shape == (p.size, size, size)
    for k, along in enumerate(found):
        ends = [
            form.matrix(p + sign * STEP * np.eye(p.size)[k], size, is_scaled) for sign in (1, -1)
        ]
        assert along == pytest.approx((ends[0] - ends[1]) / (2.0 * STEP), abs=1e-6, rel=1e-6)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("is_scaled", [False, True])
@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("far", [-800.0, 800.0])
def test_a_search_may_go_far(name, is_scaled, far):
    form = FORMS[name]
    p = np.where(form.bounded(3, is_scaled), 1.0, far)
    assert np.isfinite(form.matrix(p, 3, is_scaled)).all()
    assert np.isfinite(form.derivatives(p, 3, is_scaled)).all()


@pytest.mark.parametrize("name", FORMS)
def test_a_form_begins_with_equal_standard_deviations(name):
    for is_scaled in (False, True):
        form = FORMS[name]
        matrix = form.matrix(form.start(4, is_scaled), 4, is_scaled)
        assert np.diagonal(matrix) == pytest.approx(np.full(4, matrix[0, 0]))
        assert np.linalg.eigvalsh(matrix)[0] > 0.0


@pytest.mark.parametrize("is_scaled", [False, True])
@pytest.mark.parametrize("name", FORMS)
def test_derivatives_are_those_of_complex_steps(name, is_scaled):
    form, step = FORMS[name], 1e-30
    for size in (2, 3, 6):
        start = form.start(size, is_scaled)
        for p in (start + 0.3 * np.cos(np.arange(start.size)), start + 6.0):
            moved = p + 1j * step * np.eye(start.size)
            exact = [form.matrix(each, size, is_scaled).imag / step for each in moved]
            found = form.derivatives(p, size, is_scaled)
            exact = np.array(exact).reshape(found.shape)
            np.testing.assert_allclose(found, exact, rtol=1e-9, atol=1e-13)


def test_correlations_have_the_patterns_of_their_names():
    rng = np.random.default_rng(1)
    correlations = {}
    for name, form in FORMS.items():
        p = parameters(form, 4, False, rng.uniform(-1.0, 1.0, size=20))
        matrix = form.matrix(p, 4, False)
        sd = np.sqrt(np.diagonal(matrix))
        correlations[name] = matrix / np.outer(sd, sd)
    below = np.tril_indices(4, -1)
    for name in ("cs", "csh"):
        assert np.ptp(correlations[name][below]) == pytest.approx(0.0)
    for name in ("ar1", "ar1h"):
        r = correlations[name][1, 0]
        assert correlations[name][3] == pytest.approx([r**3, r**2, r, 1.0])
    toeplitz = correlations["toeph"]
    assert toeplitz[1:, 1:] == pytest.approx(toeplitz[:-1, :-1])
    product = correlations["adh"]
    assert product[2, 0] == pytest.approx(product[1, 0] * product[2, 1])
    assert correlations["diag"] == pytest.approx(np.eye(4))


@pytest.mark.battery
@pytest.mark.parametrize("is_scaled", [False, True])
@pytest.mark.parametrize("name", FORMS)
@CASES
@given(numbers=st.lists(st.floats(-0.8, 0.8), min_size=20, max_size=20), size=st.integers(2, 5))
def test_a_search_begins_at_the_covariance_it_is_given(name, is_scaled, numbers, size):
    form = FORMS[name]
    matrix = form.matrix(parameters(form, size, is_scaled, numbers), size, is_scaled)
    near = form.near(matrix, is_scaled)
    assert form.matrix(near, size, is_scaled) == pytest.approx(matrix, abs=1e-3)
    larger = form.near(7.0 * matrix / form.scale(7.0 * matrix), is_scaled)
    assert form.matrix(larger, size, is_scaled) == pytest.approx(matrix / matrix[0, 0], abs=1e-3)


@pytest.mark.parametrize("name", FORMS)
def test_a_search_begins_inside_where_correlations_are_one(name):
    form = FORMS[name]
    for matrix in (
        np.ones((4, 4)),
        np.diag([1.0, 0.0, 2.0, 0.0]),
        -np.ones((4, 4)) + 2 * np.eye(4),
    ):
        near = form.near(matrix, False)
        assert np.isfinite(near).all()
        assert np.linalg.eigvalsh(form.matrix(near, 4, False))[0] > -1e-12
