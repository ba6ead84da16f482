"""Deviance, estimates and effects equal those computed from V itself."""

from __future__ import annotations

import numpy as np
import pytest

import mlm
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.fitting.evaluated import evaluation_of
from tests.equivalence.independent import Henderson, dense_deviance
from tests.equivalence.worlds import SMALL, World, in_order, world
from tests.errors_of_groups import joint_covariance

DEVIANCE = 1e-8  # relative
EFFECT = 1e-8  # in residual standard deviations
pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")

CASES = [
    (seed, shape, slopes, criterion)
    for seed, shape in enumerate(SMALL)
    for slopes in (0, 1, 2)
    for criterion in ("ML", "REML")
    if not (shape == "schools alone" and slopes == 2)
]


def dense_inverse(of: World, omegas) -> np.ndarray:
    v = np.eye(of.y.size)
    for each, omega in zip(of.parts, omegas, strict=True):
        z = each.dense
        v += z @ np.kron(np.eye(z.shape[1] // len(omega)), omega) @ z.T
    return np.linalg.inv(v)


@pytest.mark.battery
@pytest.mark.parametrize("seed,shape,slopes,criterion", CASES)
def test_deviance_and_fixed_effects_equal_those_from_v(seed, shape, slopes, criterion):
    of = world(seed, shape, slopes, zeros=0.2)
    fit = mlm.fit(of.formula, of.frame, criterion)
    omegas = in_order(fit, of)
    reml = criterion == "REML"
    assert fit.deviance == pytest.approx(
        dense_deviance(of.y, of.x, of.parts, omegas, reml), rel=DEVIANCE
    )
    inverse = dense_inverse(of, omegas)
    covariance = np.linalg.inv(of.x.T @ inverse @ of.x)
    beta = covariance @ of.x.T @ inverse @ of.y
    # ours are ordered 1, x, z, kind as well
    assert fit.beta == pytest.approx(beta, rel=EFFECT, abs=EFFECT)
    assert fit.covariance == pytest.approx(fit.sigma2 * covariance, rel=1e-7, abs=1e-10)


@pytest.mark.battery
@pytest.mark.parametrize("seed,shape,slopes,criterion", CASES[::4])
def test_effects_and_their_errors_equal_those_from_v(seed, shape, slopes, criterion):
    of = world(seed, shape, slopes, zeros=0.2)
    stats = statistics_of(parse_formula(of.formula), of.frame)
    fit = mlm.fit(of.formula, stats, criterion)
    omegas = in_order(fit, of)
    inverse = dense_inverse(of, omegas)
    project = inverse - inverse @ of.x @ np.linalg.solve(of.x.T @ inverse @ of.x, of.x.T @ inverse)
    means = mlm.posterior_means(fit, stats)
    names = sorted({term.name for term in fit.model.random}, key=lambda n: -n.count(":"))
    near = EFFECT * np.sqrt(fit.sigma2)
    for name, each, omega in zip(names, of.parts, omegas, strict=True):
        effects = means.of(name)
        z = each.dense
        prior = np.kron(np.eye(z.shape[1] // len(omega)), omega)
        order = np.argsort(effects.units.astype(object))  # labels of parts are sorted
        q = len(omega)
        u = (prior @ z.T @ project @ of.y).reshape(-1, q)
        assert effects.mean[order] == pytest.approx(u, abs=near)
        for found, middle in ((effects.conditional, inverse), (effects.comparative, project)):
            left = fit.sigma2 * (prior - prior @ z.T @ middle @ z @ prior)
            diagonal = np.stack([left[i : i + q, i : i + q] for i in range(0, len(left), q)])
            assert found[order] == pytest.approx(diagonal, abs=1e-8 * fit.sigma2)
        joint = joint_covariance(evaluation_of(fit, stats), name)
        expected = fit.sigma2 * (prior - prior @ z.T @ project @ z @ prior)[::q, ::q]
        assert joint[np.ix_(order, order)] == pytest.approx(expected, abs=1e-8 * fit.sigma2)
        contrast = np.arange(1.0, q + 1.0)
        whole = fit.sigma2 * (prior - prior @ z.T @ project @ z @ prior)
        combine = np.kron(np.eye(len(order)), contrast)
        joint = joint_covariance(evaluation_of(fit, stats), name, contrast)[np.ix_(order, order)]
        assert joint == pytest.approx(combine @ whole @ combine.T, abs=1e-7 * fit.sigma2)


@pytest.mark.battery
@pytest.mark.parametrize("reml", [False, True])
@pytest.mark.parametrize("shape", SMALL)
def test_both_independent_evaluations_agree(shape, reml):
    of = world(5, shape, slopes=1)
    solver = Henderson(of.y, of.x, of.parts, reml)
    rng = np.random.default_rng(2)
    for theta in solver.starts(rng, 5):
        omegas = [f @ f.T for f in solver.factors(theta)]
        value, slope = solver.value_and_gradient(theta)
        assert value == pytest.approx(
            dense_deviance(of.y, of.x, of.parts, omegas, reml), rel=DEVIANCE
        )
        step = 1e-5
        for i in range(theta.size):
            ahead, behind = theta.copy(), theta.copy()
            ahead[i] += step
            behind[i] -= step
            rise = solver.value_and_gradient(ahead)[0] - solver.value_and_gradient(behind)[0]
            assert slope[i] == pytest.approx(rise / (2 * step), rel=1e-4, abs=1e-3)
