"""Ways out of bounds, and where slopes begin that another model lacks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlm.nouns.formula import parse_formula
from mlm.rows.accumulating.model_statistics import statistics_of
from mlm.statistics.fitting.descent import DESCENT_GAIN
from mlm.statistics.fitting.leaving_bounds import (
    _variance,
    beyond_bounds,
    falls_from_bound,
)
from mlm.statistics.fitting.solution import solve
from mlm.statistics.likelihood.covariance import theta_of

SLOPES = parse_formula("y ~ x + z + (1 + x + z | g)")

LIFT = 0.02


def derivative(variance: float, error: float, square: float) -> float:
    """By a variance, each a group, where the effects of all groups are known equally well."""
    return (variance + error - square) / (variance + error) ** 2


@pytest.mark.parametrize("found", [1e-4, 2e-3, 0.015, 0.2])
@pytest.mark.parametrize("error", [1e-4, 1e-3, 0.05])
def test_a_variance_is_foreseen_where_groups_tell_equally_much(found, error):
    slope, there = (derivative(v, error, error + found) for v in (0.0, LIFT))
    assert _variance(slope, there, LIFT) == pytest.approx(found, rel=1e-9)


def test_where_no_such_effects_explain_the_derivatives_a_line_does():
    assert _variance(-10.0, 90.0, LIFT) == pytest.approx(0.1 * LIFT)
    assert _variance(-10.0, -9.9, LIFT) == LIFT


@pytest.fixture(scope="module", params=[0.4, 0.0])
def sloped(request):
    """The fit of two slopes that differ between 60 groups, of which the second has this SD."""
    rng = np.random.default_rng(8)
    g = np.repeat(np.arange(60), 20)
    frame = pd.DataFrame(
        {"g": g.astype(str), "x": rng.normal(size=1200), "z": rng.normal(size=1200)}
    )
    u = rng.normal(size=(60, 3)) * [0.5, 0.4, request.param]  # of no variance: on the bound
    frame["y"] = u[g, 0] + u[g, 1] * frame["x"] + u[g, 2] * frame["z"] + rng.normal(size=1200)
    return solve(SLOPES, statistics_of(SLOPES, frame))


def without_some(solution, share: float) -> np.ndarray:
    """theta with little left of the variance in one direction."""
    (omega,) = solution.best.at.omegas
    values, vectors = np.linalg.eigh(omega)
    values[1] *= share
    return theta_of([(vectors * values) @ vectors.T])


@pytest.mark.parametrize("share", [0.0, 1e-4])
def test_a_descent_gets_away_from_a_direction_with_hardly_any_variance(sloped, share):
    point = sloped.search.point(without_some(sloped, share))
    assert point.at.deviance > sloped.best.at.deviance + 1.0
    assert falls_from_bound(sloped.search, point)
    found = beyond_bounds(sloped.search, point, sloped.best.hessian, DESCENT_GAIN)
    assert found.at.deviance == pytest.approx(sloped.best.at.deviance, abs=1e-8)


def test_the_criterion_does_not_fall_from_an_optimum(sloped):
    assert not falls_from_bound(sloped.search, sloped.best.point)
    found = beyond_bounds(sloped.search, sloped.best.point, sloped.best.hessian, DESCENT_GAIN)
    assert found is sloped.best.point or found.at.deviance == sloped.best.at.deviance
