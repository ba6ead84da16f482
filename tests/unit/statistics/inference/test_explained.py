"""R squared, shares and tables of fits against rows and by hand."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.stats import chi2

import mlm
from mlm.errors import NotComparable, SingularFit, StatisticsError
from tests.nested_rows import nested_rows


def quiet(text, rows, criterion="REML"):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SingularFit)
        return mlm.fit(text, rows, criterion=criterion)


@pytest.fixture(scope="module")
def sloped():
    rows = nested_rows(
        np.random.default_rng(1), {"a": 15, "b": 3, "row": 5}, {"a": 0.5, "b": 0.3}, {"a": 0.4}
    )
    rows = rows.assign(x=3.0 + 2.0 * rows["x"])
    return rows, quiet("y ~ x + kind + (1 + x | a) + (1 | a:b)", rows)


def test_fixed_variance_is_that_of_the_fitted_part_of_the_rows(sloped):
    rows, fit = sloped
    found = mlm.r_squared(fit, rows)
    assert found.fixed == pytest.approx(np.var(mlm.predict(fit, rows), ddof=1), rel=1e-9)
    assert found.residual == fit.sigma2


def test_variance_with_slopes_is_its_mean_over_the_rows(sloped):
    rows, fit = sloped
    place = [term.name for term in fit.model.random].index("a")
    z = np.column_stack([np.ones(len(rows)), rows["x"]])
    expected = np.mean(np.einsum("ni,ij,nj->n", z, fit.sigma2 * fit.omegas[place], z))
    found = mlm.r_squared(fit, rows)
    assert found.random["a"] == pytest.approx(expected, rel=1e-9)
    assert found.random["a:b"] == pytest.approx(fit.variance("a:b"))
    parts = found.fixed + sum(found.random.values())
    assert found.conditional == pytest.approx(parts / (parts + fit.sigma2))
    assert found.marginal == pytest.approx(found.fixed / (parts + fit.sigma2))
    assert found.table["share"].sum() == pytest.approx(1.0)
    assert sum(found.shares.values()) == pytest.approx(1.0)


def test_a_variance_of_zero_gives_zero_and_not_a_gap():
    rng = np.random.default_rng(2)
    for _ in range(20):
        rows = nested_rows(rng, {"a": 6, "row": 4}, {})
        fit = quiet("y ~ 1 + (1 | a)", rows)
        if fit.variance("a") == 0.0:
            break
    found = mlm.r_squared(fit, rows)
    assert (found.marginal, found.conditional, found.icc) == (0.0, 0.0, 0.0)


def test_vpc_is_the_quadratic_of_the_slope(sloped):
    rows, fit = sloped
    place = [term.name for term in fit.model.random].index("a")
    values = [-1.0, 0.0, 2.5]
    table = mlm.vpc(fit, rows, "a", "x", values)
    covariance = fit.sigma2 * fit.omegas[place]
    for value, variance, share in zip(values, table["variance"], table["share"], strict=True):
        expected = covariance[0, 0] + 2 * covariance[0, 1] * value + covariance[1, 1] * value**2
        total = expected + fit.variance("a:b") + fit.sigma2
        assert variance == pytest.approx(expected, rel=1e-9)
        assert share == pytest.approx(expected / total, rel=1e-9)
    parts = [mlm.vpc(fit, rows, g, "x", values)["share"] for g in ("a", "a:b", "residual")]
    assert sum(parts).to_numpy() == pytest.approx(1.0)


def test_vpc_of_a_category():
    rng = np.random.default_rng(3)
    rows = nested_rows(rng, {"a": 30, "row": 12}, {"a": 0.5})
    rows = rows.assign(sex=np.where(rng.random(len(rows)) < 0.5, "F", "M"))
    fit = quiet("y ~ sex + (1 + sex | a)", rows)
    table = mlm.vpc(fit, rows, "a", "sex", ["F", "M"])
    covariance = fit.sigma2 * fit.omegas[0]
    assert table["variance"].tolist() == pytest.approx([covariance[0, 0], covariance.sum()])


def test_vpc_names_what_it_lacks(sloped):
    rows, fit = sloped
    with pytest.raises(StatisticsError, match="no level c"):
        mlm.vpc(fit, rows, "c", "x", [0.0])
    with pytest.raises(StatisticsError, match="no random slope"):
        mlm.vpc(fit, rows, "a", "kind", ["a"])


def test_wald_tests_are_chi_squared_of_the_quadratic_form(sloped):
    rows, fit = sloped
    table = mlm.term_tests(fit, rows, df="wald")
    chosen = [i for i, term in enumerate(fit.terms) if term == "kind"]
    beta, covariance = fit.beta[chosen], fit.covariance[np.ix_(chosen, chosen)]
    wald = beta @ np.linalg.solve(covariance, beta)
    assert table.loc["kind", "df"] == 2
    assert table.loc["kind", "statistic"] == pytest.approx(wald / 2)
    assert table.loc["kind", "p_value"] == pytest.approx(chi2.sf(wald, 2))


def test_a_term_of_one_column_has_the_test_of_the_fixed_effect(sloped):
    rows, fit = sloped
    row, effect = mlm.term_tests(fit, rows).loc["x"], fit.fixed_effects.loc["x"]
    assert row["statistic"] == pytest.approx(effect["z"] ** 2)
    assert row["denominator_df"] == pytest.approx(effect["df"], rel=1e-4)
    assert row["p_value"] == pytest.approx(effect["p_value"], rel=1e-4)


def test_an_unknown_method_and_another_sample_are_refused(sloped):
    rows, fit = sloped
    with pytest.raises(StatisticsError, match="expected one of"):
        mlm.term_tests(fit, rows, df="between-within")
    with pytest.raises(StatisticsError, match="sample"):
        mlm.r_squared(fit, rows.iloc[5:])


def test_criteria_are_compared_only_where_they_measure_the_same(sloped):
    rows, _ = sloped
    ml = [quiet(text, rows, "ML") for text in ("y ~ x + (1 | a)", "y ~ x + kind + (1 | a)")]
    with warnings.catch_warnings():
        warnings.simplefilter("error", NotComparable)
        table = mlm.compare(*ml)
    assert table["comparable"].all()
    assert table["delta_aic"].min() == 0.0
    assert table["aic"].tolist() == [fit.aic for fit in ml]
    reml = [quiet(fit.formula, rows) for fit in ml]
    with pytest.warns(NotComparable, match="REML criteria depend on the fixed part"):
        table = mlm.compare(*reml)
    assert table["comparable"].tolist() == [True, False]
    assert np.isnan(table["delta_aic"][1])
    with pytest.warns(NotComparable, match="one is by REML, the other by ML"):
        mlm.compare(reml[0], ml[0])
    with pytest.warns(NotComparable, match="another sample"):
        mlm.compare(ml[0], quiet("y ~ x + (1 | a)", rows.iloc[10:], "ML"))
