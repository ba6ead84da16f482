"""Categories that rows lack against all combinations of them, each with its exact probability."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.imputation.class_probabilities import class_probabilities
from mlm.statistics.imputation.joint_model import Parameters, Recursion
from mlm.statistics.imputation.row_choices import SWEEPS, RowChoice
from tests.bands import binomial_band

LATENTS = {"b": [1], "c": [0, 3]}  # the number is response 2
TOLD = Recursion.of(LATENTS, predictors=1, responses=4)
CONSTANT = np.array([0.2, -0.3, 1.0, 0.4])
OF_B, OF_C = np.array([0.7, 0.0, 0.9, -0.6]), np.array([[0, 0, -1.1, 0], [0, 0, 0.8, 0]])
VARIANCE = 0.8
N = 20_000


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
