"""Types of variables beside numbers and categories: ordered ones, dates; scales put in line."""

from __future__ import annotations

import datetime

import pandas as pd
import pyarrow as pa
import pytest

from mlm.configuration.planning import plan_of
from mlm.errors import ConfigurationError, SurveyError
from mlm.results.survey.account import DeclaredMissing, MissingCells, RecodedCells
from mlm.results.survey.checks import Rescaled
from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey
from mlm.rows.cleaning.codebook import Distinct
from mlm.rows.linking.linking import link_waves
from mlm.statistics.evidence.moments import mean_and_sd
from tests.cleaned_waves import clean_wave
from tests.unit.rows.small_survey import CONFIGURATION, WAVE_A, WAVE_B, write_survey

ORDERED = "type: ordered, level: row, categories: {no: Never, few: Some, many: Often}"
BOOKS = f"  books: {{label: Books, {ORDERED}}}\n"
SCORED = BOOKS.replace("many: Often}}", "many: Often}, scores: [0, 1, 4], recode: {lots: many}}")
A = [*zip(WAVE_A.split(), ["books", "many", "few", "lots"], strict=True)]
A = "".join(f"{line},{books}\n" for line, books in A)


def with_entry(entry: str, term: str = "books") -> str:
    text = CONFIGURATION.replace("  sex:", f"{entry}  sex:")
    return text.replace("[sex, ses, kind,", f"[sex, ses, {term}, kind,")


def test_an_ordered_variable_counts_as_its_categories(tmp_path):
    rows = A.replace("lots", "")
    configuration = write_survey(tmp_path, with_entry(BOOKS), a=rows)
    table, ledger = clean_wave(configuration, "a")
    assert table["books"].to_pylist() == ["few", None, "many"]
    (books,) = [found for found in ledger.variables if found.variable == "books"]
    assert [(count.category, count.n) for count in books.counts] == [
        ("no", 0),
        ("few", 1),
        ("many", 1),
    ]
    assert plan_of(configuration, "score").categories["books"] == ("no", "few", "many")


def test_an_ordered_variable_with_scores_is_a_number(tmp_path):
    configuration = write_survey(tmp_path, with_entry(SCORED), a=A)
    table, ledger = clean_wave(configuration, "a")
    assert table["books"].to_pylist() == [1.0, 4.0, 4.0]
    assert ledger.recoded[0] == RecodedCells(variable="books", category="many", cells=1)
    assert {found.variable: found for found in ledger.variables}["books"].mean == 3.0
    assert "books" not in plan_of(configuration, "score").categories
    frame = table.to_pandas().assign(score=[1.0, 2.0, 4.0], ses=[0.5, 0.1, 1.5])
    columns = columns_of_survey(configuration, frame)
    assert (
        mean_and_sd("books", accumulate_wave(configuration, "a", frame, columns)["score"])[0] == 3.0
    )


def test_a_code_that_an_ordered_variable_does_not_know(tmp_path):
    configuration = write_survey(tmp_path, with_entry(SCORED), a=A.replace(",few", ",some"))
    with pytest.raises(SurveyError, match="books: 1 cell with a code that is not in the codebook"):
        clean_wave(configuration, "a")


def dates(cells: list[str], **keys: str) -> str:
    entry = "".join(f", {key}: {value}" for key, value in keys.items())
    return with_entry(f"  born: {{label: Born, type: time, level: row{entry}}}\n", "born"), "".join(
        f"{line},{cell}\n" for line, cell in zip(WAVE_A.split(), ["born", *cells], strict=True)
    )


SHORT = {"format": '"%d.%m.%y"', "century": "1930"}


@pytest.mark.parametrize(
    ("keys", "written", "days"),
    [
        ({"unit": "days"}, "%Y-%m-%d", 1),
        ({"unit": "days", **SHORT, "origin": "2010-01-01"}, "%d.%m.%y", 1),
        ({}, "%Y-%m-%d", 365.2425),
        ({"unit": "years"}, "%Y-%m-%d %H:%M:%S", 365.2425),
    ],
)
def test_dates_become_years_or_days(tmp_path, keys, written, days):
    found = [datetime.date(2012, 2, 29), datetime.date(2008, 12, 31), datetime.date(2010, 1, 1)]
    text, rows = dates([d.strftime(written) for d in found], **keys)
    table, _ = clean_wave(write_survey(tmp_path, text, a=rows), "a")
    origin = datetime.date.fromisoformat(keys.get("origin", "2000-01-01"))
    expected = [(d - origin).days / days for d in (found[1], found[2], found[0])]
    assert table["born"].to_pylist() == expected


def test_what_is_no_date_is_told(tmp_path):
    text, rows = dates(["2012-02-30", "", "2012-02-28"], missing='{"": left out}')
    with pytest.raises(SurveyError) as caught:
        clean_wave(write_survey(tmp_path, text, a=rows), "a")
    assert "born: 1 cell not a date as 2024-05-31 (a.csv line 2)" in str(caught.value)
    assert "2012-02-30" not in str(caught.value)


def test_an_age_is_the_difference_of_two_dates(tmp_path):
    text, rows = dates(["2012-01-01", "2011-01-01", "2010-07-01"])
    age = '  age: {label: Age, type: number, level: row, derive: "24 - born"}\n'
    table, _ = clean_wave(
        write_survey(tmp_path, text.replace("  sex:", f"{age}  sex:"), a=rows), "a"
    )
    assert table["age"].to_pylist()[2] == 24 - 4383 / 365.2425


def test_a_scale_is_put_in_line_with_the_other_waves(tmp_path):
    text = CONFIGURATION.replace("missing:", "by_wave: {b: {rescale: [2, -60]}}, missing:", 1)
    configuration = write_survey(tmp_path, text, b=WAVE_B)
    waves = {wave: clean_wave(configuration, wave) for wave in "ab"}
    assert waves["a"][0]["score"].to_pylist() == [50.0, 60.0, 70.0]
    wave, ledger = waves["b"][0].to_pandas(), waves["b"][1]
    assert wave["score"].tolist()[::2] == [50.0, 90.0] and pd.isna(wave["score"][1])
    refused = DeclaredMissing(meaning="refused")
    assert MissingCells(variable="score", reason=refused, cells=1) in ledger.missing
    frames = {wave: table for wave, (table, _) in waves.items()}
    account = link_waves(configuration, frames, {wave: own for wave, (_, own) in waves.items()})
    (found,) = [check for check in account.checks if check.kind == "rescaled"]
    assert found == Rescaled(result="ok", variable="score", wave="b", times=2.0, plus=-60.0)


REFUSED = [
    (SCORED.replace("[0, 1, 4]", "[0, 1]"), "scores: 2 scores are given for 3 categories"),
    (SCORED.replace("[0, 1, 4]", "[0, 4, 1]"), "scores: the scores must increase"),
    (SCORED.replace("recode", "reference: no, recode"), "has no reference category"),
    (BOOKS.replace("ordered", "category").replace("Often}", "Often}, scores: [1, 2, 3]"), "scores belongs to type: ordered"),  # noqa: E501
    (BOOKS.replace("Often}", "Often}, rescale: [2, 0]"), "rescale belongs to type: number"),
    ("  books: {label: B, type: time, level: row, format: \"%d.%m\"}\n", "does not tell day, month and year"),  # noqa: E501
    ("  books: {label: B, type: time, level: row, origin: yesterday}\n", "a date is expected, as 2024-05-31"),  # noqa: E501
    ("  books: {label: B, type: time, level: row, unit: weeks}\n", "counted in years or days"),
    ("  books: {label: B, type: number, level: row, rescale: [0, 1]}\n", "would become the same"),
    ("  books: {label: B, type: number, level: row, format: \"%Y\"}\n", "format belongs to type: time"),  # noqa: E501
]  # fmt: skip


@pytest.mark.parametrize(("entry", "message"), REFUSED)
def test_keys_that_do_not_fit_the_type_are_refused(tmp_path, entry, message):
    with pytest.raises(ConfigurationError) as caught:
        write_survey(tmp_path, with_entry(entry))
    assert message in str(caught.value)


def test_codes_of_one_letter_come_in_the_order_of_other_texts():
    codes = ["b", "", "a", "b", "9", "a", ""]
    short, long = (Distinct.of(pa.chunked_array([each])) for each in (codes, [*codes, "long"]))
    assert short.texts.to_pylist() == long.texts.to_pylist()[:-1] == ["b", "", "a", "9"]
    assert short.codes.tolist() == long.codes[:-1].tolist()
