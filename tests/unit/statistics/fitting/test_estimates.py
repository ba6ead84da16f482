"""Estimates by a descent from a model much like it, against fits."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.fitting import estimates
from mlm.statistics.fitting.deviance_fit import deviance_fit
from mlm.statistics.fitting.estimates import ModelEstimates, estimates_near
from mlm.statistics.fitting.solution import fit_model, solve
from mlm.statistics.fitting.starts import Start
from tests.unit.statistics.fitting.test_form_search import rows

MODEL = parse_formula("y ~ a + b + (1 | school) + us(0 + wave | pupil)")
SMALLER = parse_formula("y ~ a + (1 | school) + us(0 + wave | pupil)")
GAIN = 1e-9  # deviance
CLOSE = 1e-4  # standard errors; a step would move them by the root of GAIN


@pytest.fixture(scope="module")
def frame():
    made = rows(3, schools=12, pupils=14)
    a, b = np.random.default_rng(3).normal(size=(2, len(made)))
    return made.assign(a=a, b=b, y=made["y"] + 0.1 * a)


@pytest.fixture
def refused(monkeypatch):
    """Fits with all that belongs to them are not asked for."""

    def fit_model(*_):
        raise AssertionError("a descent was enough")

    monkeypatch.setattr(estimates, "fit_model", fit_model)


def check_same(found: ModelEstimates, fit) -> None:
    errors = np.sqrt(np.diagonal(fit.covariance))
    assert (found.names, found.coefficients) == (fit.names, fit.coefficients)
    assert np.abs((found.beta - fit.beta) / errors).max() < CLOSE
    assert found.std_errors == pytest.approx(errors, rel=CLOSE)
    for mine, its in zip(found.covariances, fit.covariances, strict=True):
        assert mine == pytest.approx(its, rel=1e-3, abs=1e-3 * fit.sigma2)


def test_a_smaller_model_by_another_criterion(frame, refused):
    solution = solve(MODEL, statistics_of(MODEL, frame), "ML")
    near = deviance_fit(SMALLER, statistics_of(MODEL, frame), solution.fit, solution.best.hessian)
    found = estimates_near(near.model, statistics_of(MODEL, frame), "REML", near.start, GAIN)
    check_same(found, fit_model(SMALLER, statistics_of(MODEL, frame), "REML"))


@pytest.mark.parametrize("variance", [1.0, 0.0])
def test_another_sample(frame, variance, refused):
    """Of schools that differ, and of schools that do not, whose variance is zero."""
    schools = frame.groupby("school")["y"].transform("mean")
    frame = frame.assign(y=frame["y"] - (1.0 - variance) * schools)
    solution = solve(MODEL, statistics_of(MODEL, frame), "REML")
    assert variance or solution.fit.is_singular
    others = frame[frame["school"] != frame["school"].iloc[0]]
    found = estimates_near(MODEL, statistics_of(MODEL, others), "REML", solution.beside, GAIN)
    check_same(found, fit_model(MODEL, statistics_of(MODEL, others), "REML"))


def test_where_no_curvature_is_known_it_is_the_fit(frame):
    stats = statistics_of(MODEL, frame)
    fit = fit_model(MODEL, stats, "REML")
    for start in (fit, Start(fit.covariances, fit.sigma2)):
        check_same(estimates_near(MODEL, stats, "REML", start), fit)


def test_where_the_descent_ends_at_a_bound_that_is_no_optimum_it_is_the_fit(frame, monkeypatch):
    fit = fit_model(MODEL, statistics_of(MODEL, frame), "REML")
    start = Start(fit.covariances, fit.sigma2, np.eye(7))
    monkeypatch.setattr(estimates, "descended", lambda *_: None)
    check_same(estimates_near(MODEL, statistics_of(MODEL, frame), "REML", start), fit)
