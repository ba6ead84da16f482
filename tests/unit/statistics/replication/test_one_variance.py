"""Fits to replicates from few points of the variance, of all draws at once, and one by one."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.front.replicating import read_for, with_replicates
from mlm.statistics.fitting.solution import solve
from mlm.statistics.replication import one_variance, refits

SCHOOLS, PUPILS, REPLICATES = 30, 12, 16
SAME = 2e-7  # relative, of estimates; steps end three parts in a hundred thousand from an optimum


def rows(school_sd: float) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    school = np.repeat(np.arange(SCHOOLS), PUPILS)
    frame = pd.DataFrame({"school": school, "x": rng.normal(size=school.size)})
    truth = school_sd * rng.normal(size=SCHOOLS)[school] + 0.4 * frame["x"]
    truth += rng.normal(size=school.size)
    for m in range(3):
        frame[f"pv{m}"] = truth + 0.3 * rng.normal(size=school.size)
        frame[f"z{m}"] = frame["x"] + 0.5 * rng.normal(size=school.size)
    frame["ws"] = rng.gamma(6.0, size=SCHOOLS)[school]
    frame["w"] = frame["ws"] * rng.uniform(1.0, 2.0, school.size)
    factors = 1.0 + 0.5 * rng.choice([-1.0, 1.0], (SCHOOLS, REPLICATES))
    made = {f"r{r}": frame["w"] * factors[school, r] for r in range(REPLICATES)}
    return pd.concat([frame, pd.DataFrame(made)], axis=1)


DESIGN = mlm.SamplingDesign(
    {"row": "w", "school": "ws"}, replicates=mlm.fay([f"r{r}" for r in range(REPLICATES)])
)
SCORE = mlm.PlausibleValues("y", ["pv0", "pv1", "pv2"])


def solved(frame: pd.DataFrame, formula="y ~ x + (1 | school)", scores=(SCORE,)):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = mlm.fit(formula, frame, plausible_values=list(scores), design=DESIGN)
        stats = with_replicates(read_for(fit, frame, DESIGN), frame)
        return [solve(each.model, stats, "ML", each) for each in fit.fits], stats


def by_steps(monkeypatch, solutions, stats):
    """The same without fits that are found together."""
    with monkeypatch.context() as here:
        here.setattr(refits, "found_together", lambda known, *_: [None] * len(known))
        return refits.refits(solutions, stats, stats.sampled.replicates.values)


def assert_same(found, expected):
    for own, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(own.theta, other.theta, rtol=SAME)
        np.testing.assert_allclose(own.beta, other.beta, rtol=SAME, atol=SAME)
        np.testing.assert_allclose(own.sigma2, other.sigma2, rtol=SAME)


def test_fits_found_together_are_those_found_by_steps(monkeypatch):
    solutions, stats = solved(rows(0.6))
    factors = stats.sampled.replicates.values
    found = refits.refits(solutions, stats, factors)
    with monkeypatch.context() as here:
        here.setattr(refits, "_by_steps", None)  # nothing is left to them
        refits.refits(solutions, stats, factors)
    assert_same(found, by_steps(monkeypatch, solutions, stats))


def test_replicates_of_small_variances_are_left_to_steps(monkeypatch):
    solutions, stats = solved(rows(0.0))
    found = refits.refits(solutions, stats, stats.sampled.replicates.values)
    expected = by_steps(monkeypatch, solutions, stats)
    assert sum(each.by_search for each in expected) > 0
    for own, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(own.beta, other.beta, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(own.sigma2, other.sigma2, rtol=1e-5)


def test_draws_of_a_covariate_share_no_sums(monkeypatch):
    drawn = mlm.PlausibleValues("z", ["z0", "z1", "z2"])
    solutions, stats = solved(rows(0.6), "y ~ z + (1 | school)", (SCORE, drawn))
    found = refits.refits(solutions, stats, stats.sampled.replicates.values)
    assert_same(found, by_steps(monkeypatch, solutions, stats))


@pytest.mark.parametrize("formula", ["y ~ x + (x | school)", "y ~ x + (x || school)"])
def test_other_random_effects_are_left_to_steps(formula):
    solutions, stats = solved(rows(0.6), formula)
    factors = stats.sampled.replicates.values
    starts = [np.repeat(each.best.theta[None], REPLICATES, axis=0) for each in solutions]
    none = one_variance.found_together(solutions, stats, factors, None, starts)
    assert none == [None, None, None]


@pytest.mark.parametrize("half", [0.02, 0.2, 0.8])
def test_points_are_enough_for_what_units_take(half):
    """omega / (1 + C omega) and its logarithm between points, for units of all sizes."""
    at = one_variance.chebyshev.chebpts1(one_variance._points(half))
    place = np.linspace(-1.0, 1.0, 41)
    weights = one_variance._lagrange(place, at)
    for inner in (0.01, 1.0, 30.0, 1e4):
        for middle in (-3.0, 0.0, 1.0):

            def taken(where, inner=inner, middle=middle):
                omega = np.exp(2.0 * (middle + half * where))
                return np.array([omega / (1.0 + inner * omega), np.log1p(inner * omega)])

            told, true = taken(at) @ weights.T, taken(place)
            np.testing.assert_allclose(told, true, rtol=1e-9, atol=1e-9 * np.abs(true).max())


def test_a_polynomial_without_a_least_value_inside_is_not_done():
    series = np.array([[0.0, 0.0], [1.0, 0.1], [0.1, 1.0]])  # slopes down to the left; a bowl
    place, done = one_variance._least(series)
    assert done.tolist() == [False, True]
    np.testing.assert_allclose(place[1], -0.025)
