"""Curvature that a descent over covariances foretells, and the fits that end with it."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.fitting import form_search
from mlm.statistics.fitting.form_search import FormSearch
from mlm.statistics.fitting.newton import DECREMENT, curvature_at
from mlm.statistics.fitting.over_covariances.curvature import foretold_curvature
from mlm.statistics.fitting.over_covariances.descent import _bend, _by_entries
from mlm.statistics.fitting.over_covariances.quadratic import Quadratic, entries_of
from mlm.statistics.fitting.solution import solve
from mlm.statistics.likelihood import working as workings
from tests.unit.statistics.fitting.over_covariances.test_descent import MODELS, made

DIFFERENCES = 2e-4  # of slopes, forwards, on both sides


def quadratic_at(search, theta) -> Quadratic:
    given = search.relative(theta)
    slopes = search.at_relative(given)[1]
    return Quadratic(entries_of(given), _by_entries(slopes), _bend(search, given, slopes))


@pytest.mark.parametrize("formula", MODELS)
def test_curvature_by_covariances_tells_that_by_parameters(formula):
    """Away from the optimum too, where slopes bend the way to the covariances."""
    _, _, search = made(formula)
    theta = np.where(search.diagonal, 0.6, 0.1)
    near, point = quadratic_at(search, theta), search.point(theta)
    before = search.count
    found = foretold_curvature(search, point, near)
    assert search.count == before and found.is_foretold
    known = curvature_at(search, point)
    scale = np.abs(np.diagonal(known.hessian)).max()
    assert found.hessian == pytest.approx(known.hessian, abs=DIFFERENCES * scale)
    assert (found.free == known.free).all()
    assert np.isnan(found.spread).all() and found.spread.shape == known.spread.shape


def test_parameters_on_a_bound_are_left_out():
    _, _, search = made(MODELS[0])
    theta = np.where(search.diagonal, 0.6, 0.1)
    theta[np.flatnonzero(search.diagonal)[-1]] = 0.0
    found = foretold_curvature(search, search.point(theta), quadratic_at(search, theta))
    known = curvature_at(search, search.point(theta))
    assert (found.free == known.free).all() and found.free.size == theta.size - 1


@pytest.mark.parametrize("formula", MODELS[1:])
def test_degrees_of_freedom_never_come_from_what_was_foretold(formula, monkeypatch):
    monkeypatch.setattr(workings, "TAKES_LONG", 0)
    model, stats, _ = made(formula)
    start = solve(model, made(formula)[1]).fit
    rough = solve(model, stats, start=start, degrees=False)
    assert rough.best.curvature.is_foretold and rough.fit.converged
    assert rough.best.decrement <= DECREMENT and np.isnan(rough.fit.degrees).all()
    whole = rough.with_degrees()
    assert not whole.best.curvature.is_foretold
    known = solve(model, made(formula)[1], start=start)
    assert whole.fit.degrees == pytest.approx(known.fit.degrees, rel=1e-3)
    assert rough.fit.deviance == pytest.approx(known.fit.deviance, abs=1e-8)
    assert rough.best.theta == pytest.approx(known.best.theta, abs=1e-4)
    assert solve(model, stats, degrees=False).best is whole.best  # the better one is remembered


def test_a_second_search_from_inside_takes_no_long_way(monkeypatch):
    """It goes over the covariances where evaluations take long, from known curvature."""
    monkeypatch.setattr(workings, "TAKES_LONG", 0)
    model, stats, _ = made(MODELS[1])
    start = solve(model, made(MODELS[1])[1]).fit
    monkeypatch.setattr(FormSearch, "inside", lambda self, point: 0.9 * point.theta)
    monkeypatch.setattr(form_search, "quasi_newton", None)
    again = solve(model, stats, start=start, degrees=False)
    assert again.fit.converged
    assert again.fit.deviance == pytest.approx(start.deviance, abs=1e-6)
