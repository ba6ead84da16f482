"""Numbers with marks in them: read as what was written, or refused with advice that is right."""

from __future__ import annotations

import re
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.configuration.loading import load_configuration
from mlm.errors import ConfigurationError, SurveyError
from mlm.rows.cleaning.number_hints import Written, number_hint
from mlm.rows.files.marks import MARKS, POINT, Marks
from tests.cleaned_waves import clean_wave
from tests.drawn_cases import cases
from tests.unit.rows.small_survey import CONFIGURATION, WAVE_A, write_survey

NUMBERS = st.lists(
    st.integers(-(10**9), 10**9).flatmap(
        lambda n: st.integers(0, 4).map(lambda places: (n, places))
    ),
    min_size=1,
    max_size=8,
)
EXAMPLES = settings(max_examples=cases(60))


def written(n: int, places: int, marks: Marks) -> str:
    """The number n / 10 ** places with all its digits."""
    whole, part = divmod(abs(n), 10**places)
    text = f"{whole:,}".replace(",", marks.thousands or "")
    decimals = f"{marks.decimal}{part:0{places}d}" if places else ""
    return f"{'-' if n < 0 else ''}{text}{decimals}"


def cells(numbers, marks: Marks) -> tuple[list[str], list[float]]:
    texts = [written(n, places, marks) for n, places in numbers]
    return texts, [n / 10**places for n, places in numbers]


def hinted(texts, given: Marks) -> str:
    """The advice on the texts that are no numbers as things are declared."""
    column = pa.array(texts, pa.string())
    is_read = given.numbers(column) == given.numbers(column)
    wrong = [text for text, known in zip(texts, is_read, strict=True) if not known]
    read = [t for t, known in zip(texts, is_read, strict=True) if known and given.decimal in t]
    return number_hint(wrong, read, Written(given)) if wrong else ""


def advised(hint: str, given: Marks) -> Marks | None:
    decimal = re.search(r"decimal: '(.)'", hint)
    thousands = re.search(r"thousands: '(''|.)'", hint)
    if decimal is None and thousands is None:
        return None
    way = Marks(decimal[1] if decimal else given.decimal, given.thousands)
    if thousands:
        way = replace(way, thousands=thousands[1][0])
    if "no thousands" in hint:
        way = replace(way, thousands=None)
    assert way.thousands != way.decimal
    return way


@given(NUMBERS, st.sampled_from(MARKS))
@EXAMPLES
def test_numbers_are_read_as_they_were_written(numbers, marks):
    texts, expected = cells(numbers, marks)
    assert marks.numbers(pa.array(texts)).tolist() == expected


@given(NUMBERS, st.sampled_from(MARKS), st.sampled_from(MARKS))
@settings(max_examples=cases(25))
def test_advice_never_makes_other_numbers_of_a_column(numbers, marks, given_marks):
    texts, expected = cells(numbers, marks)
    hint = hinted(texts, given_marks)
    way = advised(hint, given_marks)
    if way is None:
        return
    found = way.numbers(pa.array(texts)).tolist()
    if found != expected:  # the cells do not tell; then the advice says so
        assert "as between thousands" in hint and "only if" in hint
        assert way.thousands is not None


@pytest.mark.parametrize("mark", [",", " ", "\u202f", "\u00a0", "'", "\u2019", "."])
def test_groups_alone_are_never_taken_for_decimals(mark):
    given_marks = Marks(",") if mark == "." else POINT
    for texts in (["4@712"], ["4@712", "-1@234"], ["4@712", "986"], ["1@234@567", "4@712"]):
        hint = hinted([text.replace("@", mark) for text in texts], given_marks)
        assert "thousands" in hint and "decimal: " not in hint
        assert advised(hint, given_marks).thousands is not None


@pytest.mark.parametrize(
    ("texts", "marks"),
    [
        (["7,5"], Marks(",")),
        (["0,512", "4,712"], Marks(",")),
        (["1.234,5"], Marks(",", ".")),
        (["1.234,5", "7,5"], Marks(",", ".")),
        (["1,234.5"], Marks(".", ",")),
        (["4,712", "986.5"], Marks(".", ",")),
        (["1 234,5"], Marks(",", " ")),
        (["1\u202f234"], Marks(".", " ")),
        (["1'234.5"], Marks(".", "'")),
        (["1,234", "NA"], Marks(".", ",")),
    ],
)
def test_what_the_cells_tell_is_advised(texts, marks):
    assert advised(hinted(texts, POINT), POINT) == marks


def test_cells_that_contradict_each_other_are_corrected():
    assert "in one way" in hinted(["7,5", "986.5"], POINT)
    assert "thousands" in hinted(["4,712", "about 5"], POINT)
    assert "range" not in hinted(["about 5"], POINT)


@pytest.mark.parametrize(
    "date",
    ["2020-01-31", "2020-01-31T10:00", "31.1.2020", "1/31/20", "2020/1/31", "31-Jan-2020"],
)
def test_dates_in_a_number_are_named_as_such(date):
    hint = hinted([date], POINT)
    assert "all of them are dates; declare 'type: time'" in hint


def test_a_range_tells_decimals_from_thousands():
    hint = number_hint(["4,712"], (), Written(), (0.0, 10.0))
    assert advised(hint, POINT) == Marks(",")
    hint = number_hint(["4,712"], (), Written(), (1000.0, 9000.0))
    assert advised(hint, POINT) == Marks(".", ",")


def test_files_with_numbers_of_their_own_are_to_be_corrected():
    hint = number_hint(["4,712"], (), Written(is_declared=False))
    assert "store the column as numbers" in hint and "declare" not in hint


def test_declared_marks_between_thousands(tmp_path):
    rows = WAVE_A.split("\n")[0] + "\n" + '01,001,"4,712",0.5,g,x\n01,002,986.5,1,b,x\n'
    wide = CONFIGURATION.replace("range: [0, 100]", "range: [0, 9000]")
    configuration = write_survey(tmp_path, wide, a=rows)
    with pytest.raises(SurveyError, match="thousands: ','"):
        clean_wave(configuration, "a")
    declared = wide.replace("files: [a.csv]", "thousands: ',', files: [a.csv]")
    table, _ = clean_wave(write_survey(tmp_path, declared, a=rows), "a")
    assert table["score"].to_pylist() == [4712.0, 986.5]


def test_one_mark_has_one_meaning(tmp_path):
    text = CONFIGURATION.replace("files: [a.csv]", "thousands: '.', files: [a.csv]")
    (tmp_path / "survey.yaml").write_text(text)
    with pytest.raises(ConfigurationError, match="is the decimal mark too"):
        load_configuration(tmp_path / "survey.yaml")
