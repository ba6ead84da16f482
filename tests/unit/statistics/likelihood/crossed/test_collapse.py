"""Crossed factors with the level beside them eliminated, and some of them after it: the same
optimum of the others, the same draws.
"""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.evidence.crossing import CrossedFactor
from mlm.statistics.evidence.excerpt import excerpt
from mlm.statistics.fitting.drawing import drawing_of
from mlm.statistics.fitting.solution import fit_model
from mlm.statistics.likelihood.covariance import level_matrices, theta_of
from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.making import (
    collapsed,
    without_factors,
    working_statistics,
)
from tests.crossed_rows import CROSSED, crossed_sample
from tests.dense_rows import dense

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
ROUNDING = 1e-9
DRAWS = 4000
FAR = 5.0  # standard errors of a mean of draws
SLOPES = "y ~ x + z + (1 | a) + (1 + x | b) + (1 + x | c)"
FACTORS = [("three crossed", "b"), ("three crossed", "c"), (SLOPES, "b"), (SLOPES, "c")]


def held(name: str, factor: str = ""):
    """A model, its sample and rows, covariances of its terms, and its sample without the level."""
    fit, stats, rows = crossed_sample(name)
    part = excerpt(fit.model, stats)
    omegas = [0.4 * np.eye(len(omega)) + 0.1 for omega in fit.omegas]
    return fit, part, rows, omegas, *without(fit.model, omegas, part, factor)


def without(model, omegas, part, factor: str):
    """A model and its sample without the level, and without a factor if one is named."""
    smaller, left = collapsed(model, omegas, part, 1)
    if not factor:
        return smaller, left
    own = [o for t, o in zip(model.random, omegas, strict=True) if t in smaller.random]
    return without_factors(smaller, own, left, {(factor,)})


@pytest.mark.parametrize(("name", "factor"), [*((name, "") for name in CROSSED), *FACTORS])
def test_what_is_left_has_the_criterion_of_all_rows_at_any_other_variances(name, factor):
    fit, part, rows, omegas, model, left = held(name, factor)
    matrices = dense(fit.model, rows)
    constants = []
    for scale in (1.0, 0.3, 4.0):
        random = fit.model.random
        scales = [scale if term in model.random else 1.0 for term in random]
        moved = [s * omega for s, omega in zip(scales, omegas, strict=True)]
        vi = np.linalg.inv(matrices.covariance(moved, 1.0))
        square = matrices.x.T @ vi @ matrices.x
        beta = np.linalg.solve(square, matrices.x.T @ vi @ matrices.y)
        kept = [o for t, o in zip(random, moved, strict=True) if t in model.random]
        working = working_statistics(model, left, pooled=False)
        turned = [
            b.transform @ o @ b.transform.T for b, o in zip(working.blocks, kept, strict=True)
        ]
        at = evaluate(working, level_matrices(theta_of(turned), working), "REML")
        origin, unit = working.response
        found = unit * np.linalg.solve(working.transform, at.beta)
        found[0] += origin
        assert found == pytest.approx(beta, abs=ROUNDING)
        residual = matrices.y - matrices.x @ beta
        assert unit**2 * at.residual == pytest.approx(residual @ vi @ residual, rel=ROUNDING)
        whole = at.degrees * np.log(unit**2 * at.residual) - np.linalg.slogdet(vi)[1]
        constants.append(whole + np.linalg.slogdet(square)[1] - at.deviance)
    assert np.ptp(constants) == pytest.approx(0.0, abs=1e-8)


@pytest.mark.parametrize(("name", "factor"), [("crossed", ""), ("three crossed", ""), *FACTORS])
def test_the_optimum_of_the_crossed_factors_stays_where_it_is(name, factor):
    fit, stats, _ = crossed_sample(name)
    part = excerpt(fit.model, stats)
    model, left = without(fit.model, fit.omegas, part, factor)
    assert not left.levels and all(isinstance(f, CrossedFactor) for f in left.all_levels)
    again = fit_model(model, left, "REML")
    assert again.beta == pytest.approx(fit.beta, abs=1e-6)
    assert again.sigma2 == pytest.approx(fit.sigma2, rel=1e-6)
    for term in model.random:
        assert again.variance(term.name) == pytest.approx(fit.variance(term.name), rel=1e-4)


def test_draws_of_what_is_left_have_the_moments_of_its_rows():
    """Sums of rows ``V^-1/2 y``: their mean and covariance under crossed effects and residuals."""
    fit, part, _, omegas, model, left = held("crossed")
    small = fit_model(model, left, "REML")
    drawing, rng = drawing_of(small, left), np.random.default_rng(6)
    (factor,) = left.crossing.factors
    place = left.columns.positions
    response = next(i for c, i in place.items() if c.variables == ("y",) and c.powers[0][2] == 1)
    sums = np.array(
        [drawing.draw(rng).crossing.factors[0].sums[0, :, response] for _ in range(DRAWS)]
    )
    ((table,),) = left.crossing.pairs[0, 0]
    square, unit = table.toarray(), left.columns.scales["y", "identity"][1]
    spread = square @ (small.sigma2 * small.omegas[0][0, 0] * square) + small.sigma2 * square
    expected = spread / unit**2
    error = np.sqrt((np.outer(np.diagonal(expected), np.diagonal(expected)) + expected**2) / DRAWS)
    assert (np.abs(np.cov(sums.T) - expected) < FAR * error).all()
