"""Residual variances by stratum against nlme's varIdent (R 4.2.2, nlme 3.1-162).

Made by ``lme(math ~ year, random = ~1 | school/pupil, weights = varIdent(form = ~1 | grade),
method = "REML")`` on the set egsingle.
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
