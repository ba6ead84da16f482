"""Plausible values drawn from a stated conditioning model: what intervals and tests cover."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.front.fitting import statistics_of
from mlm.front.pooling import sample_of_draws
from mlm.nouns.formula import parse_formula
from mlm.nouns.plausible_values import PlausibleValues, models_of
from mlm.statistics.pooling.components import components_of
from tests.bands import binomial_band

SCHOOLS, PUPILS, DRAWS = 60, 12, 5
SCHOOL_VARIANCE, PUPIL_VARIANCE, ERROR_VARIANCE = 0.4, 1.0, 0.8
SLOPE = 0.5
SCORE = PlausibleValues("score", [f"pv{m}" for m in range(DRAWS)])
LARGE, SMALL = "score ~ x + z + (1 | school)", "score ~ x + (1 | school)"
SAMPLES = 400
COVERAGE = (0.93, 0.97)  # variances by ML are a little small
LEVEL = (0.03, 0.07)


def sample(rng: np.random.Generator) -> pd.DataFrame:
    """Pupils in schools, and draws of their scores given a test with error; z has no effect.

    Each draw has parameters of its own, as likely as the test makes them (Rubin 1987, ch. 4).
    """
    x, z = rng.normal(size=(2, SCHOOLS, PUPILS))
    truth = SLOPE * x + np.sqrt(SCHOOL_VARIANCE) * rng.normal(size=(SCHOOLS, 1))
    truth += np.sqrt(PUPIL_VARIANCE) * rng.normal(size=truth.shape)
    seen = truth + np.sqrt(ERROR_VARIANCE) * rng.normal(size=truth.shape)
    frame = pd.DataFrame({"school": np.repeat(np.arange(SCHOOLS), PUPILS)})
    frame["x"], frame["z"], frame["seen"] = x.ravel(), z.ravel(), seen.ravel()
    for column, (beta, school, row) in zip(SCORE.columns, conditioning(frame, rng), strict=True):
        mean = beta[0] + beta[1] * x + beta[2] * z
        frame[column] = given_the_test(mean, seen, school, row - ERROR_VARIANCE, rng).ravel()
    return frame


def conditioning(frame: pd.DataFrame, rng: np.random.Generator):
    """Draws of the fixed effects and variances of the test from their likelihood."""
    stats = statistics_of(parse_formula("seen ~ x + z + (1 | school)"), frame)
    fit = mlm.fit("seen ~ x + z + (1 | school)", stats)
    known = components_of(fit, fit.random_names, stats)
    logs = known.covariance / np.outer(known.values, known.values)
    fixed, spread = np.linalg.cholesky(fit.covariance), np.linalg.cholesky(logs)
    for _ in range(DRAWS):
        variances = known.values * np.exp(spread @ rng.normal(size=2))
        scale = np.sqrt(variances[1] / known.values[1])
        yield fit.beta + scale * fixed @ rng.normal(size=3), *variances


def given_the_test(mean, seen, school: float, pupil: float, rng) -> np.ndarray:
    """Scores (schools, pupils) drawn given a test with error and the parameters."""
    spread = school * np.ones((PUPILS, PUPILS)) + max(pupil, 0.05) * np.eye(PUPILS)
    gain = spread @ np.linalg.inv(spread + ERROR_VARIANCE * np.eye(PUPILS))
    root = np.linalg.cholesky(spread - gain @ spread)
    return mean + (seen - mean) @ gain.T + rng.normal(size=seen.shape) @ root.T


@pytest.mark.study
def test_intervals_cover_and_tests_keep_their_level():
    rng, inside, rejected = np.random.default_rng(20_261_129), [], []
    models = models_of(parse_formula(LARGE), [SCORE])
    known = (SLOPE, 0.0, SCHOOL_VARIANCE, PUPIL_VARIANCE)
    for _ in range(SAMPLES):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stats = sample_of_draws(models, [SCORE], sample(rng), None)
            large, small = (mlm.fit(f, stats, "ML", plausible_values=SCORE) for f in (LARGE, SMALL))
        ends = [*large.fixed_effects.loc[["x", "z"], ["lower", "upper"]].to_numpy()]
        ends += [*large.variance_components[["lower", "upper"]].to_numpy()]
        inside.append([low <= v <= high for (low, high), v in zip(ends, known, strict=True)])
        tests = [mlm.likelihood_ratio_test(small, large, stats, m) for m in ("D3", "D4")]
        rejected.append([t.p_value < 0.05 for t in (mlm.wald_test(large, ["z"]), *tests)])
    coverage, size = np.mean(inside, axis=0), np.mean(rejected, axis=0)
    low, high = binomial_band(SAMPLES, COVERAGE)
    assert ((coverage >= low) & (coverage <= high)).all(), coverage
    low, high = binomial_band(SAMPLES, LEVEL)
    assert ((size >= low) & (size <= high)).all(), size
