"""Searches over covariances: their derivatives, where they end, how many evaluations they take."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.formula import parse_formula
from mlm.rows.accumulating.model_statistics import statistics_of
from mlm.statistics.fitting.form_search import search_of_terms
from mlm.statistics.fitting.over_covariances.descent import (
    _by_entries,
    descend_over_covariances,
    least,
)
from mlm.statistics.fitting.over_covariances.quadratic import Quadratic, entries_of
from mlm.statistics.fitting.solution import solve
from mlm.statistics.likelihood import working as workings
from mlm.statistics.likelihood.making import working_statistics

MODELS = [
    "y ~ x + (0 + wave | school) + (1 | county)",
    "y ~ x + csh(0 + wave | school) + (1 + x | county)",
    "y ~ x + (1 | county) + us(0 + wave | pupil)",
]


def rows(seed: int, between: float) -> pd.DataFrame:
    """Pupils of schools in counties in three waves; standard deviation of schools and slopes."""
    rng = np.random.default_rng(seed)
    county, school, wave = (part.ravel() for part in np.indices((12, 4, 3)))
    frame = pd.DataFrame(
        {
            "county": np.repeat(county.astype(str), 4),
            "school": np.repeat((county * 4 + school).astype(str), 4),
            "pupil": np.repeat((county * 4 + school) * 4, 4) + np.tile(np.arange(4), county.size),
            "wave": np.repeat(np.array(list("abc"))[wave], 4),
            "x": rng.normal(size=4 * county.size),
        }
    )
    own = rng.normal(scale=between, size=(48, 3))[frame["school"].astype(int), np.repeat(wave, 4)]
    lasting = rng.normal(scale=0.5, size=12)[frame["county"].astype(int)]
    pupil = rng.normal(size=192)[frame["pupil"]]
    noise = rng.normal(size=len(frame))
    frame["pupil"] = frame["pupil"].astype(str)
    return frame.assign(y=0.3 * frame["x"] + own + lasting + pupil + noise)


def made(formula: str, seed: int = 1, between: float = 0.4):
    model = parse_formula(formula)
    stats = statistics_of(model, rows(seed, between))
    return model, stats, search_of_terms(working_statistics(model, stats), "REML")


@pytest.mark.parametrize("formula", MODELS)
def test_derivatives_by_covariances_are_those_of_the_criterion(formula):
    _, _, search = made(formula)
    theta = np.where(search.diagonal, 0.6, 0.1)
    covariances = search.relative(theta)
    at, slopes = search.at_relative(covariances)
    assert at.deviance == pytest.approx(search.point(theta).at.deviance, rel=1e-12)
    found = search.slopes_along(theta, slopes)
    assert found == pytest.approx(search.point(theta).gradient, rel=1e-8, abs=1e-8)
    rng = np.random.default_rng(2)
    ways = [way + way.T for way in (1e-5 * rng.normal(size=own.shape) for own in covariances)]
    ends = [
        search.at_relative([own + sign * way for own, way in zip(covariances, ways, strict=True)])[
            0
        ].deviance
        for sign in (1.0, -1.0)
    ]
    foretold = _by_entries(slopes) @ entries_of(ways)
    assert 0.5 * (ends[0] - ends[1]) == pytest.approx(foretold, rel=1e-4)


@pytest.mark.parametrize("between", [0.0, 0.4])
@pytest.mark.parametrize("formula", MODELS)
def test_a_search_over_covariances_ends_where_others_end(formula, between, monkeypatch):
    """From variances of zero too, where searches by standard deviations find every slope level."""
    model, stats, search = made(formula, 3, between)
    known = solve(model, stats)
    start = (
        search.start() if "(0 + wave | pupil)" in formula else np.where(search.diagonal, 0.3, 0.0)
    )
    end, bend = descend_over_covariances(search, start, 1e-9)
    assert end.at.deviance == pytest.approx(known.fit.deviance, abs=1e-4)
    monkeypatch.setattr(workings, "TAKES_LONG", 0)
    fresh = statistics_of(model, rows(3, between))
    near = solve(model, fresh, start=known.fit)
    assert near.fit.converged
    assert near.fit.deviance == pytest.approx(known.fit.deviance, abs=1e-6)
    assert near.fit.beta == pytest.approx(known.fit.beta, abs=1e-5)


def test_without_variance_it_takes_few_evaluations(monkeypatch):
    model, stats, search = made(MODELS[0], 5, 0.0)
    long = solve(model, stats)
    descend_over_covariances(search, np.where(search.diagonal, 0.3, 0.0), 1e-9)
    assert search.count < 40 < long.best.evaluations


def test_the_least_point_of_a_quadratic_lies_among_covariances():
    """Of one variance that would be negative zero is taken, from wherever the search begins."""
    _, _, search = made("y ~ x + (1 | county) + (1 | school)")
    near = Quadratic(
        np.array([0.5, 0.2]), np.array([-4.0, 3.0]), np.array([[4.0, 0.5], [0.5, 2.0]])
    )
    for first in ([np.sqrt(0.5), np.sqrt(0.2)], [np.sqrt(0.5), 0.0]):
        theta, lower = least(search, np.array(first), near, 1e-9)
        other = 0.5 + (4.0 + 0.5 * 0.2) / 4.0
        assert theta**2 == pytest.approx([other, 0.0], abs=1e-6)
        assert lower == pytest.approx(-near.change(np.array([other, 0.0]))[0], abs=1e-9)


def test_curvature_by_entries_is_that_of_the_change_of_slopes():
    near = Quadratic(np.zeros(2), np.array([1.0, -2.0]), np.diag([2.0, 3.0]))
    value, slope = near.change(np.array([0.5, 1.0]))
    assert value == pytest.approx(0.5 - 2.0 + 0.25 + 1.5)
    assert slope == pytest.approx([2.0, 1.0])
    assert near.damped(0.5).bend == pytest.approx(np.diag([3.0, 4.5]))


@pytest.mark.parametrize("formula", MODELS)
def test_the_point_of_covariances_is_that_of_their_parameters(formula):
    _, _, search = made(formula)
    theta = np.where(search.diagonal, 0.6, 0.1)
    found = search.point_of(theta, *search.at_relative(search.relative(theta)))
    known = search.point(theta)
    assert found.at.deviance == pytest.approx(known.at.deviance, rel=1e-12)
    assert found.at.beta == pytest.approx(known.at.beta, rel=1e-9)
    assert found.at.remains is None
    assert found.gradient == pytest.approx(known.gradient, rel=1e-8, abs=1e-8)
    for mine, its in zip(found.derivatives, known.derivatives, strict=True):
        assert mine == pytest.approx(its, rel=1e-9, abs=1e-9)
