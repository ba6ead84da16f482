"""Cleaning of a wave: the codebook applied, every row accounted for, every mistake told."""

from __future__ import annotations

import io

import pyarrow.parquet
import pytest

from mlm.errors import SurveyError
from mlm.results.survey.account import (
    CategoryCount,
    CategorySummary,
    CategoryUnits,
    DeclaredMissing,
    EmptyCell,
    MissingCells,
    NoId,
    NumberSummary,
    RecodedCells,
    WaveLedger,
)
from tests.cleaned_waves import clean_wave
from tests.unit.rows.small_survey import CONFIGURATION, WAVE_A, write_survey

HEADER = WAVE_A.splitlines(keepends=True)[0]


def test_clean_rows(tmp_path):
    table, _ = clean_wave(write_survey(tmp_path), "a")
    assert table.to_pydict() == {
        "school": ["01", "01", "02"],
        "pupil": ["001", "002", "003"],
        "score": [50.0, 60.0, 70.0],
        "ses": [0.5, None, 1.5],
        "sex": ["g", "b", "b"],
        "kind": ["x", "x", "y"],
    }
    kinds = [str(field.type) for field in table.schema]
    assert kinds == ["string", "string", "double", "double", "string", "string"]


def test_ledger(tmp_path):
    _, ledger = clean_wave(write_survey(tmp_path), "a")
    assert ledger.rows_read == ledger.rows_kept == 3
    assert ledger.excluded == ()
    assert ledger.files[0].file == "a.csv"
    assert len(ledger.files[0].sha256) == 64
    assert [(found.level, found.n) for found in ledger.groups] == [("school", 2), ("pupil", 3)]
    assert ledger.missing == (MissingCells(variable="ses", reason=EmptyCell(), cells=1),)
    assert ledger.recoded == (RecodedCells(variable="kind", category="y", cells=1),)
    score, _, sex, _ = ledger.variables
    assert score == NumberSummary(variable="score", n=3, mean=60.0, sd=10.0)
    counts = (CategoryCount(category="g", n=1), CategoryCount(category="b", n=2))
    units = (
        CategoryUnits(level="school", category="g", groups=1),
        CategoryUnits(level="school", category="b", groups=2),
    )
    assert sex == CategorySummary(variable="sex", n=3, counts=counts, units=units)


def test_a_ledger_comes_back_from_its_file(tmp_path):
    _, ledger = clean_wave(write_survey(tmp_path, a=WAVE_A + "01,,1,1,g,x\n"), "a")
    (tmp_path / "a.json").write_text(ledger.to_json(), encoding="utf-8")
    assert WaveLedger.load(tmp_path / "a.json") == ledger


def test_declared_codes_are_missing_for_their_reason(tmp_path):
    table, ledger = clean_wave(write_survey(tmp_path), "b")
    assert table["score"].null_count == 1
    refused = DeclaredMissing(meaning="refused")
    assert ledger.missing == (MissingCells(variable="score", reason=refused, cells=1),)


def test_rows_without_an_id_are_excluded_and_counted_once(tmp_path):
    rows = WAVE_A + ",004,1,1,g,x\n01,,1,1,g,x\n,,1,1,g,x\n99,005,1,1,g,x\n"
    text = CONFIGURATION.replace("id: school}", 'id: school, missing: {"99": unknown school}}')
    table, ledger = clean_wave(write_survey(tmp_path, text, a=rows), "a")
    unknown = DeclaredMissing(meaning="unknown school")
    found = [
        (entry.reason, entry.rows, [(place.file, place.line) for place in entry.first])
        for entry in ledger.excluded
    ]
    assert found == [
        (NoId(level="school", reason=EmptyCell()), 2, [("a.csv", 5), ("a.csv", 7)]),
        (NoId(level="school", reason=unknown), 1, [("a.csv", 8)]),
        (NoId(level="pupil", reason=EmptyCell()), 1, [("a.csv", 6)]),
    ]
    assert ledger.rows_read == ledger.rows_kept + 4 == 7
    assert table.num_rows == 3
    assert ledger.variables[0].n == 3


def test_order_of_rows_in_the_file_does_not_matter(tmp_path):
    lines = WAVE_A.splitlines(keepends=True)
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, _ = clean_wave(write_survey(tmp_path / "one"), "a")
    two, _ = clean_wave(write_survey(tmp_path / "two", a="".join([lines[0], *lines[:0:-1]])), "a")
    assert _parquet(one) == _parquet(two)


def _parquet(table) -> bytes:
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer)
    return buffer.getvalue()


def test_several_files_are_one_wave(tmp_path):
    lines = WAVE_A.splitlines(keepends=True)
    (tmp_path / "a2.csv").write_text(lines[0] + lines[3] + lines[3])
    text = CONFIGURATION.replace("files: [a.csv]", "files: [a.csv, a2.csv]")
    configuration = write_survey(tmp_path, text, a="".join(lines[:3]))
    with pytest.raises(SurveyError, match=r"1 row for a pupil .*\(a2.csv line 3\)"):
        clean_wave(configuration, "a")
    (tmp_path / "a2.csv").write_text(lines[0] + lines[3])
    table, ledger = clean_wave(configuration, "a")
    assert [file.rows_read for file in ledger.files] == [2, 1]
    assert table.num_rows == 3


def test_columns_by_wave_and_blanks(tmp_path):
    text = CONFIGURATION.replace("{label: Home,", "{label: Home, names: {b: home},")
    rows = "school,pupil,score,home,sex,kind\n 01 , 001, 5 , 0.5,g ,x\n02,002,6,1,b,y\n"
    table, _ = clean_wave(write_survey(tmp_path, text, b=rows), "b")
    assert table["school"].to_pylist() == ["01", "02"]
    assert table["ses"].to_pylist() == [0.5, 1.0]
    assert table["sex"].to_pylist() == ["g", "b"]


# what is added to or changed in wave a, parts of the message
MISTAKES = [
    ("score", "points", "wave a: a.csv: the column 'score' (score) is not there"),
    ("pupil,", "pupils,", "or the file; did you mean 'pupils'?"),
    ("70", "x70", "score: 1 cell not a number (a.csv line 2); correct them"),
    ("70", "NA", "all of them are 'NA': declare what that means under 'missing'"),
    ("70", '"7,5"', "all of them have a decimal comma"),
    ("70", "1e999", "score: 1 cell not a number"),
    ("70", "inf", "score: 1 cell not a number"),
    ("70", "101", "score: 1 cell outside the range 0 to 100 (a.csv line 2)"),
    (
        ",g,",
        ",girl,",
        "sex: 1 cell with a code that is not in the codebook (a.csv line 3): 1 different text, not",
    ),
    (",g,", ",girl,", "expected g, b; add the codes"),
    ("01,002", "01,001", "1 row for a pupil that the wave already has (a.csv line 4)"),
    ("b,x\n", "b,y\n", "kind: differs within 1 school although its level is school"),
    ("60", "60,1", "a.csv, line 4: 1 line without the 6 cells"),
    (WAVE_A, HEADER, "a.csv: there is a header but no data row"),
    (WAVE_A, WAVE_A.rstrip(), "a.csv: the last line has no line break"),
    ("01,", ",", None),
]


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES)
def test_mistakes_in_a_wave(tmp_path, old, new, message):
    assert old in WAVE_A
    configuration = write_survey(tmp_path, a=WAVE_A.replace(old, new, 1))
    if message is None:
        assert clean_wave(configuration, "a")[1].rows_kept == 2
        return
    with pytest.raises(SurveyError) as caught:
        clean_wave(configuration, "a")
    assert message in str(caught.value)


def test_all_mistakes_are_told_at_once(tmp_path):
    rows = HEADER + "01,001,x,0.5,q,x\n01,001,500,y,b,x\n"
    with pytest.raises(SurveyError) as caught:
        clean_wave(write_survey(tmp_path, a=rows), "a")
    text = str(caught.value)
    for part in ("score: 1 cell not", "score: 1 cell out", "ses: 1", "sex: 1", "1 row for"):
        assert part in text
    assert all(problem.startswith("wave a: ") for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("score", "message"), [("50", "has the same value in every row"), ("", "is missing in every")]
)
def test_an_outcome_must_vary(tmp_path, score, message):
    rows = HEADER + f"01,001,{score},1,g,x\n01,002,{score},2,b,x\n"
    with pytest.raises(SurveyError, match=f"wave a: score: the outcome {message}"):
        clean_wave(write_survey(tmp_path, a=rows), "a")


def test_announced_rows_are_checked(tmp_path):
    text = CONFIGURATION.replace("files: [a.csv]", "rows: 4, files: [a.csv]")
    with pytest.raises(SurveyError, match=r"4 rows are announced \('rows'\), 3 were read"):
        clean_wave(write_survey(tmp_path, text), "a")
    text = text.replace("rows: 4", "rows: 3")
    assert clean_wave(write_survey(tmp_path, text, a=WAVE_A.rstrip()), "a")[0].num_rows == 3


def test_missing_files_of_a_wave_are_all_named(tmp_path):
    text = CONFIGURATION.replace("files: [a.csv]", "files: [no.csv, none.csv]")
    with pytest.raises(SurveyError) as caught:
        clean_wave(write_survey(tmp_path, text), "a")
    assert len(caught.value.problems) == 2


def test_messages_name_no_person(tmp_path):
    rows = HEADER + "".join(f"01,Canary{i},Canary,Canary,Canary Smith {i},x\n" for i in range(9))
    rows += "01,Canary1,5,5,g,x\n"
    with pytest.raises(SurveyError) as caught:
        clean_wave(write_survey(tmp_path, a=rows), "a")
    assert "Canary" not in str(caught.value)
    assert "9 cells with a code" in str(caught.value)
