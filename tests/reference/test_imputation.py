"""Imputations from sums by pattern against those of R's pan, row by row (mitml 0.4-4)."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import mlm
from tests.reference.weighted_sets import NEEDS_WEIGHTED, WEIGHTED

FILE = WEIGHTED / "studentratings_mitml.csv.gz"
FORMULA = "ReadAchiev ~ ReadDis + SES + (1 | ID)"
MODEL = "ReadDis + SES ~ ReadAchiev + (1 | ID)"
DRAWS = 200

# panImpute, M = 100, each analysed by lme4 with ML: estimate, standard error, Monte Carlo error
PAN = {
    "Intercept": (511.235, 17.923, 0.83),
    "ReadDis": (-32.071, 5.053, 0.21),
    "SES": (1.316, 0.199, 0.010),
}
PAN_VARIANCES = (763.6, 6483.1)
COMPLETE = (524.12, -35.05, 1.179)  # the 373 rows that lack nothing, lme4
ERRORS = 3.0  # Monte Carlo errors of both, between which two right programs are

pytestmark = NEEDS_WEIGHTED


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return pd.read_csv(FILE)


@pytest.fixture(scope="module")
def drawn(rows):
    return mlm.impute(FORMULA, rows, DRAWS, model=MODEL, between=5)


@pytest.fixture(scope="module")
def pooled(drawn):
    return mlm.pool([mlm.fit(FORMULA, each, criterion="ML") for each in drawn])


def _monte_carlo(values: list[float]) -> float:
    return float(np.std(values, ddof=1)) / math.sqrt(len(values))


@pytest.mark.study
def test_the_chains_have_converged(drawn):
    assert drawn.convergence.converged, drawn.convergence
    assert drawn.missing == {"ReadDis": 153, "SES": 281}


@pytest.mark.study
def test_pooled_coefficients_are_those_of_pan(pooled):
    for place, (name, (estimate, error, own)) in enumerate(PAN.items()):
        found = pooled.fixed_effects.loc[name]
        both = math.hypot(own, _monte_carlo([fit.beta[place] for fit in pooled.fits]))
        assert abs(found["estimate"] - estimate) < ERRORS * both, name
        assert found["std_error"] == pytest.approx(error, rel=0.05), name


@pytest.mark.study
def test_mean_variances_are_those_of_pan(pooled):
    tables = [fit.variance_components["variance"].tolist() for fit in pooled.fits]
    for values, expected in zip(zip(*tables, strict=True), PAN_VARIANCES, strict=True):
        error = _monte_carlo(values) * math.hypot(1.0, math.sqrt(DRAWS / 100))
        assert abs(np.mean(values) - expected) < ERRORS * error


def test_complete_cases_say_something_else(rows):
    fit = mlm.fit(FORMULA, rows, criterion="ML")
    assert fit.n_obs == 373
    assert fit.fixed_effects["estimate"].tolist() == pytest.approx(COMPLETE, abs=0.006)
