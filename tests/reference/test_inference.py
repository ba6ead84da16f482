"""Kenward-Roger tests and profile intervals hold to those of pbkrtest, lmerTest and lme4."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import mlm
from mlm.errors import SingularFit
from mlm.statistics.inference.kenward_roger import kenward_roger
from mlm.statistics.inference.profile import Profile
from tests.reference.inference_sets import INFERENCE, part_statistics
from tests.reference.reference_sets import (
    NEEDS_DATA,
    fitted,
    plain_term,
    reference,
    statistics,
)

DF = 1e-4  # relative; lme4's optimum is off by 1e-5 in theta, and pbkrtest inverts twice
ERROR = 1e-6  # relative
SPLINE = 5e-4  # relative; lme4 interpolates its profile between points (seen: 2e-4)


def fit_of(entry: dict, criterion: str):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFit)
        stats = part_statistics(entry["set"], entry["formula"])
        return mlm.fit(entry["formula"], stats, criterion=criterion), stats


ENTRIES = [m["name"] for m in reference("sleepstudy").get("models", []) if m["estimator"] == "REML"]


@NEEDS_DATA
@pytest.mark.parametrize("label", ENTRIES)
def test_sleepstudy_holds_to_pbkrtest(label):
    entry = next(
        m
        for m in reference("sleepstudy")["models"]
        if (m["name"], m["estimator"]) == (label, "REML")
    )
    fit = fitted("sleepstudy", label, "REML")
    table = kenward_roger(fit, statistics("sleepstudy", label)).table
    for row, found in zip(entry["fixed"], table.itertuples(), strict=True):
        assert found.df == pytest.approx(row["df_kenward_roger"], rel=DF)
        assert found.std_error == pytest.approx(row["se_kenward_roger"], rel=ERROR)


@NEEDS_DATA
@pytest.mark.parametrize("entry", INFERENCE["tests"], ids=lambda e: f"{e['set']}: {e['formula']}")
def test_terms_hold_to_pbkrtest(entry):
    fit, stats = fit_of(entry, "REML")
    assert fit.deviance == pytest.approx(entry["criterion"], abs=1e-6)
    adjusted = kenward_roger(fit, stats)
    for row, found in zip(entry["kenward_roger"], adjusted.table.itertuples(), strict=True):
        assert plain_term(found.Index) == row["term"]
        assert found.std_error == pytest.approx(row["se"], rel=ERROR)
        assert found.df == pytest.approx(row["df"], rel=DF)
    for row in entry["terms"]:
        chosen = [i for i, name in enumerate(fit.terms) if name == row["term"]]
        test, expected = adjusted.f_test(np.eye(fit.beta.size)[chosen]), row["kenward_roger"]
        assert test.df == expected["df"]
        assert test.statistic == pytest.approx(expected["f"], rel=10 * ERROR)
        assert test.reference.denominator == pytest.approx(expected["denominator"], rel=DF)


@NEEDS_DATA
@pytest.mark.parametrize("entry", INFERENCE["tests"], ids=lambda e: f"{e['set']}: {e['formula']}")
@pytest.mark.parametrize("method", ["satterthwaite", "kenward-roger"])
def test_table_of_terms_holds_to_lmertest(entry, method):
    fit, stats = fit_of(entry, "REML")
    table = mlm.term_tests(fit, stats, df=method)
    assert list(table.index) == [row["term"] for row in entry["terms"]]
    for row in entry["terms"]:
        expected, found = row[method.replace("-", "_")], table.loc[row["term"]]
        assert found["df"] == expected["df"]
        assert found["statistic"] == pytest.approx(expected["f"], rel=10 * ERROR)
        assert found["denominator_df"] == pytest.approx(expected["denominator"], rel=DF)
        assert found["p_value"] == pytest.approx(expected["p"], rel=1e-4, abs=1e-14)


def named(interval) -> str:
    """The name that lme4 gives to a standard deviation or correlation; None for others."""
    if interval.group == "residual":
        return "sigma"
    first = plain_term(interval.term1 or "")
    if interval.quantity == "sd":
        return f"sd_{first}|{interval.group}"
    return f"cor_{plain_term(interval.term2 or '')}.{first}|{interval.group}"


@pytest.mark.battery(4)
@NEEDS_DATA
@pytest.mark.parametrize(
    "entry", INFERENCE["profiles"], ids=lambda e: f"{e['set']}: {e['formula']}"
)
def test_profile_intervals_hold_to_lme4(entry):
    fit, stats = fit_of(entry, "ML")
    assert fit.deviance == pytest.approx(entry["deviance"], abs=1e-6)
    found = {
        named(i): i for i in Profile(fit, stats).intervals() if i.quantity in ("sd", "correlation")
    }
    for row in entry["intervals"]:
        name = row["name"].replace("|pupil:school", "|school:pupil")
        if row["upper"] == "Inf":
            continue  # lme4 gives up on sigma where the other variance is zero
        near = SPLINE if name.startswith("cor") else 1e-6
        assert found[name].lower == pytest.approx(row["lower"], rel=near, abs=1e-12)
        assert found[name].upper == pytest.approx(row["upper"], rel=near)
