"""Ids mean the same units however they are spelled."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlm
from mlm.errors import SpelledOtherwiseInFit, SurveyError
from mlm.nouns.ids.identifier import normal_id
from tests.drawn_cases import cases

# ways in which programs write one whole number, and one name
NUMBERS = {
    "integer": int,
    "numpy": np.int32,
    "unsigned": np.uint64,
    "float": float,
    "single": np.float32,
    "decimal": Decimal,
    "decimal places": lambda n: Decimal(f"{n}.00"),
    "text": str,
    "text of a float": lambda n: f"{n}.0",
    "places": lambda n: f"{n}.000000",
    "blanks": lambda n: f" {n}\t",
    "no-break space": lambda n: f"\xa0{n}\u2003",
    "byte order mark": lambda n: f"\ufeff{n}",
}
NAMES = {
    "nfc": lambda t: unicodedata.normalize("NFC", t),
    "nfd": lambda t: unicodedata.normalize("NFD", t),
    "blanks": lambda t: f"  {t} ",
    "inner blanks": lambda t: t.replace(" ", "\xa0 "),
    "zero width": lambda t: t.replace(" ", "\u200b "),
}
EXAMPLES = 10


def rows(seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(12), 5)
    frame = pd.DataFrame({"unit": unit, "y": rng.normal(size=12)[unit] + rng.normal(size=60)})
    return frame.assign(x=rng.normal(size=60))


ROWS = rows()
SAMPLE = mlm.fit("y ~ x + (1 | unit)", ROWS)
MEANS = mlm.predict(SAMPLE, ROWS, "unit", ROWS)


def assert_same_units(column: list, names: list[str]) -> None:
    """Rows with an id column of mixed spellings give the same fit as clean ids."""
    spelled = ROWS.assign(unit=pd.Series(column, dtype=object))
    fit = mlm.fit("y ~ x + (1 | unit)", spelled)
    assert fit.n_groups == {"unit": 12}
    assert fit.deviance == pytest.approx(SAMPLE.deviance, rel=1e-9)
    units = mlm.posterior_means(fit, spelled).of("unit").units
    assert sorted(units) == sorted(names)
    clean = ROWS.assign(unit=[names[unit] for unit in ROWS["unit"]])
    assert mlm.predict(fit, clean, "unit", spelled) == pytest.approx(MEANS, rel=1e-9)


@settings(max_examples=cases(EXAMPLES))
@given(st.lists(st.sampled_from(list(NUMBERS)), min_size=60, max_size=60), st.integers(0, 10**6))
def test_numbers_are_one_id_in_every_spelling(ways, first):
    numbers = [first + unit for unit in ROWS["unit"]]
    column = [NUMBERS[way](number) for way, number in zip(ways, numbers, strict=True)]
    assert_same_units(column, [str(first + unit) for unit in range(12)])


@settings(max_examples=cases(EXAMPLES))
@given(
    st.lists(st.sampled_from(list(NAMES)), min_size=60, max_size=60),
    st.text("éäőŁ가ab", min_size=1, max_size=4),
)
def test_names_are_one_id_in_every_unicode_form(ways, stem):
    names = [unicodedata.normalize("NFC", f"{stem} {unit}") for unit in range(12)]
    column = [NAMES[way](names[unit]) for way, unit in zip(ways, ROWS["unit"], strict=True)]
    assert_same_units(column, names)


@pytest.mark.parametrize("kind", ["int8", "float32", "Int64", "string", "category", "Float64"])
def test_types_of_columns_make_no_other_units(kind, tmp_path):
    spelled = ROWS.assign(unit=ROWS["unit"].astype(kind))
    spelled.to_parquet(tmp_path / "rows.parquet")
    for data in (spelled, tmp_path / "rows.parquet"):
        fit = mlm.fit("y ~ x + (1 | unit)", data)
        assert mlm.predict(fit, ROWS, "unit", data) == pytest.approx(MEANS, rel=1e-9)


@settings(max_examples=cases(50))
@given(st.text(max_size=12))
def test_a_normal_form_is_its_own(text):
    try:
        normal = normal_id(text)
    except Exception as error:
        assert type(error).__name__ == "UnfitId"
    else:
        assert normal_id(normal) == normal
        assert unicodedata.is_normalized("NFC", normal)


UNFIT = {
    "doubles": 2.0**53 + 2 * np.arange(12),
    "singles": (2.0**24 + 2 * np.arange(12)).astype(np.float32),
    "halves": (2.0**11 + 2 * np.arange(12)).astype(np.float16),
    "text of doubles": [f"{2**53 + n}.0" for n in range(12)],
    "exponents": [f"1.0000{n:02d}E+10" for n in range(12)],
    "dates": [f"{n + 1}-Jan" for n in range(12)],
    "bytes": [bytes([65 + n]) for n in range(12)],
    "tuples": [(n,) for n in range(12)],
    "durations": list(pd.to_timedelta(range(12), "D")),
    "complex": [complex(n, 1) for n in range(12)],
    "infinite": [float(n) for n in range(11)] + [np.inf],
    "blank": [*map(str, range(11)), " "],
    "missing": [float(n) for n in range(11)] + [np.nan],
}


@pytest.mark.parametrize("kind", UNFIT)
def test_ids_that_are_rounded_or_none_are_refused_with_their_rows(kind):
    values = UNFIT[kind]
    ids = pd.Series([values[unit] for unit in ROWS["unit"]])
    ids = ids if isinstance(values, list) else ids.astype(values.dtype)
    spelled = ROWS.assign(unit=ids)
    with pytest.raises(SurveyError, match=r"id column unit .* in \d+ rows \(row \d+"):
        mlm.fit("y ~ x + (1 | unit)", spelled)
    with pytest.raises(SurveyError, match=r"id column unit .* in \d+ rows \(row \d+"):
        mlm.predict(SAMPLE, spelled, "unit", ROWS)


def test_integers_of_any_size_are_kept_whole():
    big = pd.array([2**60 + unit for unit in ROWS["unit"]], dtype="Int64")
    assert mlm.fit("y ~ x + (1 | unit)", ROWS.assign(unit=big)).n_groups == {"unit": 12}


def test_truth_values_are_not_the_numbers_0_and_1():
    mixed = ROWS.assign(unit=[True if unit == 5 else unit for unit in ROWS["unit"]])
    assert mlm.fit("y ~ x + (1 | unit)", mixed).n_groups == {"unit": 12}


@pytest.mark.parametrize("kind", ["frame", "file"])
def test_names_of_columns_and_categories_may_be_in_any_unicode_form(kind, tmp_path):
    def nfd(text):
        return unicodedata.normalize("NFD", text)

    place = np.where(np.arange(60) % 2, "Höhe", "Tal")
    plain = ROWS.rename(columns={"x": "é", "unit": "schulé"}).assign(ort=place)
    mac = plain.rename(columns=nfd).assign(
        ort=[nfd(t) if i % 3 else t for i, t in enumerate(place)]
    )
    mac.to_parquet(tmp_path / "rows.parquet")
    data = mac if kind == "frame" else tmp_path / "rows.parquet"
    fit = mlm.fit("y ~ é + ort + (1 | schulé)", data)
    assert fit.names == ("Intercept", "é", "ort[T.Tal]")
    expected = mlm.fit(nfd("y ~ é + ort + (1 | schulé)"), plain)
    assert fit.deviance == pytest.approx(expected.deviance, rel=1e-9)
    assert mlm.predict(fit, mac, "schulé", data) == pytest.approx(
        mlm.predict(expected, plain, nfd("schulé"), plain), rel=1e-9
    )


def test_predictions_tell_of_groups_that_the_fit_has_in_another_spelling():
    spelled = ROWS.assign(unit=[f"{unit:03d}" if unit else "new" for unit in ROWS["unit"]])
    what = r"11 of 12 groups of unit .* in another spelling \('001' for '1', '002' for '2'"
    with pytest.warns(SpelledOtherwiseInFit, match=what):
        mlm.predict(SAMPLE, spelled, "unit", ROWS)


def test_moments_are_one_id_in_every_type():
    days = pd.to_datetime("2020-01-30") + pd.to_timedelta(range(12), "h")
    column = [
        [day, day.to_pydatetime(), day.to_datetime64(), str(day).removesuffix(" 00:00:00")][i % 4]
        for i, day in enumerate(days[ROWS["unit"]])
    ]
    names = ["2020-01-30", *(f"2020-01-30 {hour:02d}:00:00" for hour in range(1, 12))]
    assert_same_units(column, names)
    assert_same_units(list(days[ROWS["unit"]]), names)
