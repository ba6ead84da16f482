"""Categories of units: what they tell of each other, and what is drawn where they are missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from mlm.nouns.columns import CONSTANT, Column
from mlm.rows.imputing.claim import number_column
from mlm.statistics.imputation.latent_draws import categories_of
from mlm.statistics.imputation.recursive_regression import ScaleMove
from mlm.statistics.imputation.units.inwards import Inwards
from mlm.statistics.imputation.units.latents import UnitLatents
from mlm.statistics.imputation.units.regression import UnitRegression
from mlm.statistics.imputation.units.responses import UnitResponses
from tests.bands import largest_ratio

UNITS = 3000
COLUMNS = (
    Column(indicators=(("a", "far"),)),
    Column(indicators=(("b", "near"),)),
    Column(indicators=(("b", "rare"),)),
    number_column("w"),
)


def _units(rng: np.random.Generator, share: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Categories a and b and a number w of units, each explained by those before."""
    a = (0.3 + rng.normal(size=UNITS) > 0.0).astype(int)
    noise = rng.normal(size=(UNITS, 3)) * np.sqrt(0.5)
    latents = np.array([0.2, -0.6]) + np.outer(a, [0.8, -0.3]) + noise[:, 1:] - noise[:, :1]
    b = categories_of(latents.T)
    w = 0.5 + 0.6 * a + np.array([0.0, -0.4, 0.9])[b] + 0.7 * rng.normal(size=UNITS)
    lost = rng.random((3, UNITS)) < share
    values = np.full((4, UNITS), np.nan)
    values[3] = np.where(lost[2], np.nan, w)
    return np.where(lost[0], -1, a), np.where(lost[1], -1, b), values


def _responses(a: np.ndarray, b: np.ndarray, values: np.ndarray) -> UnitResponses:
    known = np.ones((1, values.shape[1]))
    return UnitResponses(0, COLUMNS, values, {"a": a, "b": b}, (CONSTANT,), known)


def _nothing_inside(units: int) -> Inwards:
    return Inwards(np.zeros((4, 4, units)), np.zeros((4, units)))


def test_categories_explain_what_comes_after_them_and_numbers():
    rng = np.random.default_rng(1)
    regression = UnitRegression(_responses(*_units(rng, 0.15)))
    state, found = regression.start(), []
    around, none = np.zeros((0, UNITS)), np.zeros((4, UNITS))
    for _ in range(250):
        expected = state.expected(np.ones((1, UNITS)), around)
        state = regression.values_drawn(state, expected, around, _nothing_inside(UNITS), (), rng)
        state, _ = regression.regression_drawn(state, around, none, ScaleMove.none(4), rng)
        found.append(state.traced())
    told = state.recursion.explains
    assert told.tolist() == [
        [True] * 4,
        [False, True, True, True],
        [False, False, False, True],
        [False, False, False, True],
    ]
    truth = [0.3, 0.2, -0.6, 0.5, 0.8, -0.3, 0.6, -0.4, 0.9, 0.7]
    kept = np.array(found[100:])
    ratio = (kept.mean(axis=0) - truth) / kept.std(axis=0)
    assert np.abs(ratio).max() < largest_ratio(ratio.size), ratio.round(2)


def test_a_missing_category_has_its_probability_given_all_that_is_known():
    """By Bayes' rule: the probit of the category itself, numbers, and what lies inside."""
    rng, units = np.random.default_rng(2), 20000
    a, b = np.full(units, -1), np.zeros(units, dtype=int)
    values = np.full((4, units), np.nan)
    values[3] = 0.4
    regression = UnitRegression(_responses(a, b, values))
    state = regression.start()
    coefficients = state.coefficients.copy()
    coefficients[0], coefficients[1, 3] = [0.3, 0.0, 0.0, 0.1], 0.8
    residual = state.residual.copy()
    residual[3, 3] = 0.5
    state = replace(state, coefficients=coefficients, residual=residual)
    linear = np.zeros((4, units))
    linear[0] = 0.4
    inwards = Inwards(np.zeros((4, 4, units)), linear)
    fixed = np.tile(np.array([0.3, 0.0, 0.0, 0.1])[:, None], units)
    latents = UnitLatents(regression.responses, state, fixed, 0, rng)
    latents.drawn("a", inwards)
    shown = latents.state.shown[0]
    spread = np.sqrt(0.5)
    above = norm.cdf(0.3) * norm.pdf(0.4, 0.1 + 0.8, spread) * np.exp(0.4)
    below = norm.cdf(-0.3) * norm.pdf(0.4, 0.1, spread)
    expected = above / (above + below)
    assert np.array_equal(shown, latents.state.values[0] > 0.0)
    assert shown.mean() == pytest.approx(
        expected, abs=4.0 * np.sqrt(expected * (1 - expected) / units)
    )
