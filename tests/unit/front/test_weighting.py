"""What weighted fits refuse, each by name and with its cure."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.errors import (
    NotUnderWeights,
    SamplingError,
    StatisticsError,
    SurveyError,
    WeaklyIdentified,
    WeightsInSmallGroups,
)
from mlm.nouns.columns import Columns
from mlm.statistics.likelihood.identification import NotIdentified

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
WEIGHTS = {"row": "w", "school": "ws"}


def sample(schools: int = 24, pupils: int = 6, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    school = np.repeat(np.arange(schools), pupils)
    x = rng.normal(size=school.size)
    y = 1.0 + x + rng.normal(0, 1, schools)[school] + rng.normal(0, 1, school.size)
    ws = rng.uniform(1, 5, schools)[school]
    return pd.DataFrame(
        {
            "school": school,
            "county": school // 4,
            "stratum": school // 8,
            "number": school % 8,
            "area": np.arange(school.size) % 7,
            "x": x,
            "y": y,
            "ws": ws,
            "w": ws * rng.uniform(1, 3, school.size),
        }
    )


ROWS = sample()
FORMULA = "y ~ x + (1 | school)"
DESIGN = mlm.SamplingDesign(WEIGHTS)


@pytest.fixture(scope="module")
def fit():
    return mlm.fit(FORMULA, ROWS, design=DESIGN)


def kinds(design: mlm.SamplingDesign, rows: pd.DataFrame = ROWS, formula: str = FORMULA):
    with pytest.raises(SamplingError) as caught:
        mlm.fit(formula, rows, design=design)
    return caught.value.kinds, str(caught.value)


def test_reml_is_refused_and_not_the_default(fit):
    assert fit.criterion == "ML"
    with pytest.raises(NotUnderWeights, match="REML criterion"):
        mlm.fit(FORMULA, ROWS, "REML", design=DESIGN)


@pytest.mark.parametrize(
    "ask,what",
    [
        (lambda fit: fit.aic, "AIC"),
        (lambda fit: fit.bic, "BIC"),
        (lambda fit: mlm.compare(fit, fit), "AIC"),
        (lambda fit: mlm.profile_intervals(fit, ROWS), "profile intervals"),
        (lambda fit: mlm.kenward_roger(fit, ROWS), "Kenward"),
        (lambda fit: mlm.term_tests(fit, ROWS, "satterthwaite"), "Satterthwaite"),
        (lambda fit: mlm.bootstrap_test(fit, fit, ROWS), "bootstrap"),
        (lambda fit: mlm.residuals(fit, ROWS), "residuals"),
    ],
)
def test_what_has_no_meaning_under_weights_is_refused_by_name(fit, ask, what):
    with pytest.raises(NotUnderWeights, match=what) as caught:
        ask(fit)
    assert "sampling weights" in str(caught.value)
    assert caught.value.kind == "sampling_weights"


def test_a_likelihood_ratio_test_is_a_refusal_with_its_reason(fit):
    small = mlm.fit("y ~ 1 + (1 | school)", ROWS, design=DESIGN)
    found = mlm.likelihood_ratio_test(small, fit)
    assert found.refused.kind == "under_weights"
    assert "wald_test" in found.reason


def test_residual_variances_and_precisions_beside_weights_are_refused():
    rows = ROWS.assign(wave=np.where(ROWS.index % 2, "a", "b"))
    with pytest.raises(NotUnderWeights, match="residual variances"):
        mlm.fit(FORMULA + " + diag(0 + wave | residual)", rows, design=DESIGN)
    with pytest.raises(SamplingError, match="precisions"):
        mlm.fit(FORMULA, ROWS, precision="w", design=DESIGN)


def test_a_fit_without_a_design_says_so():
    plain = mlm.fit(FORMULA, ROWS)
    for name in ("log_pseudo_likelihood", "n_psu", "df_design", "design_effect", "shares"):
        with pytest.raises(StatisticsError, match=name):
            getattr(plain, name)


def test_conditional_weights_given_as_overall_are_told_with_a_case():
    found, text = kinds(DESIGN, ROWS.assign(w=ROWS["w"] / ROWS["ws"] ** 1.5))
    assert found == ["lighter_than_unit"]
    assert 'are="conditional"' in text and "inside school" in text


def test_rows_that_were_divided_twice_are_told():
    rows = ROWS.assign(w=ROWS["w"] / ROWS["ws"] ** 2 / 9.0)
    found, text = kinds(mlm.SamplingDesign(WEIGHTS, are="conditional"), rows)
    assert found == ["sum_below_one"]
    assert "twice" in text


def test_a_weight_that_differs_inside_its_unit_is_told_with_the_units():
    rows = ROWS.copy()
    rows.loc[[1, 8], "ws"] *= 1.5
    found, text = kinds(DESIGN, rows)
    assert found == ["not_constant"]
    assert "2 of 24 units (0, 1)" in text and "waves" in text


def test_crossed_units_are_refused():
    found, text = kinds(DESIGN, formula="y ~ x + (1 | school) + (1 | area)")
    assert found == ["crossed"]
    assert "area" in text


@pytest.mark.parametrize("scaling", ["gk", "group_only"])
def test_scalings_of_one_level_are_refused_above_two(scaling):
    design = mlm.SamplingDesign({**WEIGHTS}, scaling=scaling)
    found, text = kinds(design, formula="y ~ x + (1 | county/school)")
    assert found == ["scaling_of_one_level"]
    assert scaling in text


def test_clusters_below_the_outermost_level_are_refused():
    found, _ = kinds(
        mlm.SamplingDesign(WEIGHTS, psu="school"), formula="y ~ x + (1 | county/school)"
    )
    assert found == ["cluster_below_outermost"]


def test_clusters_with_numbers_of_other_strata_are_told_and_cured():
    design = mlm.SamplingDesign(WEIGHTS, psu="number", strata="stratum")
    found, text = kinds(design)
    assert found == ["cluster_in_several_strata"]
    assert "psu='stratum:number'" in text
    cured = mlm.SamplingDesign(WEIGHTS, psu="stratum:number", strata="stratum")
    assert mlm.fit(FORMULA, ROWS, design=cured).df_design == 24 - 3


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


def test_strata_of_one_cluster_are_joined_with_a_neighbour_and_named():
    rows = ROWS.assign(stratum=np.where(ROWS["school"] == 0, 9, ROWS["stratum"]))
    found = mlm.fit(FORMULA, rows, design=mlm.SamplingDesign(WEIGHTS, strata="stratum"))
    assert found.design.joined == (("9", "2"),)
    assert found.df_design == 24 - 3


def test_rows_without_a_weight_are_left_out_with_their_reason():
    rows = ROWS.copy()
    rows["w"] = rows["w"].where(rows.index > 4)
    rows.loc[[10, 11, 20], "w"] = 0.0
    found = mlm.fit(FORMULA, rows, design=DESIGN)
    assert (found.n_obs, found.dropped, found.design.zero) == (136, {"w": 5}, {"w": 3})
    kept = rows[rows["w"] > 0]
    assert found.beta == pytest.approx(mlm.fit(FORMULA, kept, design=DESIGN).beta, rel=1e-12)


def test_negative_weights_and_weights_of_zero_alone_are_refused():
    rows = ROWS.assign(w=np.where(ROWS.index == 5, -9.0, ROWS["w"]))
    assert kinds(DESIGN, rows)[0] == ["no_weight"]
    assert kinds(DESIGN, ROWS.assign(w=0.0))[0] == ["all_zero"]


def test_a_column_that_is_not_there_is_told_with_the_nearest():
    with pytest.raises(SurveyError, match="did you mean|Did you mean|w_row"):
        mlm.fit(FORMULA, ROWS, design=mlm.SamplingDesign({"row": "w_row"}))


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


def test_weights_of_levels_that_are_not_there_are_told_with_the_nearest_name():
    found, text = kinds(mlm.SamplingDesign({"row": "w", "schol": "ws"}))
    assert found == ["unknown_level"]
    assert "Did you mean school" in text
    above = mlm.SamplingDesign({"row": "w", "school": "ws", "county": "ones"})
    rows = ROWS.assign(ones=1.0)
    assert mlm.fit(FORMULA, rows, design=above).beta == pytest.approx(
        mlm.fit(FORMULA, rows, design=DESIGN).beta
    )


def test_overall_weights_of_rows_alone_do_not_tell_how_units_were_drawn():
    found, text = kinds(mlm.SamplingDesign({"row": "w"}))
    assert found == ["no_unit_weight"]
    assert "mean_weights=('school',)" in text
    mean = mlm.fit(FORMULA, ROWS, design=mlm.SamplingDesign({"row": "w"}, mean_weights=("school",)))
    rows = ROWS.assign(ws=ROWS.groupby("school")["w"].transform("mean"))
    light = rows["w"] / rows["ws"]
    inside = rows.assign(w=light)
    given = mlm.SamplingDesign(WEIGHTS, are="conditional")
    assert mean.beta == pytest.approx(mlm.fit(FORMULA, inside, design=given).beta, rel=1e-9)


def test_a_model_without_groups_is_a_regression_with_clusters():
    """Binder's sandwich of weighted least squares, as R's ``svyglm`` has it."""
    design = mlm.SamplingDesign({"row": "w"}, psu="school", standard_errors="linearised")
    fit = mlm.fit("y ~ x", ROWS, design=design)
    x = np.column_stack([np.ones(len(ROWS)), ROWS["x"]])
    w, y = ROWS["w"].to_numpy(), ROWS["y"].to_numpy()
    bread = np.linalg.inv((x * w[:, None]).T @ x)
    beta = bread @ (x * w[:, None]).T @ y
    scores = pd.DataFrame(x * (w * (y - x @ beta))[:, None]).groupby(ROWS["school"]).sum()
    middle = 24 / 23 * scores.T.to_numpy() @ scores.to_numpy()
    assert fit.beta == pytest.approx(beta, rel=1e-10)
    assert fit.covariance == pytest.approx(bread @ middle @ bread, rel=1e-9)
    jackknife = mlm.with_errors(fit, ROWS, "jackknife")
    assert np.sqrt(
        np.diagonal(jackknife.covariance) / np.diagonal(fit.covariance)
    ) == pytest.approx(1.0, abs=0.2)
    assert kinds(mlm.SamplingDesign({"row": "w"}), formula="y ~ x")[0] == ["no_clusters"]


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


def test_weights_that_differ_in_small_groups_are_warned_of():
    with pytest.warns(WeightsInSmallGroups, match="6.0 rows on average"):
        mlm.fit(FORMULA, ROWS, design=DESIGN)
    large, equal = sample(schools=12, pupils=12), ROWS.assign(w=2.0 * ROWS["ws"])
    with warnings.catch_warnings():
        warnings.simplefilter("error", WeightsInSmallGroups)
        mlm.fit(FORMULA, large, design=DESIGN)
        mlm.fit(FORMULA, equal, design=DESIGN)
        mlm.fit(FORMULA, ROWS, design=mlm.SamplingDesign(WEIGHTS, scaling="group_only"))


def test_sums_by_cluster_that_no_machine_holds_are_refused(monkeypatch):
    from mlm.rows.accumulating.sampling import cluster_sums

    monkeypatch.setattr(cluster_sums, "MOST_IN_CLUSTERS", 24 * 9 - 1)
    found, text = kinds(DESIGN)
    assert found == ["too_many_clusters"]
    assert "24 clusters of school with 3 columns" in text


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


def test_variances_that_can_hardly_be_told_apart_are_warned_of():
    rng = np.random.default_rng(4)
    rows = pd.DataFrame({"g": [*range(100), 0, 1, 2], "y": rng.normal(size=103)})
    with pytest.warns(WeaklyIdentified, match="by the design"):
        mlm.fit("y ~ 1 + (1 | g)", rows.assign(w=1.0), design=mlm.SamplingDesign({"g": "w"}))


def test_groups_of_one_row_are_not_told_from_rows_by_unequal_weights():
    rng = np.random.default_rng(5)
    rows = pd.DataFrame({"g": range(60), "y": rng.normal(size=60), "w": rng.uniform(1, 9, 60)})
    for scaling in ("none", "effective"):
        design = mlm.SamplingDesign({"row": "w"}, are="conditional", scaling=scaling)
        with pytest.raises(NotIdentified):
            mlm.fit("y ~ 1 + (1 | g)", rows, design=design)


@pytest.mark.parametrize("kind", ["int16", "int64", "uint8", "Int32", "float32"])
def test_weights_of_any_number_type_are_the_same(kind):
    whole = ROWS.assign(w=np.round(3.0 * ROWS["w"]) + 15.0, ws=np.round(ROWS["ws"]))
    typed = whole.astype({"w": kind, "ws": kind})
    one, other = (mlm.fit(FORMULA, each, design=DESIGN) for each in (whole, typed))
    assert other.deviance == pytest.approx(one.deviance, rel=1e-12)
    assert other.design.effective == pytest.approx(one.design.effective, rel=1e-12)


def test_a_category_is_no_weight():
    rows = ROWS.assign(w=pd.Categorical(np.round(ROWS["w"]) + 5.0))
    found, text = kinds(DESIGN, rows, "y ~ w + (1 | school)")
    assert found == ["weight_is_category"]
    assert "copy of it as numbers" in text
