"""Tests of terms: Wald tests against closed forms, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, f_oneway

import mlm
from mlm.errors import StatisticsError
from mlm.results.reference import ChiSquared
from tests.nested_rows import nested_rows


@pytest.fixture(scope="module")
def nested():
    rng = np.random.default_rng(3)
    return nested_rows(rng, {"county": 9, "row": 12}, {"county": 0.3})


def test_a_wald_test_of_balanced_groups_is_the_analysis_of_variance_of_their_means():
    rng = np.random.default_rng(4)
    school = np.repeat(np.arange(18), 8)
    kind = np.array(["a", "b", "c"])[school % 3]
    score = 2.0 * (kind == "b") + rng.normal(0.0, 2.0, 18)[school] + rng.normal(0.0, 1.0, 144)
    rows = pd.DataFrame({"school": school.astype(str), "kind": kind, "score": score})
    test = mlm.wald_test(mlm.fit("score ~ kind + (1 | school)", rows), ["kind"])
    means = rows.groupby(["kind", "school"])["score"].mean()
    expected = 2.0 * f_oneway(*(means[kind] for kind in "abc")).statistic
    assert test.statistic == pytest.approx(expected, rel=1e-6)
    assert test.p_value == pytest.approx(chi2.sf(expected, 2), rel=1e-5)
    assert test.reference == ChiSquared(df=2)


def test_a_wald_test_of_several_terms_is_the_quadratic_form_whatever_their_units(nested):
    rows = nested.assign(x=1e7 * nested["x"])
    fit = mlm.fit("y ~ x + z + kind + (1 | county)", rows)
    chosen = [i for i, term in enumerate(fit.terms) if term in {"x", "z"}]
    beta, covariance = fit.beta[chosen], fit.covariance[np.ix_(chosen, chosen)]
    test = mlm.wald_test(fit, ["z", "x"])
    assert test.df == 2
    assert test.statistic == pytest.approx(beta @ np.linalg.solve(covariance, beta), rel=1e-7)


def test_a_wald_test_of_one_column_is_its_squared_ratio(nested):
    fit = mlm.fit("y ~ x + z + (1 | county)", nested)
    test = mlm.wald_test(fit, "z")
    assert test.statistic == pytest.approx(fit.fixed_effects.loc["z", "z"] ** 2)
    assert test.df == 1


def test_a_wald_test_names_the_terms_that_there_are(nested):
    fit = mlm.fit("y ~ x + z + (1 | county)", nested)
    with pytest.raises(StatisticsError, match="no term kind; .* Intercept, x, z"):
        mlm.wald_test(fit, ["x", "kind"])
    with pytest.raises(StatisticsError, match="no term to test"):
        mlm.wald_test(fit, [])


def test_a_wald_test_of_a_factor_does_not_depend_on_its_reference(nested):
    tests = [
        mlm.wald_test(
            mlm.fit(
                "y ~ x + kind + (1 | county)",
                nested.assign(kind=pd.Categorical(nested["kind"], order)),
            ),
            ["kind"],
        ).statistic
        for order in (["a", "b", "c"], ["c", "a", "b"])
    ]
    assert tests[0] == pytest.approx(tests[1], rel=1e-6)
