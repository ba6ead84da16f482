"""Fits to other imputations beside that to one: the same optimum, its curvature not taken anew."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from mlm.nouns.formula import parse_formula
from mlm.nouns.levels import WAVE
from mlm.statistics.evidence.completed_samples import CompletedSamples
from mlm.statistics.fitting import descent, newton
from mlm.statistics.fitting.solution import solve
from mlm.statistics.pooling.beside import SolutionBeside, solved_alike, solved_beside
from mlm.statistics.pooling.pooled_solution import solve_each
from tests.imputed_rows import gone_at_random, imputed
from tests.nested_rows import nested_rows
from tests.plans import make_plan, merged

SIZES = {"county": 10, "school": 5, WAVE: 2, "row": 6}
PLAN = make_plan("same_schools", waves=("w0", "w1"), by_time=(), terms=("x", "z", "kind"))
MODEL = parse_formula("y ~ year + x + z + kind + (1 | county/school)")
ROWS_ALONE = parse_formula("y ~ year + z + (1 | county/school)")
DRAWS = 4

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")


def imputations(variances, seed: int = 4) -> CompletedSamples:
    rng = np.random.default_rng(seed)
    frame = nested_rows(rng, SIZES, variances)
    frame = gone_at_random(frame.assign(**{WAVE: "w" + frame[WAVE]}), rng, 0.3)
    completed = imputed(frame, rng, DRAWS, ("county", "school"))
    return CompletedSamples.of([merged(PLAN, each, completed[0]) for each in completed])


@cache
def usual() -> CompletedSamples:
    return imputations({"county": 0.4, "school": 0.4})


@pytest.fixture
def no_curvature(monkeypatch):
    """Nothing is evaluated around an optimum."""

    def refuse(search, point):
        raise AssertionError("curvature was taken")

    def begin():
        monkeypatch.setattr(newton, "curvature_at", refuse)
        monkeypatch.setattr(descent, "curvature_at", refuse)

    return begin


@pytest.mark.parametrize("criterion", ["ML", "REML"])
def test_a_descent_ends_at_the_optimum_without_curvature(criterion, no_curvature):
    first, second, third, _ = usual().draws
    near = [solve(MODEL, stats, criterion).lightened() for stats in (first, second)]
    alone = solve(MODEL, third, criterion)
    third.fits.clear()
    no_curvature()
    found = solved_alike(near, third, turn=3)
    assert found.fit.converged and found.fit.formula == alone.fit.formula
    assert found.fit.deviance == pytest.approx(alone.fit.deviance, abs=1e-8)
    assert found.fit.beta == pytest.approx(alone.fit.beta, rel=1e-6)
    assert found.fit.covariance == pytest.approx(alone.fit.covariance, rel=1e-4, abs=1e-10)
    assert found.fit.theta == pytest.approx(alone.fit.theta, rel=1e-4)


def test_degrees_of_freedom_are_the_mean_of_those_of_the_fits_with_curvature():
    first, second, third, _ = usual().draws
    near = [solve(MODEL, stats).lightened() for stats in (first, second)]
    found = solved_alike(near, third).lightened()
    weights = np.eye(found.fit.beta.size)[2:4]
    expected = np.mean([each.degrees_of(weights) for each in near], axis=0)
    assert found.degrees_of(weights) == pytest.approx(expected, rel=1e-12)
    assert found.released().degrees_of(weights) == pytest.approx(expected, rel=1e-12)
    expected = np.mean([each.fit.degrees for each in near], axis=0)
    assert found.fit.degrees == pytest.approx(expected, rel=1e-12)


def test_what_is_told_is_what_fits_with_curvature_tell():
    """Pooled degrees of freedom with complete data: those of the first imputation alone."""
    for stats in usual().draws:
        stats.fits.clear()
    found = solve_each(MODEL, usual(), "REML", curved=1)
    assert [bool(each.curved) for each in found.solutions] == [False, True, True, True]
    weights = np.eye(found.fit.beta.size)[2:3]
    assert found.inside(weights)[2] == pytest.approx(found.first.degrees_of(weights), rel=1e-12)
    whole = solve_each(MODEL, usual(), "REML", curved=DRAWS)
    assert not any(each.curved for each in whole.solutions)
    for one, other in zip(found.solutions, whole.solutions, strict=True):
        assert one.fit.beta == pytest.approx(other.fit.beta, rel=1e-6)


def test_an_optimum_at_other_bounds_is_fitted_as_any():
    """A variance that is zero in one imputation tells nothing of its curvature in another."""
    other = imputations({"county": 0.4, "school": 0.4}, seed=5).draws[0]
    zero = imputations({"school": 0.4}, seed=7).draws[0]
    near = solve(MODEL, zero)
    assert not near.best.is_inside
    found = solved_alike([near.lightened()], other)
    assert found.best.is_inside and not found.curved
    assert found.fit.beta == pytest.approx(solve(MODEL, other).fit.beta, rel=1e-6)


def test_a_similar_model_is_fitted_near_that_of_the_first_imputation(no_curvature):
    first, second = (solve(MODEL, stats) for stats in usual().draws[:2])
    smaller = MODEL.without(MODEL.terms[-1])
    alone = solve(smaller, second.stats).fit
    second.stats.fits.clear()
    first.fitted(smaller)
    no_curvature()
    found = SolutionBeside.of(second.released(), first).fitted(smaller)
    assert found.fit.beta == pytest.approx(alone.beta, rel=1e-6)
    assert found.fit.deviance == pytest.approx(alone.deviance, abs=1e-8)


def test_a_similar_model_that_the_first_imputation_lacks_is_fitted_as_any():
    first, second = (solve(ROWS_ALONE, stats) for stats in usual().draws[2:])
    smaller = ROWS_ALONE.without(ROWS_ALONE.terms[-1])
    found = SolutionBeside.of(second.released(), first).fitted(smaller)
    assert not found.curved and found.fit.model.terms == smaller.terms


def test_fits_beside_one_leave_their_curvature_to_it(no_curvature):
    first, *others = usual().draws
    near = solve(MODEL, first)
    for stats in others:
        stats.fits.clear()
    no_curvature()
    assert all(len(each.curved) == 1 for each in solved_beside(near, others))
