"""Coding of terms against formulaic's model matrix, and the digits of standardised columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from formulaic import Formula

from mlm.errors import ModelError, SurveyError
from mlm.nouns.coding import code_terms, columns_of
from mlm.nouns.columns import Column, Columns, scale_of, scales_of
from mlm.nouns.formula import parse_formula

ROUNDING = 1e-12
ROWS = 40


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(6)
    return pd.DataFrame(
        {
            "x": rng.normal(3.0, 2.0, ROWS),
            "z": rng.uniform(0.1, 9.0, ROWS),
            "a": np.resize(["u", "v", "w"], ROWS),
            "b": np.resize(["p", "p", "q", "q", "q"], ROWS),
            "c": np.resize(["1", "0", "2", "0", "1", "1", "2"], ROWS),
        }
    )


CATEGORIES = {"a": ("u", "v", "w"), "b": ("p", "q"), "c": ("0", "1", "2")}

FORMULAS = [
    "1",
    "x",
    "0 + x",
    "a",
    "0 + a",
    "x + a",
    "x * a",
    "x:a",
    "x + x:a",
    "a + x:a",
    "a * b",
    "a + a:b",
    "b + a:b",
    "a * b * c",
    "a * b * x",
    "a:b:x",
    "x + I(x ** 2)",
    "(x + I(x ** 2)) * a",
    "I(x ** 3)",
    "log(z) + sqrt(z) * b",
    "log1p(z):a",
    "exp(x) + x:z",
    "0 + a + b",
    "0 + a + b + c",
    "0 + x + a + b",
    "0 + a * b",
    "0 + a:b",
    "0 + x + a:x",
]


def raw(columns: Columns, wanted: list[Column], frame: pd.DataFrame) -> np.ndarray:
    """Raw columns (n, p), put together from the stored ones."""
    if not columns.variables:
        return np.ones((len(frame), len(wanted)))
    stored, positions = columns.matrix(columns.read(frame)), columns.positions
    return np.column_stack(
        [
            sum(weight * stored[positions[c]] for c, weight in columns.expansion(column).items())
            for column in wanted
        ]
    )


@pytest.mark.parametrize("text", FORMULAS)
def test_columns_of_a_formula_equal_those_of_formulaic(frame, text):
    coded = code_terms(parse_formula(f"y ~ {text}").terms, CATEGORIES)
    expected = Formula(
        text.replace("log1p", "np.log1p")
        .replace("sqrt", "np.sqrt")
        .replace("log(", "np.log(")
        .replace("exp(", "np.exp(")
    ).get_model_matrix(frame, context={"np": np})
    powers = sorted({(v, f) for c in coded for v, f, _ in c.column.powers})
    columns = columns_of(coded, scales_of(frame, powers), CATEGORIES)
    found = raw(columns, [c.column for c in coded], frame)
    names = [name.replace("np.", "") for name in expected.columns]
    assert sorted(c.name for c in coded) == sorted(names)
    order = [names.index(c.name) for c in coded]
    np.testing.assert_allclose(found, expected.to_numpy(float)[:, order], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("text", ["a:b", "x + a:b", "a:b + a:c"])
def test_products_without_their_margins_span_what_formulaic_spans(frame, text):
    coded = code_terms(parse_formula(f"y ~ {text}").terms, CATEGORIES)
    expected = Formula(text).get_model_matrix(frame).to_numpy(float)
    columns = columns_of(coded, scales_of(frame, [("x", "identity")]), CATEGORIES)
    found = raw(columns, [c.column for c in coded], frame)
    rank = np.linalg.matrix_rank
    assert rank(found) == rank(expected) == rank(np.hstack([found, expected]))


def test_the_first_category_is_the_reference_whatever_its_name(frame):
    coded = code_terms(parse_formula("y ~ c").terms, {"c": ("2", "0", "1")})
    assert [c.name for c in coded] == ["Intercept", "c[T.0]", "c[T.1]"]


def test_a_function_of_a_category_is_refused():
    with pytest.raises(ModelError, match="a is a category"):
        code_terms(parse_formula("y ~ log(a)").terms, CATEGORIES)


def test_an_unknown_category_is_told_with_its_rows(frame):
    coded = code_terms(parse_formula("y ~ a").terms, CATEGORIES)
    columns = columns_of(coded, {}, CATEGORIES)
    wrong = frame.assign(a=["new" if i in (3, 5) else value for i, value in enumerate(frame["a"])])
    with pytest.raises(SurveyError, match=r"a: 2 rows .*rows 3, 5.*expected one of u, v, w"):
        columns.read(wrong)


def test_a_recipe_survives_json(frame):
    coded = code_terms(parse_formula("y ~ x * a + I(x ** 2) + log(z)").terms, CATEGORIES)
    scales = scales_of(frame, [("x", "identity"), ("z", "log")])
    columns = columns_of(coded, scales, CATEGORIES)
    assert Columns.from_dict(columns.to_dict()) == columns


@pytest.mark.parametrize("origin", [0.0, 5.0, 1e6, -1e12])
def test_standardised_values_are_near_zero_and_of_size_one(origin):
    values = origin + np.random.default_rng(1).normal(scale=3.0, size=500)
    mean, unit = scale_of(values)
    z = (values - mean) / unit
    assert abs(z.mean()) < 1e-3
    assert 0.6 < z.std() < 1.5
    assert np.log2(unit) == round(np.log2(unit)), "a power of two scales without rounding"


@pytest.mark.parametrize("values", [[], [np.nan], [4.0, 4.0], [np.inf, 1.0]])
def test_values_without_spread_get_unit_one(values):
    assert scale_of(np.array(values, dtype=float))[1] == 1.0
