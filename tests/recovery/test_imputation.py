"""Imputations of worlds whose truth is known: little bias, and intervals that hold the truth."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import mlm
from tests.bands import FALSE_ALARM, binomial_band
from tests.recovery.incomplete_worlds import FORMULA, complete_world, with_losses

TRUTH = np.array([2.0, 0.8, 0.7, 0.6, 0.5])  # intercept, x, kind b, w, z
WORLDS = 40
SCHOOLS, PUPILS = 100, 20
BIAS = 0.02, 0.05  # of coefficients and of variances, as shares of the full data's
NOMINAL = 0.95


@pytest.fixture(scope="module")
def found():
    """Estimates (worlds, 7) of full data, imputations and complete rows, and what covers."""
    out = {"full": [], "imputed": [], "complete": [], "held": [], "held_complete": []}
    for world in range(WORLDS):
        rng = np.random.default_rng([7, world])
        full = complete_world(rng, SCHOOLS, PUPILS)
        lost = with_losses(full, rng)
        drawn = mlm.impute(FORMULA, lost, 10, seed=world, between=40)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fits = [mlm.fit(FORMULA, each) for each in drawn]
            pooled = mlm.pool(fits)
            whole, rest = mlm.fit(FORMULA, full), mlm.fit(FORMULA, lost)
        for name, fit in (("full", whole), ("imputed", pooled), ("complete", rest)):
            variances = fit.variance_components["variance"]
            out[name].append([*fit.fixed_effects["estimate"], *variances])
        out["held"].append(_holds(pooled))
        out["held_complete"].append(_holds(rest))
    return {name: np.array(values, dtype=float) for name, values in out.items()}


def _holds(fit) -> np.ndarray:
    table = fit.fixed_effects
    return ((table["lower"] <= TRUTH) & (table["upper"] >= TRUTH)).to_numpy()


@pytest.mark.study
def test_estimates_are_those_of_the_full_data_within_small_shares(found):
    moved = found["imputed"] - found["full"]
    mean, error = moved.mean(axis=0), moved.std(axis=0) / np.sqrt(WORLDS)
    size = np.abs(found["full"].mean(axis=0))
    bound = np.repeat(BIAS, [5, 2]) * size
    assert (np.abs(mean) < bound + 3.0 * error).all(), (mean / size).round(4)


@pytest.mark.study
def test_intervals_hold_the_truth_as_often_as_they_say(found):
    low, high = binomial_band(WORLDS, NOMINAL, FALSE_ALARM / TRUTH.size)
    shares = found["held"].mean(axis=0)
    assert ((low <= shares) & (shares <= high)).all(), shares


@pytest.mark.study
def test_complete_rows_are_off_where_imputations_are_not(found):
    moved = np.abs((found["complete"] - found["full"]).mean(axis=0))
    imputed = np.abs((found["imputed"] - found["full"]).mean(axis=0))
    assert moved[0] > 3.0 * imputed[0]  # the intercept
    assert found["held_complete"][:, 0].mean() < 0.8 < found["held"][:, 0].mean()
