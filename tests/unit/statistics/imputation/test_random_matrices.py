"""Draws of matrices against their moments in closed form."""

from __future__ import annotations

import numpy as np

from mlm.statistics.imputation.random_matrices import (
    inverse_wishart,
    matrix_normal,
    wishart,
    wisharts,
)
from tests.bands import largest_ratio

SCALE = np.array([[2.0, 0.5, 0.1], [0.5, 1.0, -0.2], [0.1, -0.2, 0.5]])


def _ratio(draws: np.ndarray, expected: np.ndarray) -> float:
    error = draws.std(axis=0) / np.sqrt(len(draws))
    return float((np.abs(draws.mean(axis=0) - expected) / error).max())


def test_wishart_has_its_mean_and_the_rank_of_its_degrees():
    rng = np.random.default_rng(1)
    for degrees in (0, 1, 2, 7):
        draws = np.array([wishart(degrees, 3, rng) for _ in range(400)])
        if degrees:
            assert _ratio(draws, degrees * np.eye(3)) < largest_ratio(9)
        assert np.linalg.matrix_rank(draws[0]) == min(degrees, 3)


def test_several_wishart_matrices_have_their_means_and_ranks_and_are_independent():
    rng = np.random.default_rng(4)
    degrees = np.array([0, 2, 3, 9])
    draws = np.array([wisharts(degrees, 3, rng) for _ in range(800)])
    assert not draws[:, 0].any()
    expected = degrees[1:, None, None] * np.eye(3)
    assert _ratio(draws[:, 1:], expected) < largest_ratio(27)
    assert np.linalg.matrix_rank(draws[0]).tolist() == [0, 2, 3, 3]
    traces = np.trace(draws[:, 1:], axis1=2, axis2=3)
    among = np.corrcoef(traces.T)[np.triu_indices(3, 1)]
    assert np.abs(among).max() < largest_ratio(3) / np.sqrt(len(draws))


def test_inverse_wishart_has_its_mean():
    rng = np.random.default_rng(2)
    draws = np.array([inverse_wishart(20, SCALE, rng) for _ in range(1500)])
    assert _ratio(draws, SCALE / (20 - 3 - 1)) < largest_ratio(9)


def test_matrix_normal_has_its_mean_and_covariance():
    rng = np.random.default_rng(3)
    precision = np.array([[4.0, 1.0], [1.0, 2.0]])
    mean = np.arange(6.0).reshape(2, 3)
    draws = np.array([matrix_normal(mean, precision, SCALE, rng) for _ in range(3000)])
    assert _ratio(draws, mean) < largest_ratio(6)
    flat = (draws - mean).reshape(len(draws), -1)
    products = flat[:, :, None] * flat[:, None]
    assert _ratio(products, np.kron(np.linalg.inv(precision), SCALE)) < largest_ratio(36)
