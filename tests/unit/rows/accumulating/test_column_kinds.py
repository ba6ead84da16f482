"""What is a number is one whatever type it comes in; what is none is refused with its cases."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import mlm
from mlm.errors import SurveyError
from mlm.nouns.formula import parse_formula
from mlm.nouns.hierarchy import Hierarchy
from mlm.rows.accumulating.model_statistics import statistics_of

pytestmark = pytest.mark.filterwarnings("ignore::mlm.errors.SingularFit")
N = 60
AGE = [10 + i * i % 7 for i in range(N)]
FORMULA = "y ~ age + (1 | g)"


def rows(age) -> pd.DataFrame:
    noise = np.random.default_rng(5).normal(size=N)
    g = np.repeat(np.arange(10), N // 10)
    y = 0.3 * np.array(AGE) + noise + np.random.default_rng(6).normal(size=10)[g]
    return pd.DataFrame({"g": g, "y": y, "age": age})


def with_missing(values):
    return [None if i in (3, 17) else value for i, value in enumerate(values)]


TYPES = {
    "Decimal": lambda: pd.Series([Decimal(a) for a in AGE], dtype=object),
    "Fraction": lambda: pd.Series([Fraction(a) for a in AGE], dtype=object),
    "objects": lambda: pd.Series(AGE, dtype=object),
    "mixed numbers": lambda: pd.Series(
        [Decimal(a) if a % 2 else float(a) for a in AGE], dtype=object
    ),
    "numpy objects": lambda: pd.Series([np.float32(a) for a in AGE], dtype=object),
    "Int64": lambda: pd.Series(AGE, dtype="Int64"),
    "UInt8": lambda: pd.Series(AGE, dtype="UInt8"),
    "Float64": lambda: pd.Series(AGE, dtype="Float64"),
    "arrow int": lambda: pd.Series(AGE, dtype="int64[pyarrow]"),
    "arrow double": lambda: pd.Series(AGE, dtype="double[pyarrow]"),
    "arrow decimal": lambda: pd.Series(
        [Decimal(a) for a in AGE], dtype=pd.ArrowDtype(pa.decimal128(9, 2))
    ),
    "Decimal, missing": lambda: pd.Series(with_missing(map(Decimal, AGE)), dtype=object),
    "objects, missing": lambda: pd.Series(with_missing(AGE), dtype=object),
    "Int64, missing": lambda: pd.Series(with_missing(AGE), dtype="Int64"),
    "Float64, missing": lambda: pd.Series(with_missing(AGE), dtype="Float64"),
    "arrow int, missing": lambda: pd.Series(with_missing(AGE), dtype="int64[pyarrow]"),
}


@pytest.mark.battery(8)
@pytest.mark.parametrize("kind", TYPES)
def test_numbers_of_any_type_are_numbers(kind):
    data = rows(TYPES[kind]())
    plain = rows(pd.Series(with_missing(AGE) if "missing" in kind else AGE, dtype=float))
    fit, expected = mlm.fit(FORMULA, data), mlm.fit(FORMULA, plain)
    assert fit.names == ("Intercept", "age")
    np.testing.assert_allclose(fit.beta, expected.beta, rtol=1e-12)
    np.testing.assert_allclose(
        mlm.predict(fit, data), mlm.predict(expected, plain), rtol=1e-12, equal_nan=True
    )


@pytest.mark.parametrize("dtype", [bool, object, "boolean", "bool[pyarrow]"])
def test_truth_values_are_zero_and_one(dtype, tmp_path):
    flags = [a > 12 for a in AGE]
    data, plain = rows(pd.Series(flags, dtype=dtype)), rows(pd.Series(flags, dtype=float))
    expected = mlm.fit(FORMULA, plain)
    found = [mlm.fit(FORMULA, data)]
    data.to_parquet(tmp_path / "rows.parquet")
    found.append(mlm.fit(FORMULA, tmp_path / "rows.parquet"))
    for fit in found:
        assert fit.names == ("Intercept", "age")
        np.testing.assert_allclose(fit.beta, expected.beta, rtol=1e-12)
    np.testing.assert_allclose(mlm.predict(found[0], data), mlm.predict(expected, plain))


@pytest.mark.parametrize("dtype", [object, "string", "string[pyarrow]", "category"])
def test_text_is_a_category(dtype):
    data = rows(pd.Series([f"a{a % 2}" for a in AGE], dtype=dtype))
    assert mlm.fit(FORMULA, data).names == ("Intercept", "age[T.a1]")


def test_numbers_mixed_with_text_are_refused_with_cases():
    ages = [Decimal(a) for a in AGE]
    ages[7], ages[9] = "n/a", "twelve"
    with pytest.raises(SurveyError, match=r"age holds numbers in 58 rows and text in 2 rows") as e:
        mlm.fit(FORMULA, rows(pd.Series(ages, dtype=object)))
    assert "'n/a' in row 7, 'twelve' in row 9" in str(e.value)


DATES = pd.date_range("2010-01-01", periods=N)
DATE_TYPES = {
    "datetime64": lambda: pd.Series(DATES),
    "with a zone": lambda: pd.Series(DATES.tz_localize("Europe/Paris")),
    "date objects": lambda: pd.Series([d.date() for d in DATES], dtype=object),
    "timedelta": lambda: pd.Series(DATES - DATES[0]),
    "period": lambda: pd.Series(DATES.to_period("M")),
    "arrow date": lambda: pd.Series([d.date() for d in DATES], dtype=pd.ArrowDtype(pa.date32())),
    "arrow time": lambda: pd.Series(DATES, dtype=pd.ArrowDtype(pa.timestamp("ns"))),
}


@pytest.mark.parametrize("kind", DATE_TYPES)
def test_dates_are_refused_in_one_line(kind):
    data = rows(DATE_TYPES[kind]())
    with pytest.raises(SurveyError, match="column age holds dates") as caught:
        mlm.fit(FORMULA, data)
    assert len(caught.value.problems) == 1
    with pytest.raises(SurveyError, match="column age holds dates"):
        mlm.fit("age ~ 1 + (1 | g)", data)
    with pytest.raises(SurveyError, match="column age holds dates"):
        mlm.predict(mlm.fit(FORMULA, rows(AGE)), data)


def test_dates_of_a_file_are_refused(tmp_path):
    rows(pd.Series(DATES)).to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(SurveyError, match="column age holds dates"):
        mlm.fit(FORMULA, tmp_path / "rows.parquet")


def test_all_columns_at_fault_are_told_at_once():
    data = rows(pd.Series(DATES)).assign(x=[1, "b"] * (N // 2))
    with pytest.raises(SurveyError) as caught:
        mlm.fit("y ~ age + x + (1 | g)", data)
    assert len(caught.value.problems) == 2


def test_a_recipe_takes_no_dates_or_text_for_numbers():
    stats = statistics_of(parse_formula(FORMULA), rows(AGE))
    levels = Hierarchy.of([(level.group, level.candidates) for level in stats.levels])
    decimals = pd.Series([Decimal(a) for a in AGE], dtype=object)
    again = mlm.accumulate(rows(decimals), stats.columns, levels)
    np.testing.assert_array_equal(again.total, stats.total)
    for ages in (pd.Series(DATES), pd.Series([str(a) for a in AGE], dtype=object)):
        with pytest.raises(SurveyError, match="column age holds"):
            mlm.accumulate(rows(ages), stats.columns, levels)
