"""Three hundred variables in one model, as VARCL took, against V itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlm
from tests.equivalence.independent import Part, dense_deviance

VARIABLES = 300
DEVIANCE = 1e-9  # relative
ERRORS = 4.5  # the largest of 300 standardised errors lies beyond with probability 0.002


@pytest.mark.study
def test_three_hundred_variables_in_one_fit():
    rng = np.random.default_rng(1)
    n, schools = 2400, 80
    x, school = rng.normal(size=(n, VARIABLES)), rng.integers(schools, size=n)
    x[:, ::10] += rng.normal(size=(schools, VARIABLES // 10))[school]
    true = np.where(np.arange(VARIABLES) % 7, 0.0, 0.1)
    y = x @ true + 0.6 * rng.normal(size=schools)[school] + rng.normal(size=n)
    frame = pd.DataFrame(x, columns=[f"v{i}" for i in range(VARIABLES)])
    frame = frame.assign(y=y, school=school.astype(str))
    fit = mlm.fit(f"y ~ {' + '.join(frame.columns[:VARIABLES])} + (1 | school)", frame)
    part = Part(school, np.ones((n, 1)))
    dense = dense_deviance(y, np.column_stack([np.ones(n), x]), [part], fit.omegas, True)
    assert fit.converged
    assert fit.deviance == pytest.approx(dense, rel=DEVIANCE)
    errors = (fit.beta[1:] - true) / np.sqrt(np.diag(fit.covariance)[1:])
    assert np.abs(errors).max() < ERRORS
