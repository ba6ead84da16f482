"""Residual variances by stratum against nlme's varIdent (R 4.2.2, nlme 3.1-162).

The first made by ``lme(math ~ year, random = ~1 | school/pupil, weights = varIdent(form = ~1 |
grade), method = "REML")`` on the set egsingle.
"""

from __future__ import annotations

import pytest

import mlm
from tests.reference.reference_sets import NEEDS_DATA, rows

CRITERION = 16588.68  # as nlme prints it
SD_RATIOS = {
    "2": 1.0,
    "3": 0.7901924,
    "4": 0.7754420,
    "0": 1.1589179,
    "1": 0.9019861,
    "5": 0.5449815,
}
VARIANCE_OF_2 = 0.3811704
SAME = 1e-6  # of a criterion of 203,000
CLOSE = 1e-4  # relative: nlme stops when the criterion settles to about 1e-6


pytestmark = NEEDS_DATA


@pytest.fixture(scope="module")
def fitted():
    return mlm.fit_by_stratum(
        "math ~ year + (1 | school/pupil)", rows("egsingle"), "grade", criterion="REML"
    )


def test_the_criterion_is_that_of_nlme(fitted):
    assert fitted.fit.deviance == pytest.approx(CRITERION, abs=0.006)


def test_residual_variances_are_those_of_nlme(fitted):
    expected = {grade: VARIANCE_OF_2 * ratio**2 for grade, ratio in SD_RATIOS.items()}
    assert fitted.variances == pytest.approx(expected, rel=CLOSE)


def test_fixed_effects_are_those_of_nlme(fitted):
    effects = fitted.fit.fixed_effects
    assert effects.loc["year", "estimate"] == pytest.approx(0.7316732, rel=CLOSE)
    assert effects.loc["year", "std_error"] == pytest.approx(0.005279026, rel=CLOSE)


def test_equal_variances_are_tested(fitted):
    assert fitted.test.df == 5
    assert fitted.test.statistic == pytest.approx(16759.41 - 16588.68, abs=0.02)


@pytest.mark.study
def test_variances_by_wave_beside_random_slopes_are_those_of_nlme():
    """Schools in waves of pisa_europe, Austria, Denmark and Finland.

    ``lme(math ~ country + wave + escs + gender, random = ~1 + escs | sc, weights = varIdent(form =
    ~1 | wave), method = "REML", control = lmeControl(tolerance = 1e-9, msTol = 1e-11))``, ``sc``
    the schools of a country and wave.
    """
    data = rows("pisa_europe")
    data = data[data["country"].isin(["AUT", "DNK", "FIN"])]
    formula = "math ~ country + wave + escs + gender + (1 + escs | country:wave:school)"
    equal = mlm.fit(formula, data)
    fit = mlm.fit(f"{formula} + diag(0 + wave | residual)", data)
    assert equal.deviance == pytest.approx(203133.27525377, abs=SAME)
    assert fit.deviance == pytest.approx(203129.22659985, abs=SAME)
    sds = {wave: variance**0.5 for wave, variance in fit.residual_variances.items()}
    assert sds == pytest.approx({"2000": 72.13437012, "2003": 72.13437012 * 1.03157347}, rel=1e-7)
    table = fit.fixed_effects
    assert table.loc["wave[T.2003]", "estimate"] == pytest.approx(2.08028406, rel=1e-6)
    assert table.loc["wave[T.2003]", "std_error"] == pytest.approx(2.608515517, rel=1e-7)
    assert fit.variance("country:wave:school", "escs") == pytest.approx(141.7731, rel=1e-6)
