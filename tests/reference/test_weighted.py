"""Weighted fits against WeMix 4.0.3, Stata's manual, and the tables of WeMix's vignette.

PISA 2000 USA is the example of Rabe-Hesketh and Skrondal (2006) and of Stata's manual of ``meglm``
and ``mixed``; PISA 2012 USA that of the vignette, whose five programs disagree on errors.
"""

from __future__ import annotations

import numpy as np
import pytest

import mlm
from tests.reference.weighted_sets import (
    ISEI,
    NEEDS_WEIGHTED,
    OF_MATH,
    ORDER_OF_2012,
    WEIGHTED,
    expected,
    pisa2000,
    pisa2012,
    sim3,
)

pytestmark = NEEDS_WEIGHTED

LIKELIHOOD = 1e-9  # relative, of log pseudo-likelihoods of millions
ESTIMATE = 1e-6  # relative: the optimum of the other program is as flat as that
ERROR = 1e-6  # relative, of standard errors by block; WeMix differentiates numerically
JOINT = 1e-5  # relative, of joint ones
OPTIMA = 4e-5  # relative, of errors: SAS and Mplus, of one formula, are 1.4e-5 apart
VARIANCE = 5e-6  # relative: there the others stop, at a slope of 2e-4, where ours is 2e-8
LOOSE = 1e-5  # relative, of (co)variances with slopes
SCALINGS = ("none", "size", "effective", "group_only", "gk")
OF_2000 = {"row": "w_fstuwt", "id_school": "wnrschbw"}
OF_2012 = {"row": "w_fstuwt", "schoolid": "w_fschwt"}
CORRELATED = OF_MATH + " + (1 + escs | schoolid)"
INDEPENDENT = OF_MATH + " + (1 | schoolid) + (0 + escs | schoolid)"


def fit_2000(scaling: str, **others):
    return mlm.fit(ISEI, pisa2000(), design=mlm.SamplingDesign(OF_2000, scaling=scaling, **others))


def fit_2012(formula: str = OF_MATH + " + (1 | schoolid)", scaling: str = "none", **others):
    return mlm.fit(
        formula, pisa2012(), design=mlm.SamplingDesign(OF_2012, scaling=scaling, **others)
    )


def in_order(values) -> np.ndarray:
    return values.loc[["Intercept", *ORDER_OF_2012]].to_numpy()


def errors(fit) -> np.ndarray:
    return np.sqrt(np.diagonal(fit.covariance))


def variance_errors(fit) -> np.ndarray:
    return fit.variance_components["std_error"].to_numpy()


@pytest.mark.parametrize("scaling", SCALINGS)
def test_estimates_of_pisa_2000_hold_to_wemix(scaling):
    known, fit = expected()[f"pisa2000_usa isei {scaling}"], fit_2000(scaling)
    assert fit.log_pseudo_likelihood == pytest.approx(known["loglik"], rel=LIKELIHOOD)
    assert fit.beta == pytest.approx(known["beta"], rel=ESTIMATE)
    assert fit.sigma2 == pytest.approx(known["sigma2"], rel=ESTIMATE)
    assert fit.variance("id_school") == pytest.approx(known["covariances"][0][0][0], rel=ESTIMATE)
    assert errors(fit) == pytest.approx(known["se_joint"], rel=JOINT)
    assert (fit.n_obs, fit.n_psu, fit.df_design) == (2069, 148, 147)


def test_errors_of_pisa_2000_are_those_of_stata_to_all_printed_digits():
    """``mixed isei ... [pw = w_fstuwt] || id_school:, pweight(wnrschbw) pwscale(size)``."""
    printed = ["2.435712", ".8732886", "1.500337", "2.121145", "1.789947", "2.32633", "2.393165"]
    fit = fit_2000("size", standard_errors={"match": "stata"})
    for found, text in zip(errors(fit), printed, strict=True):
        digits = len(text.partition(".")[2])
        assert f"{found:.{digits}f}".lstrip("0") == text.lstrip("0")
    wemix = expected()["pisa2000_usa isei size"]["se_block"]
    assert errors(fit_2000("size", sandwich="block")) == pytest.approx(wemix, rel=ERROR)


FIVE = {
    "wemix": ("7.7780", "2.1175", "327.50", "152.49"),
    "stata": ("7.7780", "2.1175", "340.75", "152.58"),
    "gllamm": ("7.9545", "2.1373", "365.91", "152.42"),
    "sas": ("7.929", "2.131", "364.73", "151.93"),
    "mplus": ("7.929", "2.130", "364.725", "151.93"),
}


@pytest.mark.parametrize("program", FIVE)
def test_five_programs_are_one_formula_apart(program):
    """Table 1 of the vignette; all from one fit."""
    fit = mlm.with_errors(fit_2012(), pisa2012(), program)
    found = [fit.fixed_effects["std_error"][name] for name in ("Intercept", "escs")]
    found += list(variance_errors(fit))
    for value, text in zip(found, FIVE[program], strict=True):
        digits = len(text.partition(".")[2])
        half = 0.5 * 10.0**-digits
        assert value == pytest.approx(float(text), abs=half + OPTIMA * value)


def test_estimates_of_pisa_2012_hold_to_the_vignette():
    known, fit = expected()["pisa2012_usa pv1math none"], fit_2012()
    assert fit.log_pseudo_likelihood == pytest.approx(-12789991.9939, rel=LIKELIHOOD)
    assert in_order(fit.fixed_effects["estimate"]) == pytest.approx(known["beta"], rel=ESTIMATE)
    assert in_order(fit.fixed_effects["std_error"]) == pytest.approx(known["se_joint"], rel=JOINT)
    assert fit.variance("schoolid") == pytest.approx(1413.8101, rel=VARIANCE)
    assert fit.sigma2 == pytest.approx(5264.8003, abs=1e-3)


@pytest.mark.parametrize("scaling", ["size", "effective", "group_only", "gk"])
def test_all_scalings_of_pisa_2012(scaling):
    known, fit = expected()[f"pisa2012_usa pv1math {scaling}"], fit_2012(scaling=scaling)
    assert fit.log_pseudo_likelihood == pytest.approx(known["loglik"], rel=LIKELIHOOD)
    assert in_order(fit.fixed_effects["estimate"]) == pytest.approx(known["beta"], rel=ESTIMATE)
    assert in_order(fit.fixed_effects["std_error"]) == pytest.approx(known["se_joint"], rel=JOINT)


def test_an_independent_slope_holds_to_the_vignette():
    known = expected()["pisa2012_usa pv1math none independent slope"]
    fit = fit_2012(INDEPENDENT, sandwich="block")
    assert fit.log_pseudo_likelihood == pytest.approx(-12741522.7346, rel=LIKELIHOOD)
    found = fit.variance_components["variance"]
    assert found.to_numpy() == pytest.approx([1354.7055, 370.3276, 4967.3590], rel=LOOSE)
    assert in_order(fit.fixed_effects["estimate"]) == pytest.approx(known["beta"], rel=ESTIMATE)
    assert in_order(fit.fixed_effects["std_error"]) == pytest.approx(known["se_block"], rel=JOINT)
    other = fit_2012(INDEPENDENT, standard_errors={"match": "mplus"})
    assert variance_errors(other) == pytest.approx([311.72, 66.324, 137.36], rel=1e-4)


def test_a_correlated_slope():
    known = expected()["pisa2012_usa pv1math none correlated slope"]
    fit = fit_2012(CORRELATED)
    assert fit.log_pseudo_likelihood == pytest.approx(-12741285.5262, rel=LIKELIHOOD)
    (intercept, covariance), (_, slope) = fit.covariances[0]
    assert [intercept, covariance, slope] == pytest.approx(
        [1359.0695, 129.396, 353.1338], rel=LOOSE
    )
    assert in_order(fit.fixed_effects["std_error"]) == pytest.approx(known["se_joint"], rel=JOINT)


def test_three_levels_hold_to_wemix():
    known = expected()["sim3 three levels (rows 1, pupils w1/w2, schools w2)"]
    design = mlm.SamplingDesign({"pid": "w1", "id": "w2"}, scaling="none", sandwich="block")
    fit = mlm.fit("y ~ t + x1 + z + (1 | id/pid)", sim3(), design=design)
    assert fit.log_pseudo_likelihood == pytest.approx(-12696542.957142, rel=LIKELIHOOD)
    assert fit.beta == pytest.approx(known["beta"], rel=ESTIMATE)
    assert errors(fit) == pytest.approx(known["se_block"], rel=ERROR)
    found = [fit.variance("id:pid"), fit.variance("id"), fit.sigma2]
    assert found == pytest.approx([6256.0595, 1386.1158, 910.3731], rel=LOOSE)


def test_a_school_weighs_as_the_mean_of_its_pupils_where_the_file_has_no_weight():
    import pandas as pd

    rows = pd.read_csv(WEIGHTED / "pisa2003_nld.csv.gz", dtype={"SCHOOLID": str})
    rows = rows.dropna(subset=["ESCS", "ST03Q01"])
    mean = rows.groupby("SCHOOLID")["ESCS"].transform("mean")
    rows = rows.assign(male=(rows["ST03Q01"] == 2) * 1.0, mean=mean)
    design = mlm.SamplingDesign(
        {"row": "W_FSTUWT"}, mean_weights=("SCHOOLID",), scaling="size", sandwich="block"
    )
    fit = mlm.fit("PV1MATH ~ male + ESCS + mean + (1 | SCHOOLID)", rows, design=design)
    known = expected()["pisa2003_nld PV1MATH size, school weight = mean pupil weight"]
    assert fit.log_pseudo_likelihood == pytest.approx(known["loglik"], rel=LIKELIHOOD)
    assert fit.beta == pytest.approx(known["beta"], rel=ESTIMATE)
    assert errors(fit) == pytest.approx(known["se_block"], rel=ERROR)
    assert fit.variance("SCHOOLID") == pytest.approx(1190.873, rel=LOOSE)
    assert "SCHOOLID: mean weight of the rows; their sum is 177,704" in fit.summary()
    assert "worth 3,235 rows of equal weight" in fit.summary()


@pytest.mark.parametrize("scaling,mean", [("none", 0.933), ("size", 0.789), ("effective", 0.788)])
def test_raw_weights_make_schools_seem_better_known_than_they_are(scaling, mean):
    """Of the same pupils without weights the mean reliability is 0.770."""
    fit = fit_2012(scaling=scaling)
    schools = mlm.posterior_means(fit, pisa2012()).of("schoolid")
    left = schools.conditional[:, 0, 0] / schools.covariance[0, 0]
    assert (1.0 - left).mean() == pytest.approx(mean, abs=1e-3)
    assert (schools.comparative >= schools.conditional).all()
    assert schools.rows.sum() == 3136
