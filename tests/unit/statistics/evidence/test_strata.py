"""Residual variances by stratum beside crossed factors, against matrices written out."""

from __future__ import annotations

import numpy as np
import pytest

import mlm
from tests.crossed_rows import CROSSED, crossed_sample
from tests.dense_rows import dense

DENSE = 1e-7  # of a deviance of some hundreds
LEVEL = 2e-3  # slope of the deviance at the optimum of the ratios
pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")


def deviance(omegas, matrices, weights) -> float:
    """The REML criterion at variances over the residual variance, with n x n matrices."""
    v = matrices.covariance(omegas, 1.0) + np.diag(weights - 1.0)
    inverse, x, y = np.linalg.inv(v), matrices.x, matrices.y
    square = x.T @ inverse @ x
    left = y - x @ np.linalg.solve(square, x.T @ inverse @ y)
    degrees = len(y) - x.shape[1]
    sigma2 = float(left @ inverse @ left) / degrees
    logs = np.linalg.slogdet(v)[1] + np.linalg.slogdet(square)[1]
    return logs + degrees * (1.0 + np.log(2.0 * np.pi * sigma2))


@pytest.mark.battery(2)
@pytest.mark.parametrize("name", CROSSED)
def test_variances_by_stratum_are_the_best_beside_crossed_factors(name):
    rows = crossed_sample(name)[2]
    rng = np.random.default_rng(4)
    rows["half"] = np.where(rng.random(len(rows)) < 0.5, "early", "late")
    rows["y"] += np.where(rows["half"] == "late", 3.0, 0.0) * rng.normal(size=len(rows))
    found = mlm.fit_by_stratum(CROSSED[name], rows, "half")
    late, matrices = (rows["half"] == "late").to_numpy(), dense(found.fit.model, rows)
    scale = found.fit.ratios["early"]
    omegas = [omega / scale for omega in found.fit.omegas]
    ratio = found.fit.ratios["late"] / found.fit.ratios["early"]
    assert ratio > 1.5 and found.test.p_value < 0.05

    def at(ratio: float) -> float:
        return deviance(omegas, matrices, np.where(late, ratio, 1.0))

    assert found.fit.deviance == pytest.approx(at(ratio), abs=DENSE)
    ahead, behind = (at(ratio * np.exp(step)) for step in (1e-4, -1e-4))
    assert (ahead - behind) / 2e-4 == pytest.approx(0.0, abs=LEVEL)
