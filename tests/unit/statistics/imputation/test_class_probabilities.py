"""Probabilities of categories against draws of the latents behind them, and draws by weights."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.imputation.class_probabilities import (
    class_probabilities,
    drawn_classes,
    indicators_of,
)
from mlm.statistics.imputation.latent_draws import categories_of, chosen_latents
from mlm.statistics.imputation.recursive_regression import utilities
from tests.bands import binomial_band

MEANS = {1: [0.4], 2: [0.3, -0.8], 4: [1.2, 0.1, -0.5, 0.6]}
EXACT = 1e-6  # of the quadrature
DRAWS = 40_000


@pytest.mark.parametrize("size", MEANS)
def test_probabilities_are_the_shares_of_latents_with_the_covariance_of_utilities(size):
    rng, mean = np.random.default_rng(size), np.array(MEANS[size])
    found = class_probabilities(mean[:, None])[:, 0]
    assert found.sum() == pytest.approx(1.0, abs=EXACT)
    latents = mean[:, None] + np.linalg.cholesky(utilities(size)) @ rng.normal(size=(size, DRAWS))
    shares = np.bincount(categories_of(latents), minlength=size + 1) / DRAWS
    for share, probability in zip(shares, found, strict=True):
        low, high = binomial_band(DRAWS, float(probability))
        assert low <= share <= high


def test_like_utilities_are_chosen_alike_and_certain_ones_always():
    assert np.allclose(class_probabilities(np.zeros((9, 1))), 0.1, atol=EXACT)
    far = class_probabilities(np.array([[30.0], [-30.0]]))[:, 0]
    assert far[1] == pytest.approx(1.0) and np.isfinite(np.log(far)).all()


def test_classes_are_drawn_by_their_weights():
    numbers = (np.arange(1000) + 0.5) / 1000
    logarithms = np.log([[0.2], [0.5], [0.3]]) + 700.0 + np.zeros(1000)
    found = drawn_classes(logarithms, numbers)
    assert np.bincount(found).tolist() == [200, 500, 300]
    assert np.array_equal(indicators_of(np.array([0, 2]), 2), [[0.0, 0.0], [0.0, 1.0]])


@pytest.mark.parametrize("size", MEANS)
def test_latents_of_missing_categories_have_the_distribution_that_all_else_tells(size):
    """Draws one by one, begun in that distribution, stay in it."""
    n, rng = 12_000, np.random.default_rng(10 + size)
    mean, gain = np.array(MEANS[size]), rng.normal(size=size + 1)
    gains, expected = np.repeat(gain[:, None], n, axis=1), np.repeat(mean[:, None], n, axis=1)
    plain = mean[:, None] + np.linalg.cholesky(utilities(size)) @ rng.normal(size=(size, 12 * n))
    weights = np.exp(gain)[categories_of(plain)]
    values = plain[:, rng.choice(weights.size, n, p=weights / weights.sum())]
    precision = np.linalg.inv(utilities(size))
    for _ in range(4):
        chosen = chosen_latents(values, expected, precision, gains, rng.random((size, n)))
    assert np.array_equal(chosen, categories_of(values))
    exact = class_probabilities(mean[:, None])[:, 0] * np.exp(gain)
    for own, probability in enumerate(exact / exact.sum()):
        low, high = binomial_band(n // 2, float(probability))  # those they begin from are drawn too
        assert low <= np.mean(chosen == own) <= high
