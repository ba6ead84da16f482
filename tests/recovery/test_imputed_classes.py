"""Classes crossed with followed pupils lack a number and a category: little bias, where values
that are drawn for each row by itself pull their coefficients towards zero."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import mlm
from tests.bands import FALSE_ALARM, binomial_band
from tests.rows_in_classes import FORMULA, crossed_rows, with_gaps

WORLDS = 20
SCHOOLS, PUPILS, WAVES, CLASSES = 40, 16, 3, 2
TRUTH = {"Intercept": 1.0, "x": 0.4, "w": 0.5, "kind[T.b]": 0.6}
BY_ROW = "y + w + kind + x ~ 1 + (1 | school) + (1 | pupil)"  # classes left out
BIAS = 0.03, 0.1  # of coefficients and of the variance between classes, as shares of the truth's
CLEAR = 3.0  # standard errors
ITERATIONS = {"burn_in": 100, "between": 40}


def _estimates(fit) -> np.ndarray:
    """Coefficients of x, w and kind, and the variance between classes."""
    found = fit.variance_components
    (variance,) = found.loc[found["group"] == "class_", "variance"]
    return np.array([*fit.fixed_effects.loc[list(TRUTH)[1:], "estimate"], variance])


def figures(world: int) -> dict[str, np.ndarray]:
    """Estimates of the full data, of imputations, and of values drawn by row; what holds."""
    full = crossed_rows(SCHOOLS, PUPILS, WAVES, CLASSES, seed=[16, world])
    lost, out = with_gaps(full, 0.3, seed=[17, world]), {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out["full"] = _estimates(mlm.fit(FORMULA, full))
        for name, model in (("imputed", None), ("by_row", BY_ROW)):
            drawn = mlm.impute(FORMULA, lost, 10, seed=world, model=model, **ITERATIONS)
            pooled = mlm.pool([mlm.fit(FORMULA, each) for each in drawn])
            out[name], table = _estimates(pooled), pooled.fixed_effects.loc[list(TRUTH)]
            truth = np.array(list(TRUTH.values()))
            held = (table["lower"] <= truth) & (table["upper"] >= truth)
            out[f"{name}_held"] = held.to_numpy()
    return out


@pytest.fixture(scope="module")
def found():
    made = [figures(world) for world in range(WORLDS)]
    return {name: np.array([each[name] for each in made]) for name in made[0]}


@pytest.mark.study
def test_estimates_are_those_of_the_full_data(found):
    moved = found["imputed"] - found["full"]
    mean, error = moved.mean(axis=0), moved.std(axis=0, ddof=1) / np.sqrt(WORLDS)
    bound = np.repeat(BIAS, [3, 1]) * np.abs(found["full"].mean(axis=0))
    assert (np.abs(mean) < bound + CLEAR * error).all(), mean / found["full"].mean(axis=0)


@pytest.mark.study
def test_intervals_hold_the_truth_as_often_as_they_say(found):
    low, high = binomial_band(WORLDS, 0.95, FALSE_ALARM / len(TRUTH))
    shares = found["imputed_held"].mean(axis=0)
    assert ((low <= shares) & (shares <= high)).all(), shares


@pytest.mark.study
def test_values_drawn_by_row_are_pulled_towards_zero(found):
    moved = found["by_row"] - found["imputed"]
    ratio = moved.mean(axis=0) / (moved.std(axis=0, ddof=1) / np.sqrt(WORLDS))
    assert (ratio[1:3] < -CLEAR).all(), "coefficients of what classes lack"
    assert ratio[3] > CLEAR, "what they leave stands between classes"
