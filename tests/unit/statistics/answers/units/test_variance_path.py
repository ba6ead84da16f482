"""Lines through variance parameters: how far they reach, and what they do at a bound."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.answers.units.variance_path import (
    Line,
    lower_end,
    off_zero,
    variance_of_parameters,
)
from mlm.statistics.fitting.solution import solve
from tests.nested_rows import nested_rows

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
TWO = parse_formula("y ~ x + (1 | county) + (1 | county:school)")
ROOT = 0.02  # of an end that is searched for
BENT = 0.15  # by which a profile, that is no straight line, may end further out


def solved(seed: int, county: float, school: float):
    sizes = {"county": 12, "school": 6, "row": 8}
    variances = {"county": county, "school": school}
    frame = nested_rows(np.random.default_rng(seed), sizes, variances)
    frame["y"] -= 0.3 * frame["z"] + 0.4 * (frame["kind"].map({"a": 0, "b": 1, "c": 2}))
    return solve(TWO, statistics_of(TWO, frame))


@pytest.mark.parametrize("root", [1.0, 1.96, 3.0])
@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_an_end_is_where_the_criterion_has_risen_so_much(root, side):
    solution = solved(1, 0.5, 0.5)
    line = Line(solution, np.array([0.07, 0.1]))
    place = line.end(root, side)
    assert np.sign(place) == side
    rise = line.at(place).at.deviance - solution.best.at.deviance
    assert np.sqrt(rise) == pytest.approx(root, abs=ROOT + 1e-6)


def test_a_line_that_ends_on_a_bound_has_its_end_there():
    solution = solved(2, 0.02, 0.5)
    place = list(solution.fit.n_groups).index("county")
    direction = np.zeros(2)
    direction[place] = 1.0
    end = Line(solution, direction).end(50.0, -0.1)
    at = Line(solution, direction).at(end)
    assert at.fit.omegas[place][0, 0] == 0.0


def test_parameters_have_twice_the_inverse_curvature():
    solution = solved(3, 0.5, 0.5)
    expected = 2.0 * np.linalg.inv(solution.best.curvature.hessian)
    assert variance_of_parameters(solution) == pytest.approx(expected, rel=1e-8)


def test_variances_at_zero_leave_it_on_their_own_line():
    for seed in range(30):
        solution = solved(seed, 0.0, 0.5)
        zero = solution.best.theta <= 0.0
        if zero.any():
            break
    assert (variance_of_parameters(solution)[zero] == 0.0).all()
    line, places = off_zero(solution, np.ones(2))
    assert ((line.direction > 0.0) == zero).all()
    assert places[0] == 0.0 and (np.diff(places) > 0.0).all()
    weights = line.weights(places)
    assert weights.sum() == pytest.approx(1.0)
    assert weights[0] > weights[-1] > 0.0


def test_the_lower_end_lies_where_a_profile_of_one_variance_ends():
    """Along the least favourable line a smooth measure reaches as far as its profile, nearly."""
    from scipy.optimize import minimize_scalar

    solution = solved(5, 0.5, 0.5)
    place = list(solution.fit.n_groups).index("county")
    slope = np.zeros(2)
    slope[place] = 1.0
    low = lower_end(solution, slope, variance_of_parameters(solution))
    theta = np.sqrt(low.fit.omegas[place][0, 0])

    def value(other: float) -> float:
        point = np.zeros(2)
        point[place], point[1 - place] = theta, other
        return solution.search.value(point)

    best = minimize_scalar(value, bounds=(0.0, 3.0), method="bounded").fun
    assert np.sqrt(best - solution.best.at.deviance) == pytest.approx(1.96, abs=BENT)
