"""Small classes in each grade alone, against lme4: the unadjusted contrasts of a policy."""

from __future__ import annotations

import pandas as pd
import pytest

import mlm
from tests.examples import ROOT

ROUNDED = 0.005  # the references have two decimals
KINDERGARTEN = {"read": (6.53, 0.94), "math": (8.88, 1.41)}


@pytest.fixture(scope="module")
def kindergarten() -> pd.DataFrame:
    frame = pd.read_csv(ROOT / "data/star/wave_K.csv", dtype=str)
    for outcome in KINDERGARTEN:
        frame[outcome] = pd.to_numeric(frame[outcome])
    return frame[frame["class_type"].notna()]


@pytest.mark.parametrize("outcome", KINDERGARTEN)
def test_small_against_regular_classes_by_schools(kindergarten, outcome):
    rows = kindergarten[kindergarten[outcome].notna()]
    fit = mlm.fit(f"{outcome} ~ class_type + (1 | school)", rows)
    found = fit.fixed_effects.loc["class_type[T.small]"]
    estimate, error = KINDERGARTEN[outcome]
    assert found["estimate"] == pytest.approx(estimate, abs=ROUNDED)
    assert found["std_error"] == pytest.approx(error, abs=ROUNDED)


@pytest.mark.parametrize("outcome", KINDERGARTEN)
def test_with_the_teacher_the_error_is_of_the_class(kindergarten, outcome):
    """Classes were drawn: 1.8 times the error, with the degrees of freedom of classes."""
    rows = kindergarten[kindergarten[outcome].notna()]
    fit = mlm.fit(f"{outcome} ~ class_type + (1 | school/teacher)", rows)
    found = fit.fixed_effects.loc["class_type[T.small]"]
    assert 1.6 < found["std_error"] / KINDERGARTEN[outcome][1] < 2.0
    assert 150 < found["df"] < rows["teacher"].nunique()
