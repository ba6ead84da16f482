"""Covariances over waves against SAS PROC MIXED, nlme and glmmTMB."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.front.fitting import statistics_of
from mlm.nouns.formula import parse_formula
from mlm.statistics.fitting.solution import ordered_model
from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.making import working_statistics
from tests.reference.reference_sets import FOLDER, NEEDS_DATA, rows

pytestmark = NEEDS_DATA
BEYOND = 1e-6  # deviance by which ours may be above the reference
SHORT = 5e-6  # and below it: SAS ends its search when the gradient is 1e-8 of the criterion
DEGREES = 0.01  # relative, of degrees of freedom that SAS prints as whole numbers
PRINTED = 0.6  # unit of the last printed digit within which an estimate may lie
NAMES = {"un": "us"}
# glmmTMB, REML, reading on star: standard deviations and correlations as printed
SCHOOLS = ((14.029, 22.410, 16.692, 11.915), (0.421, 0.326, 0.779, 0.268, 0.730, 0.777))
PUPILS = ((28.102, 48.874, 42.121, 37.238), (0.610, 0.566, 0.747, 0.531, 0.684, 0.774))
PRINTED_DEVIANCE = 236397.1
SMALL = {"K": (5.528, 0.815), "1": (11.045, 1.204), "2": (7.063, 1.038), "3": (6.093, 0.977)}
STAR = "read ~ grade * class_type + us(0 + grade | school) + us(0 + grade | pupil)"


@cache
def lungs() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "repeated" / "fev.csv.gz")


def references() -> list[dict]:
    path = FOLDER / "repeated" / "reference.json"
    return json.loads(path.read_text())["models"] if path.is_file() else []


@pytest.mark.battery(7)
@pytest.mark.parametrize("entry", references(), ids=lambda e: f"{e['covariance']}-{e['criterion']}")
def test_a_covariance_over_visits_is_that_of_sas(entry):
    form = NAMES.get(entry["covariance"], entry["covariance"])
    fixed = entry.get("formula", "FEV1 ~ 1").split(" + us(")[0]
    fit = mlm.fit(f"{fixed} + {form}(0 + AVISIT | USUBJID)", lungs(), entry["criterion"])
    assert fit.converged and fit.residual == "USUBJID"
    assert -SHORT < fit.deviance - entry["deviance"] < BEYOND
    if "intercept" in entry:
        found = fit.fixed_effects.loc["Intercept"]
        assert found["estimate"] == pytest.approx(entry["intercept"]["estimate"], abs=6e-4)
        assert found["std_error"] == pytest.approx(entry["intercept"]["std_error"], abs=1e-4)
        degrees = entry["intercept"]["df"]
        assert found["df"] == pytest.approx(degrees, abs=PRINTED, rel=DEGREES)


def star() -> pd.DataFrame:
    frame = rows("star")
    grade = pd.Categorical(frame["grade"], ["K", "1", "2", "3"])
    return frame.assign(
        grade=grade, class_type=pd.Categorical(frame["class_type"], ["reg", "reg+A", "small"])
    )


def covariance(sds, correlations) -> np.ndarray:
    out = np.eye(4)
    out[np.tril_indices(4, -1)] = correlations
    out = np.tril(out) + np.tril(out, -1).T
    return np.outer(sds, sds) * out


@pytest.mark.study
def test_pupils_and_schools_free_over_waves_on_star():
    """At the estimates of glmmTMB the criterion is the one it prints; ours is a better optimum."""
    stats = statistics_of(parse_formula(STAR), star())
    model = ordered_model(parse_formula(STAR), stats)
    working = working_statistics(model, stats)
    pupils, schools = covariance(*PUPILS), covariance(*SCHOOLS)
    share = 0.5 * np.linalg.eigvalsh(pupils)[0]
    omegas = [np.zeros((4, 4)), np.zeros((4, 4))]
    for block in working.blocks:
        raw = pupils / share - np.eye(4) if block.is_residual else schools / share
        omegas[block.level] = block.transform @ raw @ block.transform.T
    theirs = evaluate(working, omegas, "REML").deviance
    assert theirs == pytest.approx(PRINTED_DEVIANCE, abs=0.1)
    fit = mlm.fit(STAR, stats)
    assert fit.converged and fit.deviance < theirs - 3.0
    table = fit.variance_components.query("group == 'pupil' and term2.isnull()")
    assert table["sd"].tolist() == pytest.approx(PUPILS[0], rel=2e-3)
    for grade, (estimate, error) in SMALL.items():
        apart = [name in _small_in(grade) for name in fit.names]
        own = np.array(apart, dtype=float)
        assert sum(apart) == len(_small_in(grade))
        assert own @ fit.beta == pytest.approx(estimate, abs=0.02)
        assert np.sqrt(own @ fit.covariance @ own) == pytest.approx(error, abs=0.01)


def _small_in(grade: str) -> list[str]:
    """Coefficients that add up to small against regular classes in a grade."""
    name = "class_type[T.small]"
    return [name] if grade == "K" else [name, f"grade[T.{grade}]:{name}"]
