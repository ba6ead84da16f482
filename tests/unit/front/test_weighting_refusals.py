"""What weighted fits refuse or warn of, each by name and with its cure."""

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
from mlm.statistics.likelihood.identification import NotIdentified
from tests.drawn_schools import DESIGN, FORMULA, ROWS, WEIGHTS, sample

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")


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


def test_strata_of_one_cluster_are_joined_with_a_neighbour_and_named():
    rows = ROWS.assign(stratum=np.where(ROWS["school"] == 0, 9, ROWS["stratum"]))
    found = mlm.fit(FORMULA, rows, design=mlm.SamplingDesign(WEIGHTS, strata="stratum"))
    assert found.design.joined == (("9", "2"),)
    assert found.df_design == 24 - 3


def test_negative_weights_and_weights_of_zero_alone_are_refused():
    rows = ROWS.assign(w=np.where(ROWS.index == 5, -9.0, ROWS["w"]))
    assert kinds(DESIGN, rows)[0] == ["no_weight"]
    assert kinds(DESIGN, ROWS.assign(w=0.0))[0] == ["all_zero"]


def test_a_column_that_is_not_there_is_told_with_the_nearest():
    with pytest.raises(SurveyError, match="did you mean|Did you mean|w_row"):
        mlm.fit(FORMULA, ROWS, design=mlm.SamplingDesign({"row": "w_row"}))


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


def test_a_category_is_no_weight():
    rows = ROWS.assign(w=pd.Categorical(np.round(ROWS["w"]) + 5.0))
    found, text = kinds(DESIGN, rows, "y ~ w + (1 | school)")
    assert found == ["weight_is_category"]
    assert "copy of it as numbers" in text


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
