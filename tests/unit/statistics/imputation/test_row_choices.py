"""Categories that rows lack: their probabilities, and draws against all combinations of them."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.imputation.joint_model import Parameters, Recursion
from mlm.statistics.imputation.latent_draws import categories_of, chosen_latents
from mlm.statistics.imputation.recursive_regression import utilities
from mlm.statistics.imputation.row_choices import (
    SWEEPS,
    RowChoice,
    class_probabilities,
    drawn_classes,
    indicators_of,
)
from tests.bands import binomial_band

pytestmark = pytest.mark.slow

MEANS = {1: [0.4], 2: [0.3, -0.8], 4: [1.2, 0.1, -0.5, 0.6]}
EXACT = 1e-6  # of the quadrature
DRAWS = 40_000
LATENTS = {"b": [1], "c": [0, 3]}  # the number is response 2
TOLD = Recursion.of(LATENTS, predictors=1, responses=4)
CONSTANT = np.array([0.2, -0.3, 1.0, 0.4])
OF_B, OF_C = np.array([0.7, 0.0, 0.9, -0.6]), np.array([[0, 0, -1.1, 0], [0, 0, 0.8, 0]])
VARIANCE = 0.8
N = 20_000


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


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    residual = np.diag([1.0, 1.0, VARIANCE, 1.0])
    residual[0, 3] = residual[3, 0] = 0.5
    return Parameters(np.vstack([CONSTANT, OF_B, *OF_C]), residual, (), recursion=TOLD)


def weights(y: float | None) -> np.ndarray:
    """Probabilities (2, 3) of both categories given the number."""
    found = np.zeros((2, 3))
    of_b = class_probabilities(CONSTANT[[1], None])[:, 0]
    for b in range(2):
        of_c = class_probabilities((CONSTANT + b * OF_B)[[0, 3], None])[:, 0]
        for c in range(3):
            mean = CONSTANT[2] + b * OF_B[2] + (OF_C[c - 1, 2] if c else 0.0)
            density = 1.0 if y is None else np.exp(-0.5 * (y - mean) ** 2 / VARIANCE)
            found[b, c] = of_b[b] * of_c[c] * density
    return found / found.sum()


def drawn(parameters, y: float | None, b: int, c: int) -> np.ndarray:
    seen = [] if y is None else [2]
    around = np.repeat(CONSTANT[:, None], N, axis=1)
    given = np.full((len(seen), N), y, dtype=float)
    choice = RowChoice(parameters, TOLD, around, seen, given)
    codes = {"b": np.full(N, b), "c": np.full(N, c)}
    shown = choice.drawn(codes, np.random.default_rng(4).random((4 * SWEEPS, N)))
    return np.array([shown[0], shown[1] + 2 * shown[2]]).astype(int)


def test_what_explains_what():
    assert TOLD.complete == 1 and TOLD.numbers == [2] and TOLD.shown == {"b": [1], "c": [2, 3]}
    assert np.array_equal(TOLD.explains[1], [True, False, True, True])  # c and the number, not b
    assert np.array_equal(TOLD.explains[2:], [[False, False, True, False]] * 2)


@pytest.mark.parametrize("y", [None, 2.5])
def test_both_categories_have_their_joint_distribution(parameters, y):
    found, exact = drawn(parameters, y, -1, -1), weights(y)
    for b in range(2):
        for c in range(3):
            low, high = binomial_band(N, float(exact[b, c]))
            assert low <= np.mean((found[0] == b) & (found[1] == c)) <= high, (b, c)


@pytest.mark.parametrize(("b", "c"), [(-1, 0), (-1, 1), (-1, 2), (0, -1), (1, -1)])
def test_one_category_has_its_distribution_given_the_other(parameters, b, c):
    found, exact = drawn(parameters, 0.4, b, c), weights(0.4)
    own, exact = (0, exact[:, c]) if b < 0 else (1, exact[b])
    assert (found[1 - own] == max(b, c)).all()
    for category, weight in enumerate(exact / exact.sum()):
        low, high = binomial_band(N, float(weight))
        assert low <= np.mean(found[own] == category) <= high
