"""Every fit holds to that of lme4: data set by model by criterion by quantity."""

from __future__ import annotations

import numpy as np
import pytest

import mlm
from tests.reference.reference_sets import (
    NEEDS_DATA,
    TEXT,
    effects,
    fitted,
    model,
    plain_term,
    reference,
)

CRITERION = 1e-6  # deviance; both optima are polished, differences are rounding (seen: 4e-9)
FIXED = 1e-5  # in standard errors: an error of theta enters twice over its flat direction
RELATIVE = 1e-5  # standard errors; they move with theta
VARIANCE = 1e-4  # relative; the optimum is flat, so theta errs by the root of the deviance
THETA = 1e-4  # as lme4 reports it, for the same reason
POSTERIOR = 1e-4  # in standard deviations of the effect
ZERO = 1e-8  # a variance that lme4 puts below this is one at its bound

FITS = [
    (name, entry["name"], entry["estimator"])
    for name in TEXT
    for entry in reference(name).get("models", [])
]


def components(fit) -> dict:
    """Variances and covariances by group and the two terms, as R names them."""
    out = {}
    for row in fit.variance_components.itertuples():
        second = row.term2 if row.term2 is not None else row.term1
        out[row.group, plain_term(row.term1), plain_term(second)] = row.variance
    return out


def check_criterion(fit, entry, _):
    assert fit.deviance == pytest.approx(entry["criterion"], abs=CRITERION, rel=0)
    assert fit.aic == pytest.approx(entry["aic"], abs=CRITERION, rel=0)
    assert fit.bic == pytest.approx(entry["bic"], abs=CRITERION, rel=0)
    assert fit.converged


def check_sizes(fit, entry, _):
    assert fit.n_obs == entry["n_obs"]
    assert fit.n_params == entry["npar"]
    assert fit.n_groups == entry["n_groups"]


def check_fixed_effects(fit, entry, _):
    expected = np.array([row["estimate"] for row in entry["fixed"]])
    error = np.array([row["se"] for row in entry["fixed"]])
    found = fit.fixed_effects
    assert len(found) == len(expected)
    assert np.abs(found["estimate"] - expected).div(error).max() < FIXED
    assert found["std_error"].to_numpy() == pytest.approx(error, rel=RELATIVE)


def check_covariance_of_fixed_effects(fit, entry, _):
    expected = np.array(entry["vcov_fixed"])
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    assert np.abs((fit.covariance - expected) / scale).max() < 2 * RELATIVE


def check_variances(fit, entry, _):
    found = components(fit)
    assert fit.sigma2 == pytest.approx(entry["residual_variance"], rel=VARIANCE)
    for part in entry["variance_components"]:
        group = part["group"].split(".")[0]  # lme4 numbers a group that occurs twice
        for term, variance in zip(part["terms"], part["variance"], strict=True):
            assert found[group, term, term] == pytest.approx(variance, rel=VARIANCE, abs=ZERO)


def check_theta(fit, entry, _):
    assert fit.theta == pytest.approx(np.atleast_1d(entry["theta"]), abs=THETA, rel=0)


def check_singularity(fit, entry, _):
    assert fit.is_singular == entry["singular"]


def check_posterior_means(fit, entry, key):
    means = effects(*key).effects
    for part in entry["blups"]:
        group = part["group"].split(".")[0]
        for unit in part["units"]:
            for term, value in unit["estimate"].items():
                mine = next(
                    e
                    for e in means
                    if e.group == group and term in [plain_term(t) for t in e.terms]
                )
                column = [plain_term(t) for t in mine.terms].index(term)
                row = int(np.flatnonzero(mine.units == unit["level"])[0])
                sd = np.sqrt(mine.covariance[column, column])
                near = POSTERIOR * max(sd, ZERO)
                assert mine.mean[row, column] == pytest.approx(value, abs=near, rel=0)
                error = np.sqrt(max(mine.conditional[row, column, column], 0.0))
                assert error == pytest.approx(unit["cond_sd"][term], abs=near, rel=0)


QUANTITIES = {
    "criterion": check_criterion,
    "sizes": check_sizes,
    "fixed effects": check_fixed_effects,
    "covariance": check_covariance_of_fixed_effects,
    "variances": check_variances,
    "theta": check_theta,
    "singularity": check_singularity,
    "posterior means": check_posterior_means,
}


@NEEDS_DATA
@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("key", FITS, ids="-".join)
def test_fit_holds_to_lme4(key, quantity):
    QUANTITIES[quantity](fitted(*key), model(*key), key)


TESTS = [
    (name, entry["smaller"], entry["larger"])
    for name in TEXT
    for entry in reference(name).get("likelihood_ratio_tests", [])
    if "chisq" in entry
]
DIFFERENCE = 2 * CRITERION  # two deviances, each within its tolerance
P_VALUE = 1e-6  # relative; d log p = -d statistic / 2


def one_variance_more(small, large) -> bool:
    """Whether the larger model has one variance more and differs in nothing else."""
    return len(large.theta) - len(small.theta) == 1 and small.names == large.names


@NEEDS_DATA
@pytest.mark.parametrize("name,smaller,larger", TESTS, ids=lambda text: text)
def test_likelihood_ratio_test_holds_to_lme4(name, smaller, larger):
    entry = next(
        t
        for t in reference(name)["likelihood_ratio_tests"]
        if (t["smaller"], t["larger"]) == (smaller, larger)
    )
    small, large = fitted(name, smaller, "ML"), fitted(name, larger, "ML")
    test = mlm.likelihood_ratio_test(small, large)
    assert test.is_valid, test
    assert test.statistic == pytest.approx(entry["chisq"], abs=DIFFERENCE, rel=0)
    assert test.df == entry["df"]
    if one_variance_more(small, large) and len(large.model.random) > len(small.model.random):
        expected = entry["p_half_mixture_if_one_variance"]
    elif test.reference.kind == "chi_squared":
        expected = entry["p_chisq"]
    else:
        expected = mixture_tail(entry["chisq"], entry["df"])
    assert test.p_value == pytest.approx(expected, rel=P_VALUE, abs=1e-300)


def mixture_tail(statistic: float, df: int) -> float:
    """Half chi2(df - 1), half chi2(df): one slope beside df - 1 correlated effects."""
    from scipy.stats import chi2

    return 0.5 * (chi2.sf(statistic, df - 1) + chi2.sf(statistic, df))


DEGREES = {  # Satterthwaite degrees of freedom on sleepstudy by lmerTest (Kuznetsova et al. 2017)
    "full": [22.8102, 161.0],
    "slope": [17.0, 17.0],
}
PRINTED = 1e-3  # they are printed with few decimals


@NEEDS_DATA
@pytest.mark.parametrize("label", DEGREES)
def test_degrees_of_freedom_hold_to_lmertest(label):
    fit = fitted("sleepstudy", label, "REML")
    assert fit.degrees == pytest.approx(DEGREES[label], rel=PRINTED)
