"""Derivatives by the covariance of crossed effects, near and on the bound, against dense ones."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.statistics.likelihood.criterion import evaluate, gradient
from mlm.statistics.likelihood.making import working_statistics
from tests.crossed_rows import crossed_sample
from tests.dense_rows import dense

DENSE = 1e-6  # of derivatives that are of the order of the number of groups


@pytest.mark.battery
@pytest.mark.parametrize("small", [0.3, 1e-3, 1e-4, 1e-7, 1e-12, 0.0])
@pytest.mark.parametrize("reml", [True, False])
def test_derivatives_hold_where_a_covariance_matrix_is_nearly_of_less_than_full_rank(small, reml):
    fit, stats, rows = crossed_sample("crossed, slope at the root")
    working = working_statistics(fit.model, stats, pooled=False)
    place = [block.size for block in working.blocks].index(2)
    turn = np.array([[0.8, 0.6], [-0.6, 0.8]])
    own = turn @ np.diag([0.5, small**2]) @ turn.T
    omegas = [own if block.size == 2 else np.eye(1) for block in working.blocks]
    by_level = [omegas[[b.level for b in working.blocks].index(i)] for i in range(2)]
    criterion = "REML" if reml else "ML"
    found = gradient(working, evaluate(working, by_level, criterion), criterion)
    matrices = dense(fit.model, rows)
    back = [np.linalg.inv(block.transform) for block in working.blocks]
    raw = [t @ omega @ t.T for t, omega in zip(back, omegas, strict=True)]
    v, x, n = np.linalg.inv(matrices.covariance(raw, 1.0)), matrices.x, len(rows)
    p = v - v @ x @ np.linalg.solve(x.T @ v @ x, x.T @ v)
    left = p @ matrices.y
    sigma2 = matrices.y @ left / (n - x.shape[1] if reml else n)
    spread = (p if reml else v) - np.outer(left, left) / sigma2
    z = matrices.z[place]
    expected = np.array([[np.sum(a * (spread @ b)) for b in z] for a in z])
    expected = back[place].T @ expected @ back[place]
    assert found[working.blocks[place].level] == pytest.approx(expected, abs=DENSE)
