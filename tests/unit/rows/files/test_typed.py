"""The same survey in every format: the same clean rows to the last bit, the same account, fit."""

from __future__ import annotations

import csv
import datetime
import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pyreadstat
import pytest
import xlsxwriter

from mlm.configuration import load_configuration
from mlm.errors import SurveyError
from mlm.results.survey.account import (
    DeclaredMissing,
    EmptyCell,
    FileCode,
    FileRange,
    MissingCells,
    WaveLedger,
)
from mlm.rows.accumulating.wave_statistics import accumulate_wave, columns_of_survey
from mlm.rows.files import limits, parquet, statistical
from mlm.rows.files.opening import open_file
from mlm.rows.files.wave_file import FileFormat
from tests.cleaned_waves import clean_wave
from tests.examples import ROOT
from tests.unit.rows.files.formats import KINDS, typed, write
from tests.unit.rows.small_survey import CONFIGURATION, WAVE_A, write_survey

pytestmark = pytest.mark.usefixtures("read_in_this_process")

STAR = ROOT / "data" / "star" / "wave_K.csv"
EVERY = 4  # one of four rows is read
NUMBERS = {"pupil", "school", "teacher", "teacher_experience", "read", "math", "years_in_star"}


@pytest.fixture(scope="module")
def star_rows():
    with open(STAR, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[::EVERY]
    cells = {name: [row[name] for row in rows] for name in rows[0]}
    return typed(cells, [name for name in cells if name not in NUMBERS])


@pytest.fixture(scope="module")
def star_expected(tmp_path_factory):
    folder = tmp_path_factory.mktemp("star")
    head, *lines = STAR.read_bytes().splitlines(keepends=True)
    (folder / "K.csv").write_bytes(b"".join([head, *lines[::EVERY]]))
    configuration = configured("csv", folder)
    table, ledger = clean_wave(configuration, "K")
    return table, ledger, products(configuration, table)


def products(configuration, table) -> np.ndarray:
    """Cross-products of one analysis."""
    rows = table.to_pandas()
    columns = columns_of_survey(configuration, rows)
    return accumulate_wave(configuration, "K", rows, columns)["math"].total


def star_in(kind: str, folder: Path, rows: pd.DataFrame):
    """Configuration of STAR whose kindergarten file is of another kind."""
    write(folder / f"K.{kind}", rows)
    return configured(kind, folder)


def configured(kind: str, folder: Path):
    """Configuration of STAR beside its kindergarten file of another kind."""
    text = (ROOT / "config" / "star.yaml").read_text(encoding="utf-8")
    text = text.replace("files: [data/star/wave_K.csv]", f"files: [K.{kind}]")
    text = text.replace("rows: 6325", f"rows: {-(-6325 // EVERY)}")
    if kind == "tsv":
        text = text.replace("files: [K.tsv]", 'delimiter: "\\t", files: [K.tsv]')
    (folder / "star.yaml").write_text(text, encoding="utf-8")
    return load_configuration(folder / "star.yaml")


@pytest.mark.battery(5)
@pytest.mark.parametrize("kind", KINDS)
def test_star_is_the_same_to_the_last_bit(kind, tmp_path, star_rows, star_expected):
    configuration = star_in(kind, tmp_path, star_rows)
    table, ledger = clean_wave(configuration, "K")
    expected, account, evidence = star_expected
    assert parquet_bytes(table) == parquet_bytes(expected)
    assert without_files(ledger) == without_files(account)
    assert np.array_equal(products(configuration, table), evidence), "not the same evidence"


def without_files(ledger: WaveLedger) -> WaveLedger:
    """The ledger without the files, which other formats name otherwise."""
    forms = tuple(form.model_copy(update={"file": ""}) for form in ledger.id_forms)
    return ledger.model_copy(update={"files": (), "id_forms": forms})


def parquet_bytes(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer)
    return buffer.getvalue()


def test_numbers_keep_all_digits(tmp_path):
    numbers = [0.1 + 0.2, 1 / 3, 1e-300, 123456789.123456789, -0.0, 2.0**53 - 1, 5e-324, 1e22]
    frame = pd.DataFrame({"x": numbers})
    for kind in ("parquet", "sav", "dta"):
        write(tmp_path / f"x.{kind}", frame)
        (chunk,) = open_file(tmp_path / f"x.{kind}").chunks(["x"])
        found = [float(text) for text in chunk["x"].to_pylist()]
        assert found == numbers, kind


def test_a_long_file_comes_in_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "CHUNK_ROWS", 1000)
    monkeypatch.setattr(statistical, "READ_ROWS", 1000)
    frame = pd.DataFrame({"id": np.arange(2500), "x": np.arange(2500) % 7})
    for kind in ("csv", "parquet"):
        write(tmp_path / f"x.{kind}", frame)
    write(tmp_path / "x.sav", frame.astype(float))
    for kind in ("parquet", "sav"):
        chunks = list(open_file(tmp_path / f"x.{kind}").chunks(["id"]))
        assert len(chunks) == 3
        texts = [text for chunk in chunks for text in chunk["id"].to_pylist()]
        assert texts == [str(i) for i in range(2500)]


# --- user-missing codes and labels ---------------------------------------------------------

CODED = CONFIGURATION.replace("categories: {g: Girl, b: Boy}", "categories: {1: Girl, 2: Boy}")
CODED = CODED.replace(', missing: {"-9": refused}', "")


def coded_wave() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "school": ["01", "01", "02", "02"],
            "pupil": ["001", "002", "003", "004"],
            "score": [50.0, 60.0, -9.0, -98.0],
            "ses": [0.5, None, 1.5, 1.0],
            "sex": [1.0, 2.0, 9.0, 1.0],
            "kind": ["x", "x", "z", "y"],
        }
    )


def test_user_missing_codes_of_spss_are_missing_for_their_reason(tmp_path):
    text = CODED.replace("files: [a.csv]", "files: [a.sav]")
    pyreadstat.write_sav(
        coded_wave(),
        str(tmp_path / "a.sav"),
        column_labels=["School", "Pupil", "Score in points", "Home", "Sex", "Kind"],
        variable_value_labels={"sex": {1: "girl", 2: "boy", 9: "not told"}, "score": {-9: "ill"}},
        missing_ranges={"score": [-9, {"lo": -99, "hi": -90}], "sex": [9]},
    )
    table, ledger = clean_wave(write_survey(tmp_path, text), "a")
    assert table["score"].to_pylist() == [50.0, 60.0, None, None]
    assert table["sex"].to_pylist() == ["1", "2", None, "1"]
    assert [(entry.variable, entry.reason, entry.cells) for entry in ledger.missing] == [
        ("score", FileRange(), 1),
        ("score", DeclaredMissing(meaning="ill"), 1),
        ("ses", EmptyCell(), 1),
        ("sex", DeclaredMissing(meaning="not told"), 1),
    ]
    labels = {found.variable: found.labels for found in ledger.labels}["sex"]
    assert {found.code: found.label for found in labels} == {
        "1": "girl",
        "2": "boy",
        "9": "not told",
    }


def test_extended_missing_values_of_stata(tmp_path):
    text = CODED.replace("files: [a.csv]", "files: [a.dta]")
    frame = coded_wave().assign(sex=[1, 2, 1, 1])
    frame["score"] = pd.Series([50.0, 60.0, "a", "b"], dtype=object)
    pyreadstat.write_dta(
        frame,
        str(tmp_path / "a.dta"),
        missing_user_values={"score": ["a", "b"]},
        variable_value_labels={"score": {"a": "ill"}, "sex": {1: "girl", 2: "boy"}},
    )
    table, ledger = clean_wave(write_survey(tmp_path, text), "a")
    assert table["score"].to_pylist() == [50.0, 60.0, None, None]
    reasons = {entry.reason for entry in ledger.missing}
    assert reasons == {DeclaredMissing(meaning="ill"), FileCode(code=".b"), EmptyCell()}


def test_the_codebook_names_missing_codes_before_the_file_does(tmp_path):
    text = CODED.replace("files: [a.csv]", "files: [a.sav]")
    text = text.replace("range: [0, 100]", 'range: [0, 100], missing: {"-9": absent}')
    pyreadstat.write_sav(
        coded_wave().head(3).assign(sex=[1.0, 2.0, 1.0]),
        str(tmp_path / "a.sav"),
        missing_ranges={"score": [-9]},
    )
    _, ledger = clean_wave(write_survey(tmp_path, text), "a")
    absent = DeclaredMissing(meaning="absent")
    assert MissingCells(variable="score", reason=absent, cells=1) in ledger.missing


def test_labels_may_stand_in_place_of_codes(tmp_path):
    text = CONFIGURATION.replace("files: [a.csv]", "cells: labels, files: [a.sav]")
    pyreadstat.write_sav(
        coded_wave().head(2),
        str(tmp_path / "a.sav"),
        variable_value_labels={"sex": {1: "g", 2: "b"}},
    )
    assert clean_wave(write_survey(tmp_path, text), "a")[0]["sex"].to_pylist() == ["g", "b"]


def test_two_files_of_a_wave_with_other_labels_for_a_code_are_refused(tmp_path):
    text = CODED.replace("files: [a.csv]", "files: [a.sav, a2.sav]")
    for name, labels in (("a", {1: "girl", 2: "boy"}), ("a2", {1: "boy", 2: "girl"})):
        rows = coded_wave().head(2).assign(pupil=[f"{name}1", f"{name}2"])
        pyreadstat.write_sav(
            rows, str(tmp_path / f"{name}.sav"), variable_value_labels={"sex": labels}
        )
    with pytest.raises(SurveyError, match=r"a2\.sav: sex: 2 codes \(1, 2\) with another label"):
        clean_wave(write_survey(tmp_path, text), "a")


# --- text ---------------------------------------------------------------------------------


def test_decimal_comma(tmp_path):
    rows = "school;pupil;score;ses;sex;kind\n01;001;50,5;-0,25;g;x\n01;002;60;,5;b;x\n"
    text = CONFIGURATION.replace("files: [a.csv]", "delimiter: ;, decimal: ',', files: [a.csv]")
    text = text.replace("delimiter: ;", 'delimiter: ";"')
    table, _ = clean_wave(write_survey(tmp_path, text, a=rows), "a")
    assert table["score"].to_pylist() == [50.5, 60.0]
    assert table["ses"].to_pylist() == [-0.25, 0.5]


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [("utf-16", "utf-16"), ("windows-1250", "cp1250"), ("iso-8859-15", "iso-8859-15")],
)
@pytest.mark.parametrize("packed", [False, True])
def test_declared_encodings(tmp_path, encoding, codec, packed):
    import gzip

    content = WAVE_A.replace("02,", "Žö2,").encode(codec)
    name = "a.csv.gz" if packed else "a.csv"
    text = CONFIGURATION.replace("files: [a.csv]", f"encoding: {encoding}, files: [{name}]")
    configuration = write_survey(tmp_path, text)
    (tmp_path / name).write_bytes(gzip.compress(content) if packed else content)
    assert clean_wave(configuration, "a")[0]["school"].to_pylist() == ["01", "01", "Žö2"]


# --- Excel ----------------------------------------------------------------------------------


def workbook(path: Path, **sheets: list[list]) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    if isinstance(cell, datetime.date):
                        sheet.write_datetime(i, j, cell, date)
                    elif isinstance(cell, str) and cell.startswith("="):
                        sheet.write_formula(i, j, cell, None, "#DIV/0!")
                    elif cell is not None:
                        sheet.write(i, j, cell)


def cells_of(path: Path, **form) -> dict:
    file = open_file(path, name=path.name, form=FileFormat(**form))
    (chunk,) = file.chunks(file.columns)
    return chunk.to_pydict() | {"numbers": file.numbers(range(chunk.num_rows))}


def test_cells_of_excel(tmp_path):
    day = datetime.datetime(2020, 1, 31)
    workbook(tmp_path / "x.xlsx", a=[["id", "x", None, "d"], ["007", 5, 1, day], [], ["8", 0.5, 2]])
    assert cells_of(tmp_path / "x.xlsx") == {
        "id": ["007", "8"],
        "x": ["5", "0.5"],
        "d": ["2020-01-31", ""],
        "numbers": [2, 4],
    }


def test_sheets_of_excel(tmp_path):
    workbook(tmp_path / "x.xlsx", one=[["a"], [1]], two=[["a"], [2]])
    assert cells_of(tmp_path / "x.xlsx", sheet="two")["a"] == ["2"]
    with pytest.raises(SurveyError, match=r"the file has 2 sheets \(one, two\); declare 'sheet'"):
        open_file(tmp_path / "x.xlsx")
    with pytest.raises(SurveyError, match="there is no sheet 'three'"):
        open_file(tmp_path / "x.xlsx", form=FileFormat(sheet="three"))


def test_error_cells_of_excel_are_not_taken_as_empty(tmp_path):
    workbook(tmp_path / "x.xlsx", a=[["x", "y"], [1, "=1/0"], [2, 3]])
    file = open_file(tmp_path / "x.xlsx")
    with pytest.raises(SurveyError, match=r"'y': 1 cell holds an error of Excel .*\(B2\)"):
        list(file.chunks(["x", "y"]))
    assert [chunk["x"].to_pylist() for chunk in file.chunks(["x"])] == [["1", "2"]]


def test_an_excel_file_that_expands_too_far_is_not_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "FREE_BYTES", 1 << 16)
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(1 << 20))
    with pytest.raises(SurveyError, match="expands to more than 200 times its size"):
        open_file(tmp_path / "x.xlsx")


def test_an_spss_portable_file_is_the_same_wave(tmp_path):
    """Its names are upper-case; numbers are read back to the last bit."""
    configuration = write_survey(tmp_path)
    expected, account = clean_wave(configuration, "a")
    rows = pd.read_csv(io.StringIO(WAVE_A), dtype={"school": str, "pupil": str})
    pyreadstat.write_por(rows, str(tmp_path / "a.por"))
    text = CONFIGURATION.replace("[a.csv]", "[a.por]").replace("id: school", "id: SCHOOL")
    text = text.replace("id: pupil", "id: PUPIL")
    for name in ("score", "ses", "sex", "kind"):
        text = text.replace(f"  {name}: {{label", f"  {name}: {{column: {name.upper()}, label")
    table, ledger = clean_wave(write_survey(tmp_path, text), "a")
    assert table.equals(expected)
    assert without_files(ledger) == without_files(account)
