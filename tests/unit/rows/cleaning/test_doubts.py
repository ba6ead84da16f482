"""Dates of two digits want a century; dates ahead and marks before three digits are in doubt."""

from __future__ import annotations

import datetime

import pytest

from mlm.configuration import load_configuration
from mlm.configuration.variable import Variable
from mlm.errors import ConfigurationError
from mlm.results.survey.account import DeclaredMissing, MissingCells
from mlm.results.survey.cell_doubts import LateDates, MarkBeforeThreeDigits
from mlm.rows.cleaning.dates import time_of
from tests.cleaned_waves import clean_wave
from tests.unit.rows.small_survey import CONFIGURATION, WAVE_A, write_survey

BORN = "  born: {{label: Born, type: time, level: row{}}}\n"


def survey(folder, entry: str, cells: list[str], configuration: str = CONFIGURATION):
    """The small survey with one more column in wave a."""
    text = configuration.replace("  sex:", f"{entry}  sex:")
    rows = "".join(
        f"{line},{cell}\n" for line, cell in zip(WAVE_A.split(), ["born", *cells], strict=True)
    )
    return write_survey(folder, text, a=rows)


@pytest.mark.parametrize("form", ["%d.%m.%y", "%y%m%d", "%m/%d/%y", "%d %B %y"])
def test_years_of_two_digits_want_a_century(tmp_path, form):
    with pytest.raises(ConfigurationError, match="two digits.*'century'"):
        survey(tmp_path, BORN.format(f', format: "{form}"'), ["", "", ""])
    survey(tmp_path, BORN.format(f', format: "{form}", century: 1930'), ["", "", ""])


@pytest.mark.parametrize("form", ["%d.%m.%Y", "%d.%m.%Y %%y"])
def test_a_century_belongs_to_two_digits(tmp_path, form):
    with pytest.raises(ConfigurationError, match="it belongs to a 'format' with years of two"):
        survey(tmp_path, BORN.format(f', format: "{form}", century: 1930'), ["", "", ""])


@pytest.mark.parametrize("form", ["%x", "%c"])
def test_what_depends_on_the_computer_is_no_format(tmp_path, form):
    (tmp_path / "small.yaml").write_text(
        CONFIGURATION.replace("  sex:", BORN.format(f', format: "{form}"') + "  sex:")
    )
    with pytest.raises(ConfigurationError, match="depends on the computer"):
        load_configuration(tmp_path / "small.yaml")


def test_a_date_is_no_outcome(tmp_path):
    text = CONFIGURATION.replace("outcome: score", "outcome: born")
    with pytest.raises(ConfigurationError, match="'born' is a date; an outcome must be a number"):
        survey(tmp_path, BORN.format(""), ["", "", ""], text)


@pytest.mark.parametrize("century", [1900, 1930, 1969, 2000])
def test_years_are_those_of_the_century(century):
    variable = Variable(
        label="B", type="time", level="row", unit="days", format="%d.%m.%y", century=century
    )
    for year in range(century, century + 100):
        day = datetime.date(year, 9, 8)
        expected = (day - datetime.date(2000, 1, 1)).days
        assert time_of(day.strftime("%d.%m.%y"), variable) == expected


def test_years_filled_up_with_zeros_are_no_years():
    iso = Variable(label="B", type="time", level="row")
    assert time_of("0060-09-08", iso) != time_of("0060-09-08", iso)
    assert time_of("1000-01-01", iso) < 0


def test_a_day_that_the_year_does_not_have_is_no_date():
    entry = {"label": "B", "type": "time", "level": "row", "format": "%d.%m.%y"}
    assert time_of("29.02.00", Variable(**entry, century=1900)) != 0
    assert time_of("29.02.00", Variable(**entry, century=1950)) > 0


def day_after(days: int) -> str:
    return (datetime.date.today() + datetime.timedelta(days=days)).isoformat()


def test_dates_in_the_future_are_in_doubt(tmp_path):
    days = [day_after(1), day_after(400), day_after(-1)]
    _, ledger = clean_wave(survey(tmp_path, BORN.format(""), days), "a")
    assert ledger.cell_doubts == (LateDates(variable="born", cells=2, after="today"),)


@pytest.mark.parametrize(
    ("times", "cells"), [((2003, 2004), 1), ((1, 2), 0), ((2003.5, 2004.5), 1), ((0, 2004), 0)]
)
def test_dates_after_a_wave_that_has_a_year_are_in_doubt(tmp_path, times, cells):
    text = CONFIGURATION.replace("time: 1,", f"time: {times[1]},")
    text = text.replace("time: 0,", f"time: {times[0]},")
    days = ["2003-05-01", "2004-12-31", "2005-01-01"]
    _, ledger = clean_wave(survey(tmp_path, BORN.format(""), days, text), "a")
    late = LateDates(variable="born", cells=1, after="wave")
    assert ledger.cell_doubts == ((late,) if cells else ())


def doubts(tmp_path, cells: list[str], keys: str = "", wave: str = ""):
    """Doubts about a column of a wave of as many rows."""
    text = CONFIGURATION.replace("ses: {label: Home,", f"ses: {{label: Home{keys},")
    text = text.replace("files: [a.csv]", f"{wave}files: [a.csv]")
    rows = "".join(f'01,{i:03d},{50 + i},"{cell}",g,x\n' for i, cell in enumerate(cells))
    header = WAVE_A.splitlines(keepends=True)[0]
    _, ledger = clean_wave(write_survey(tmp_path, text, a=header + rows), "a")
    return ledger.cell_doubts


THOUSANDS = [f"{i}.{i}5" for i in range(10, 25)]
DOUBT = MarkBeforeThreeDigits(variable="ses", cells=15, mark=".")


def test_a_decimal_mark_that_stands_as_one_between_thousands_is_in_doubt(tmp_path):
    assert doubts(tmp_path, [*THOUSANDS, "986", "7"]) == (DOUBT,)
    commas = [cell.replace(".", ",") for cell in THOUSANDS]
    found = doubts(tmp_path, commas, wave="decimal: ',', ")
    assert found == (DOUBT.model_copy(update={"mark": ","}),)


@pytest.mark.parametrize(
    "cells",
    [
        [*THOUSANDS, "7.5"],
        [*THOUSANDS, "0.512"],
        [*THOUSANDS, "1234.512"],
        THOUSANDS[:9],
        ["5", "6", "7"] * 10,
    ],
)
def test_other_numbers_are_in_no_doubt(tmp_path, cells):
    assert doubts(tmp_path, cells) == ()


@pytest.mark.parametrize(
    ("range_", "settled"), [("[0, 100]", True), ("[0, 30000]", False), ("[0, 20000]", True)]
)
def test_a_range_that_thousands_do_not_fit_settles_it(tmp_path, range_, settled):
    assert doubts(tmp_path, THOUSANDS, f", range: {range_}") == (() if settled else (DOUBT,))


@pytest.mark.parametrize(
    ("wave", "written"),
    [("", "-9.0"), ("", "-9.00"), ("", "-09"), ("", "-.9e1"), ("decimal: ',', ", "-9,0")],
)
def test_a_missing_code_is_one_however_it_is_written(tmp_path, wave, written):
    text = CONFIGURATION.replace("files: [a.csv]", f"{wave}files: [a.csv]")
    text = text.replace("range: [0, 100], ", "")
    header = WAVE_A.splitlines(keepends=True)[0]
    rows = "".join(f'01,00{i},"{cell}",1,g,x\n' for i, cell in enumerate(["5", "6", written]))
    table, ledger = clean_wave(write_survey(tmp_path, text, a=header + rows), "a")
    assert table["score"].to_pylist() == [5.0, 6.0, None]
    refused = DeclaredMissing(meaning="refused")
    assert ledger.missing == (MissingCells(variable="score", reason=refused, cells=1),)


def test_a_missing_code_between_thousands(tmp_path):
    text = CONFIGURATION.replace("files: [a.csv]", "thousands: ',', files: [a.csv]")
    text = text.replace('range: [0, 100], missing: {"-9": refused}', 'missing: {"9999": refused}')
    header = WAVE_A.splitlines(keepends=True)[0]
    rows = "".join(f'01,00{i},"{cell}",1,g,x\n' for i, cell in enumerate(["5", "6", "9,999"]))
    table, _ = clean_wave(write_survey(tmp_path, text, a=header + rows), "a")
    assert table["score"].to_pylist() == [5.0, 6.0, None]
