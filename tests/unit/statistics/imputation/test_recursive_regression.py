"""Regressions variable by variable are those of all responses together."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.imputation.joint_model import Recursion
from mlm.statistics.imputation.recursive_regression import (
    WIDEST_SLOPE,
    regression_of,
    utilities,
)

N, K, D = 400, 3, 4


@pytest.fixture(scope="module")
def total():
    rng = np.random.default_rng(1)
    q = np.column_stack([np.ones(N), rng.normal(size=(N, K - 1))])
    mixed = rng.normal(size=(D, D))
    x = q @ rng.normal(size=(K, D)) + rng.normal(size=(N, D)) @ mixed
    both = np.hstack([q, x])
    return both.T @ both


def test_estimates_of_numbers_are_those_of_least_squares(total):
    found = regression_of(total, N, {}, D)
    own, products = total[:K, :K], total[:K, K:]
    mean = np.linalg.solve(own, products)
    assert np.allclose(found.coefficients, mean)
    assert np.allclose(found.residual, (total[K:, K:] - products.T @ mean) / N)
    assert np.array_equal(found.scale, np.ones(D))


def test_latents_have_the_covariance_of_utilities_given_those_before(total):
    latents = {"b": [3], "c": [0, 2]}
    found = regression_of(total, N, latents, D)
    unit = found.residual / np.outer(found.scale, found.scale)
    assert unit[3, 3] == pytest.approx(1.0)
    slopes = unit[[0, 2], 3] / unit[3, 3]
    given = unit[np.ix_([0, 2], [0, 2])] - np.outer(slopes, slopes) * unit[3, 3]
    assert np.allclose(given, utilities(2))
    assert found.scale[1] == 1.0
    free = regression_of(total, N, {}, D)
    assert np.allclose(found.coefficients, free.coefficients)  # the same predictors for all
    for each in (found, free):  # the number given all latents has the same variance
        others = each.residual[np.ix_([0, 2, 3], [0, 2, 3])]
        across = each.residual[1, [0, 2, 3]]
        left = each.residual[1, 1] - across @ np.linalg.solve(others, across)
        assert left == pytest.approx(
            free.residual[1, 1]
            - free.residual[1, [0, 2, 3]]
            @ np.linalg.solve(
                free.residual[np.ix_([0, 2, 3], [0, 2, 3])], free.residual[[0, 2, 3], 1]
            )
        )


def test_categories_explain_what_comes_after_them_in_place_of_latents(total):
    """The last of the predictors is an indicator, of the variable behind response 3."""
    told = Recursion.of({"b": [3]}, predictors=K - 1, responses=D)
    found = regression_of(total, N, {"b": [3]}, D, recursion=told)
    b, ridge = found.coefficients, np.zeros(K)
    assert b[K - 1, 3] == 0.0 and (found.residual[3, :3] == 0.0).all()
    own, products = total[: K - 1, : K - 1], total[: K - 1, K + 3]
    assert np.allclose(b[: K - 1, 3], np.linalg.solve(own, products))
    ridge[K - 1] = WIDEST_SLOPE**-2.0
    numbers = np.linalg.solve(total[:K, :K] + np.diag(ridge), total[:K, K : K + 3])
    assert np.allclose(b[:, :3], numbers)
