"""Plausible values of weighted samples: what a pooled fit tells of the design."""

from __future__ import annotations

import numpy as np
import pytest

import mlm
from mlm.errors import NotPooled, NotUnderWeights, StatisticsError
from tests.equivalence.test_replicates import DESIGN, ROWS, WEIGHTS, quietly

SCORE = mlm.PlausibleValues("score", ["pv0", "pv1", "pv2"])
FORMULA = "score ~ x + (1 | school)"


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(1)
    return ROWS.assign(**{c: ROWS["y"] + 0.3 * rng.normal(size=len(ROWS)) for c in SCORE.columns})


@pytest.fixture(scope="module")
def fit(rows):
    design = mlm.SamplingDesign(WEIGHTS)
    return quietly(mlm.fit, FORMULA, rows, plausible_values=SCORE, design=design)


def test_few_clusters_are_jackknifed_in_every_draw(fit):
    assert {each.design.method for each in fit.fits} == {"jackknife"}
    assert (fit.n_psu, fit.df_design) == (24, 23)
    corrected = np.mean([each.design.corrected for each in fit.fits], axis=0)
    np.testing.assert_allclose(fit.variance_components["corrected"], corrected)
    effects = np.mean([each.design_effect for each in fit.fits], axis=0)
    np.testing.assert_allclose(fit.design_effect, effects)


def test_errors_have_the_degrees_of_freedom_of_the_design(fit):
    table, parts = fit.fixed_effects, fit.variance_components
    assert (table["df"] < 23).all() and (parts["df"] < 23).all()
    test = mlm.wald_test(fit, ["x"])
    assert test.reference.denominator == pytest.approx(table.loc["x", "df"])
    assert test.p_value == pytest.approx(table.loc["x", "p_value"])
    shares = np.mean([each.shares["share"] for each in fit.fits], axis=0)
    np.testing.assert_allclose(fit.shares["share"], shares)


def test_other_scalings_are_means_over_the_draws(fit, rows):
    found = mlm.scaling_sensitivity(fit, rows)
    assert found.loc["effective", "x"] == pytest.approx(fit.beta[1])
    one = [mlm.scaling_sensitivity(each, rows).loc["size", "x"] for each in fit.fits]
    assert found.loc["size", "x"] == pytest.approx(np.mean(one))


def test_unit_effects_are_pooled(fit, rows):
    found = mlm.posterior_means(fit, rows).of("school")
    draws = [mlm.posterior_means(each, rows).of("school").mean for each in fit.fits]
    np.testing.assert_allclose(found.mean, np.mean(draws, axis=0))


@pytest.mark.parametrize(
    ("ask", "kind"),
    [
        (lambda f, r: mlm.likelihood_ratio_test(f, f, r), NotUnderWeights),
        (lambda f, r: mlm.fit(FORMULA, r, "REML", None, SCORE, DESIGN), NotUnderWeights),
        (lambda f, r: f.log_pseudo_likelihood, NotPooled),
        (lambda f, r: f.aic, NotPooled),
        (lambda f, r: mlm.replicate(f, r), StatisticsError),
        (lambda f, r: mlm.fit(FORMULA, r, plausible_values=SCORE).n_psu, StatisticsError),
    ],
)
def test_what_weights_do_not_allow_is_refused_by_name(fit, rows, ask, kind):
    with pytest.raises(kind):
        ask(fit, rows)
