"""Errors of variances and shares of normal effects, against matrices of all rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlm
from mlm.nouns.levels import RESIDUAL
from mlm.nouns.model import INTERCEPT

SCHOOLS, PUPILS = 40, 12
NEAR = 1e-5  # relative: the optimum, and steps of the derivative of a share
FORMULAS = {
    "intercepts": "y ~ x + (1 | school)",
    "slopes": "y ~ x + (1 + x | school)",
    "two terms": "y ~ x + (1 | school) + (0 + x | school)",
    "two levels": "y ~ x + (1 + x | school) + (1 | school:class)",
}


def rows_of(weights: tuple[float, float] = (1.0, 1.0)) -> pd.DataFrame:
    """Pupils in classes of schools, whose effect of x differs; every other school weighs more."""
    rng = np.random.default_rng(5)
    n = SCHOOLS * PUPILS
    school = np.repeat(np.arange(SCHOOLS), PUPILS)
    effects = rng.multivariate_normal([0, 0], [[4.0, 0.3], [0.3, 0.25]], SCHOOLS)[school]
    x = 50.0 + 10.0 * rng.normal(size=n)
    own = np.repeat(rng.normal(size=3 * SCHOOLS), PUPILS // 3)
    y = 500.0 + effects[:, 0] + (2.0 + effects[:, 1]) * x + own + 5.0 * rng.normal(size=n)
    columns = {"school": school, "class": np.arange(n) // (PUPILS // 3) % 3, "x": x, "y": y}
    return pd.DataFrame({**columns, "w": np.array(weights)[school % 2]})


def fitted(formula: str, rows: pd.DataFrame) -> mlm.Fit:
    levels = {"school": "w"} | ({"school:class": "w"} if "class" in formula else {})
    return mlm.fit(formula, rows, design=mlm.SamplingDesign(levels))


def derivatives(fit: mlm.Fit, rows: pd.DataFrame) -> list[np.ndarray]:
    """Of the covariance of all rows by each variance and covariance, in the order of the fit."""
    of = {INTERCEPT: np.ones(len(rows)), "x": rows["x"].to_numpy()}
    groups = {
        "school": rows["school"].to_numpy(),
        "school:class": (3 * rows["school"] + rows["class"]).to_numpy(),
        RESIDUAL: np.arange(len(rows)),
    }
    found = []
    for name in fit.design.names:
        same = np.equal.outer(*[groups[name.group]] * 2)
        outer = np.outer(of[name.term1], of[name.term2 or name.term1])
        found.append(same * (outer if name.term2 is None else outer + outer.T))
    return found


@pytest.mark.parametrize("name", FORMULAS)
def test_errors_of_equal_weights_are_those_of_the_expected_information(name):
    rows = rows_of()
    fit = fitted(FORMULAS[name], rows)
    values = fit.design.variances
    parts = derivatives(fit, rows)
    inverse = np.linalg.inv(sum(v * part for v, part in zip(values, parts, strict=True)))
    products = [inverse @ part for part in parts]
    information = [[np.sum(a * b.T) / 2.0 for b in products] for a in products]
    expected = np.sqrt(np.diagonal(np.linalg.inv(information))) / values
    told = [each.term2 is None for each in fit.design.names]  # a covariance has no logarithm
    found = fit.design.normal_errors[: values.size]
    assert (~np.isnan(found)).tolist() == told
    np.testing.assert_allclose(found[told], expected[told], rtol=NEAR)


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("weights", [(1.0, 1.0), (1.0, 4.0)])
def test_errors_of_shares_do_not_depend_on_units(name, weights):
    rows = rows_of(weights)
    origin = 0.0 if name == "two terms" else 3.0  # without their covariance the origin matters
    moved = rows.assign(x=0.01 * rows["x"] - origin, y=7.0 * rows["y"])
    fit, other = (fitted(FORMULAS[name], each) for each in (rows, moved))
    p = fit.design.variances.size
    np.testing.assert_allclose(
        fit.design.normal_errors[p:], other.design.normal_errors[p:], rtol=NEAR
    )
