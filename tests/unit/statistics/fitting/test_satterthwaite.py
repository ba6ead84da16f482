"""Satterthwaite's degrees of freedom against the inverse of the information, written out."""

from __future__ import annotations

import numpy as np
import pytest

from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.fitting.satterthwaite import degrees_of_freedom
from mlm.statistics.fitting.solution import solve
from tests.dense_rows import dense
from tests.nested_rows import nested_rows

TEXT = "y ~ x + z + (1 | a) + (1 | a:b)"


def test_all_variance_parameters_count_however_well_some_are_known():
    """V written out: ``2 v^2 / (g' A g)`` with A twice the inverse of the REML information.

    Few outer and many inner groups make the information of the two differ by more than ten times.
    """
    sizes = {"a": 5, "b": 40, "row": 3}
    rows = nested_rows(np.random.default_rng(1), sizes, {"a": 0.5, "b": 0.5})
    model = parse_formula(TEXT)
    found = solve(model, statistics_of(model, rows))
    written, fit = dense(TEXT, rows), found.fit
    omegas = [np.array([[fit.variance("a")]]), np.array([[fit.variance("a:b")]])]
    inverse = np.linalg.inv(written.covariance(omegas, fit.sigma2))
    spread = np.linalg.inv(written.x.T @ inverse @ written.x)
    slopes = written.derivatives()
    onto = inverse - inverse @ written.x @ spread @ written.x.T @ inverse
    reach = onto @ written.y
    observed = np.array(
        [
            [reach @ a @ onto @ b @ reach - 0.5 * np.trace(onto @ a @ onto @ b) for b in slopes]
            for a in slopes
        ]
    )
    values = np.linalg.eigvalsh(found.best.curvature.hessian)
    assert values.max() > 10.0 * values.min() > 0.0
    degrees = degrees_of_freedom(found.working, found.best)
    for i in range(3):
        row = spread[i] @ written.x.T @ inverse
        slope = np.array([row @ a @ row for a in slopes])
        expected = 2.0 * spread[i, i] ** 2 / (slope @ np.linalg.solve(observed, slope))
        assert degrees[i] == pytest.approx(expected, rel=1e-4)
