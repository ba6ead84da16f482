"""Derivatives by differences against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.likelihood.differences import (
    changes,
    curvature,
    jacobian,
    newton_step,
    relative_steps,
)

X = np.array([0.3, -2.0, 1.1])
HESSIAN = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -0.2], [0.5, -0.2, 2.0]])
QUADRATIC = 1e-8  # rounding of differences of a quadratic, which have no truncation error


def quadratic(x: np.ndarray) -> float:
    return float(0.5 * x @ HESSIAN @ x)


def test_steps_grow_with_the_parameters_but_for_small_ones():
    assert relative_steps(np.array([0.0, -0.05, 5.0]), 1e-2) == pytest.approx([1e-3, 1e-3, 5e-2])


def test_the_jacobian_of_a_matrix_function_is_that_of_its_cells():
    found = jacobian(lambda x: np.outer(x, x), X, np.full(3, 1e-4))
    assert found.shape == (3, 3, 3)
    assert found[1] == pytest.approx(np.outer([0, 1, 0], X) + np.outer(X, [0, 1, 0]))
    assert changes(lambda x: x, X, np.full(3, 0.5)) == pytest.approx(np.eye(3))


def test_the_order_of_the_moves_changes_the_order_of_calls_alone():
    called = []

    def function(x):
        called.append(int(np.flatnonzero(x != X)[0]))
        return x**2

    found = jacobian(function, X, np.full(3, 1e-4), order=[2, 0, 1])
    assert called == [2, 2, 0, 0, 1, 1]
    assert found == pytest.approx(np.diag(2.0 * X))


@pytest.mark.parametrize("mixed", ["central", "forward"])
def test_curvature_of_a_quadratic_is_exact(mixed):
    steps = np.array([1e-2, 2e-2, 3e-2])
    first, second = curvature(quadratic, X, steps, quadratic(X), mixed)
    assert first == pytest.approx(HESSIAN @ X, abs=QUADRATIC)
    assert second == pytest.approx(HESSIAN, abs=QUADRATIC)


def test_central_mixed_differences_are_free_of_third_derivatives():
    def cubic(x):
        return float(x[0] ** 2 * x[1])

    at, steps = np.array([1.0, 2.0]), np.full(2, 0.1)
    central = curvature(cubic, at, steps, cubic(at))[1][0, 1]
    forward = curvature(cubic, at, steps, cubic(at), "forward")[1][0, 1]
    assert central == pytest.approx(2.0) and forward == pytest.approx(2.1)


def test_curvature_of_a_vector_function_is_that_of_its_cells():
    def function(x):
        return np.array([quadratic(x), x[0] * x[2]])

    first, second = curvature(function, X, np.full(3, 1e-2), function(X))
    assert first.shape == (3, 2) and second.shape == (3, 3, 2)
    assert second[:, :, 0] == pytest.approx(HESSIAN, abs=QUADRATIC)
    assert second[0, 2, 1] == pytest.approx(1.0)


def test_a_newton_step_reaches_the_minimum_of_a_quadratic():
    step, gain = newton_step(HESSIAN, HESSIAN @ X)
    assert X + step == pytest.approx(np.zeros(3), abs=1e-12)
    assert gain == pytest.approx(quadratic(X))


def test_a_newton_step_goes_down_where_the_curvature_is_negative():
    slope = np.array([1.0, 1.0])
    step, gain = newton_step(np.diag([2.0, -2.0]), slope)
    assert step @ slope < 0.0 and gain > 0.0
    assert newton_step(np.zeros((0, 0)), np.zeros(0))[1] == 0.0
