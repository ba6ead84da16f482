"""Weighted fits to plausible values, and to replicates, against other programs and a prototype.

PISA 2012 USA: Rubin's rules over the fits of WeMix 4.0.3. PISA 2003 NLD: fixed effects and school
variance agree with BIFIEsurvey 3.6-6 to its precision; its residual variance leaves the weights of
schools out, WeMix confirms ours for the first plausible value.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.front.pooling import sample_again
from mlm.statistics.pooling.rubin import pooled
from tests.reference.weighted_sets import (
    NEEDS_WEIGHTED,
    OF_MATH,
    ORDER_OF_2012,
    WEIGHTED,
    expected,
    pisa2012,
)

pytestmark = NEEDS_WEIGHTED

POOLED = 1e-5  # relative
PRINTED = 5e-5  # absolute: the reference has four decimals
PROTOTYPE = 1e-4  # relative, of errors whose optima have another tolerance
SCORE = mlm.PlausibleValues("maths", [f"pv{m}math" for m in range(1, 6)])
FORMULA = OF_MATH.replace("math ~", "maths ~") + " + (1 | schoolid)"
WEIGHTS = {"row": "w_fstuwt", "schoolid": "w_fschwt"}
LIKELIHOODS = [
    -12789991.9939,
    -12792874.0608,
    -12793470.1521,
    -12801578.2598,
    -12803187.1666,
]


def fit_2012(scaling: str, sandwich: str = "joint"):
    design = mlm.SamplingDesign(
        WEIGHTS, scaling=scaling, sandwich=sandwich, standard_errors="linearised"
    )
    return mlm.fit(FORMULA, pisa2012(), plausible_values=SCORE, design=design)


@pytest.mark.parametrize("scaling", ["none", "effective", "size"])
@pytest.mark.parametrize("sandwich", ["joint", "block"])
def test_five_plausible_values_are_pooled(scaling, sandwich):
    known, fit = expected()[f"pisa2012_usa pooled {scaling}"], fit_2012(scaling, sandwich)
    table = fit.fixed_effects.loc[["Intercept", *ORDER_OF_2012]]
    assert table["estimate"].to_numpy() == pytest.approx(known["beta"], rel=POOLED)
    assert table["std_error"].to_numpy() == pytest.approx(known[f"se_{sandwich}"], rel=POOLED)
    if sandwich == "joint":
        degrees = known["df_joint_barnard_rubin_156"]
        order = [fit.names.index(name) for name in table.index]
        betas = np.array([each.beta for each in fit.fits])
        pooled_by_design = pooled(betas, np.array([f.covariance for f in fit.fits]), 156.0)
        assert table["riv"].to_numpy() == pytest.approx(known["riv_joint"], rel=POOLED)
        assert pooled_by_design.df[order] == pytest.approx(degrees, rel=POOLED)
        assert (table["df"].to_numpy() <= np.array(degrees) * (1.0 + POOLED)).all()


def test_raw_weights_have_the_likelihoods_of_wemix():
    fit = fit_2012("none")
    found = [each.log_pseudo_likelihood for each in fit.fits]
    assert found == pytest.approx(LIKELIHOODS, rel=1e-9)
    variances = fit.variance_components["variance"].to_numpy()
    assert variances == pytest.approx([1397.961, 5295.229], rel=POOLED)


def test_effective_weights_are_what_edsurvey_should_give():
    fit = fit_2012("effective", "block")
    variances = fit.variance_components["variance"].to_numpy()
    assert variances == pytest.approx([1117.9, 5041.8], rel=1e-4)
    assert fit.shares["share"].iloc[0] == pytest.approx(0.1815, abs=PRINTED)
    own = [i for i, term in enumerate(fit.terms) if term == "st29q03"]
    beta, covariance = fit.beta[own], fit.covariance[np.ix_(own, own)]
    assert beta @ np.linalg.solve(covariance, beta) == pytest.approx(19.964, abs=5e-4)


def test_d1_has_the_degrees_of_freedom_of_the_design():
    found = mlm.wald_test(fit_2012("none"), ["sc14q02"], df=156.0)
    assert found.statistic == pytest.approx(5.4095, abs=PRINTED)
    assert found.reference.denominator == pytest.approx(127.2, abs=0.05)
    assert found.p_value == pytest.approx(0.00155, abs=1e-5)


@pytest.fixture(scope="module")
def netherlands():
    rows = pd.read_csv(WEIGHTED / "pisa2003_nld.csv.gz", dtype={"SCHOOLID": str})
    rows = rows.dropna(subset=["ESCS", "ST03Q01"])
    mean = rows.groupby("SCHOOLID")["ESCS"].transform("mean")
    made = pd.DataFrame({"male": (rows["ST03Q01"] == 2) * 1.0, "mean": mean})
    return pd.concat([rows, made], axis=1)


@pytest.fixture(scope="module")
def replicated(netherlands):
    score = mlm.PlausibleValues("maths", [f"PV{m}MATH" for m in range(1, 6)])
    design = mlm.SamplingDesign(
        {"row": "W_FSTUWT"},
        mean_weights=("SCHOOLID",),
        scaling="size",
        replicates=mlm.fay("W_FSTR{1..80}", k=0.5),
    )
    formula = "maths ~ male + ESCS + mean + (1 | SCHOOLID)"
    fit = mlm.fit(formula, netherlands, plausible_values=score, design=design)
    stats = sample_again(fit, netherlands)
    mlm.replicate(fit, stats)
    started = time.process_time()
    found = mlm.replicate(fit, stats)
    return fit, found, time.process_time() - started


def test_80_replicates_of_five_plausible_values(replicated):
    _, found, _ = replicated
    table, variances = found.fixed_effects, found.variance_components
    estimates = [522.6344, 12.4242, 13.5882, 121.1572]
    assert table["estimate"].to_numpy() == pytest.approx(estimates, abs=1e-4)
    errors = [3.2761, 2.0825, 1.7353, 6.1143]
    assert table["std_error"].to_numpy() == pytest.approx(errors, abs=PRINTED)
    assert variances["variance"].to_numpy() == pytest.approx([1196.91, 3244.10], abs=0.005)
    assert variances["std_error"].to_numpy() == pytest.approx([155.12, 106.24], rel=PROTOTYPE)
    assert found.made_from == "clusters" and found.spread < 1e-4  # rounding of the file
    assert all(draw.by_search == 0 for draw in found.draws)
    bifie = [522.6218, 12.4365, 13.5880, 121.1613]
    assert table["estimate"].to_numpy() == pytest.approx(bifie, rel=1.1e-3)


def test_errors_without_refits_are_near_those_with_them(replicated):
    _, found, _ = replicated
    assert found.ratio.to_numpy() == pytest.approx(1.0, abs=0.02)


def test_refits_of_five_plausible_values_take_no_time(replicated):
    """405 fits; 0.03 s of one thread where this was written, the aim is 0.15 s."""
    assert replicated[2] < 0.3


def test_pupils_weigh_and_schools_do_not(netherlands):
    """Null model with normalised pupil weights at the lowest level alone."""
    rows = pd.read_csv(WEIGHTED / "pisa2003_nld.csv.gz", dtype={"SCHOOLID": str})
    normal = rows["W_FSTUWT"] * len(rows) / rows["W_FSTUWT"].sum()
    rows = pd.concat([rows, normal.rename("normal")], axis=1)
    design = mlm.SamplingDesign({"row": "normal"}, are="conditional", scaling="none")
    fit = mlm.fit("PV1MATH ~ 1 + (1 | SCHOOLID)", rows, design=design)
    assert fit.variance("SCHOOLID") == pytest.approx(5529.84, rel=1e-4)
    assert fit.sigma2 == pytest.approx(3326.07, rel=1e-4)
    share = fit.variance("SCHOOLID") / (fit.variance("SCHOOLID") + fit.sigma2)
    assert share == pytest.approx(0.624, abs=0.0005)
