"""Joint errors of effects beside crossed factors, against matrices written out."""

from __future__ import annotations

import numpy as np
import pytest

import mlm
from mlm.statistics.fitting.evaluated import evaluation_of
from tests.crossed_rows import CROSSED, crossed_sample
from tests.dense_rows import dense
from tests.errors_of_groups import joint_covariance

JOINT = 1e-8  # squared units of the response, whose effects are of the order of one


@pytest.mark.parametrize("name", CROSSED)
def test_joint_errors_beside_crossed_factors_equal_those_from_v(name):
    fit, stats, rows = crossed_sample(name)
    matrices = dense(fit.model, rows)
    inverse = np.linalg.inv(matrices.covariance([fit.sigma2 * o for o in fit.omegas], fit.sigma2))
    inner = np.linalg.inv(matrices.x.T @ inverse @ matrices.x)
    project = inverse - inverse @ matrices.x @ inner @ matrices.x.T @ inverse
    for term, omega in zip(fit.model.random, fit.omegas, strict=True):
        units = mlm.posterior_means(fit, stats).of(term.name).units
        z = (rows[term.name].to_numpy()[:, None] == np.asarray(units)[None, :]).astype(float)
        parts = [z] + [z * rows[["x"]].to_numpy()] * (len(omega) - 1)
        loaded = sum(fit.sigma2 * omega[0, j] * part for j, part in enumerate(parts))
        expected = fit.sigma2 * omega[0, 0] * np.eye(len(units)) - loaded.T @ project @ loaded
        assert joint_covariance(evaluation_of(fit, stats), term.name) == pytest.approx(
            expected, abs=JOINT
        )
