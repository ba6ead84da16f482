"""Weighted fits: their tests, errors and sums, and rows and clusters of every kind."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.errors import (
    StatisticsError,
)
from mlm.nouns.columns import Columns
from tests.drawn_schools import DESIGN, FORMULA, ROWS, WEIGHTS

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")


@pytest.fixture(scope="module")
def fit():
    return mlm.fit(FORMULA, ROWS, design=DESIGN)


def test_weights_are_summed_by_wave():
    rows = ROWS.assign(year=2010 + ROWS.index % 2)
    fit = mlm.fit(FORMULA, rows, design=mlm.SamplingDesign(WEIGHTS, wave="year"))
    waves = fit.design.waves
    assert mlm.Fit.from_record(fit.to_record()).design.waves == waves
    assert [(each.wave, each.rows) for each in waves] == [("2010", 72), ("2011", 72)]
    assert waves[0].weight == pytest.approx(rows.loc[rows["year"] == 2010, "w"].sum())


def test_weighted_samples_are_not_added():
    design = mlm.SamplingDesign(WEIGHTS)
    from mlm.nouns.formula import parse_formula
    from mlm.rows.accumulating.model_statistics import statistics_of

    found = statistics_of(parse_formula(FORMULA), ROWS, design=design)
    with pytest.raises(StatisticsError, match="Accumulate all rows together"):
        found + found
    assert isinstance(found.columns, Columns)


def test_terms_are_tested_by_f_with_the_degrees_of_the_design(fit):
    test = mlm.wald_test(fit, ["x"])
    row = fit.fixed_effects.loc["x"]
    assert test.statistic == pytest.approx(row["z"] ** 2)
    assert test.p_value == pytest.approx(row["p_value"])
    assert test.reference.denominator == pytest.approx(row["df"])
    assert row["df"] < fit.df_design  # a few clusters bring most of its error
    assert mlm.term_tests(fit, ROWS).loc["x", "p_value"] == pytest.approx(row["p_value"])


def test_errors_are_found_otherwise_from_one_fit(fit):
    block = mlm.fit(FORMULA, ROWS, design=mlm.SamplingDesign(WEIGHTS, sandwich="block"))
    assert mlm.with_errors(fit, ROWS, "wemix").covariance == pytest.approx(block.covariance)
    jackknife = mlm.with_errors(fit, ROWS, "jackknife")
    assert jackknife.covariance == pytest.approx(fit.covariance, rel=1e-6)
    with pytest.raises(mlm.MLMError, match="expected one of"):
        mlm.with_errors(fit, ROWS, "lisrel")
    with pytest.raises(StatisticsError, match="design"):
        mlm.with_errors(mlm.fit(FORMULA, ROWS), ROWS, "block")


def test_sensitivity_to_scaling_holds_the_fits_of_all_scalings(fit):
    table = mlm.scaling_sensitivity(fit, ROWS)
    assert list(table.index) == ["effective", "size", "none", "group_only", "gk", "unweighted"]
    assert table.loc["effective", "x"] == pytest.approx(fit.beta[1], rel=1e-6)
    assert table.loc["effective", "share of school"] == pytest.approx(
        fit.shares.loc["school", "share"], rel=1e-5
    )
    plain = mlm.fit(FORMULA, ROWS, criterion="ML")
    assert table.loc["unweighted", "x"] == pytest.approx(plain.beta[1], rel=1e-6)
    several = mlm.fit("y ~ x + (1 | county/school)", ROWS, design=DESIGN)
    assert "gk" not in mlm.scaling_sensitivity(several, ROWS).index


@pytest.mark.parametrize("replicates", [False, True])
def test_weighted_cross_products_are_stored_whole(tmp_path, replicates):
    from mlm.front.fitting import sample_of

    half, zone = ROWS["school"] % 2, ROWS["school"] // 2
    rows = ROWS.assign(year=2010 + ROWS.index % 2, half=half, zone=zone)
    made = mlm.jk2(zone="zone", unit="half") if replicates else None
    design = mlm.SamplingDesign(WEIGHTS, strata="stratum", wave="year", replicates=made)
    first = mlm.fit(FORMULA, rows, design=design)
    stats = sample_of(first, rows)
    stats.save(tmp_path / "sums.npz")
    again = mlm.CrossProducts.load(tmp_path / "sums.npz")
    assert again.sampled.design == design
    assert again.sampled.waves == stats.sampled.waves
    one, other = (mlm.fit(FORMULA, each) for each in (stats, again))
    assert other.to_record() == one.to_record()
    assert other.design.method == ("replicates" if replicates else "jackknife")
    assert mlm.posterior_means(other, again).table.equals(mlm.posterior_means(one, stats).table)
    with pytest.raises(StatisticsError, match="another sampling design"):
        mlm.fit(FORMULA, again, design=DESIGN)


def test_clusters_may_hold_several_outermost_units():
    rows = ROWS.assign(county=ROWS["school"] // 4)
    design = mlm.SamplingDesign(WEIGHTS, psu="county")
    fit = mlm.fit(FORMULA, rows, design=design)
    assert (fit.n_psu, fit.df_design) == (6, 5)
    assert fit.beta == pytest.approx(mlm.fit(FORMULA, rows, design=DESIGN).beta, rel=1e-9)


def test_a_variance_of_zero_has_errors_of_all_else():
    noise = np.random.default_rng(1).normal(size=len(ROWS))
    rows = ROWS.assign(y=noise - pd.Series(noise).groupby(ROWS["school"]).transform("mean"))
    fit = mlm.fit(FORMULA, rows, design=DESIGN)
    assert fit.is_singular
    assert np.isfinite(fit.covariance).all()
    assert (np.diagonal(fit.covariance) > 0).all()
    assert fit.shares.loc["school", "share"] == pytest.approx(0.0, abs=1e-6)


def test_several_terms_are_tested_together_by_f():
    rows = ROWS.assign(a=ROWS["x"] ** 2, b=np.sin(ROWS.index.to_numpy()))
    fit = mlm.fit("y ~ x + a + b + (1 | school)", rows, design=DESIGN)
    test = mlm.wald_test(fit, ["x", "a", "b"])
    wald = fit.beta[1:] @ np.linalg.solve(fit.covariance[1:, 1:], fit.beta[1:])
    k = 3
    d = k / np.sum(1.0 / fit.degrees[1:])
    assert d < fit.df_design
    assert test.statistic == pytest.approx((d - k + 1) / (k * d) * wald)
    assert (test.reference.df, test.reference.denominator) == (k, pytest.approx(d - k + 1))
    few = rows[rows["school"] < 3]
    small = mlm.fit("y ~ x + a + b + (1 | school)", few, design=DESIGN)
    with pytest.raises(StatisticsError, match="2 degrees of freedom"):
        mlm.wald_test(small, ["x", "a", "b"])


def test_shares_have_errors_by_the_delta_method_and_by_the_jackknife(fit):
    linear = mlm.with_errors(fit, ROWS, "joint")
    between, within = linear.variance("school"), linear.sigma2
    slopes = np.array([within, -between]) / (between + within) ** 2
    error = np.sqrt(slopes @ linear.design.variance_covariance @ slopes)
    row = linear.shares.loc["school"]
    assert row["share"] == pytest.approx(between / (between + within))
    assert row["std_error"] == pytest.approx(error, rel=1e-5)
    assert 0.0 < row["lower"] < row["share"] < row["upper"] < 1.0
    jackknife = mlm.with_errors(fit, ROWS, "jackknife").shares.loc["school"]
    assert jackknife["std_error"] == pytest.approx(error, rel=0.5)
    assert jackknife["std_error"] != pytest.approx(error, rel=1e-3)


@pytest.mark.parametrize("kind", ["int16", "int64", "uint8", "Int32", "float32"])
def test_weights_of_any_number_type_are_the_same(kind):
    whole = ROWS.assign(w=np.round(3.0 * ROWS["w"]) + 15.0, ws=np.round(ROWS["ws"]))
    typed = whole.astype({"w": kind, "ws": kind})
    one, other = (mlm.fit(FORMULA, each, design=DESIGN) for each in (whole, typed))
    assert other.deviance == pytest.approx(one.deviance, rel=1e-12)
    assert other.design.effective == pytest.approx(one.design.effective, rel=1e-12)


def test_rows_without_a_weight_are_left_out_with_their_reason():
    rows = ROWS.copy()
    rows["w"] = rows["w"].where(rows.index > 4)
    rows.loc[[10, 11, 20], "w"] = 0.0
    found = mlm.fit(FORMULA, rows, design=DESIGN)
    assert (found.n_obs, found.dropped, found.design.zero) == (136, {"w": 5}, {"w": 3})
    kept = rows[rows["w"] > 0]
    assert found.beta == pytest.approx(mlm.fit(FORMULA, kept, design=DESIGN).beta, rel=1e-12)


def test_strata_may_be_several_columns_together():
    """Such as the wave and the stratum, where each wave is a sample of its own."""
    rows = ROWS.assign(half=ROWS["school"] % 2)
    rows["joined"] = rows["stratum"].astype(str) + "-" + rows["half"].astype(str)
    found, expected = (
        mlm.fit(FORMULA, rows, design=mlm.SamplingDesign(WEIGHTS, strata=strata))
        for strata in ("stratum:half", "joined")
    )
    errors = [fit.fixed_effects["std_error"] for fit in (found, expected)]
    np.testing.assert_allclose(*errors, rtol=1e-12)
