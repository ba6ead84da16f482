"""Cells of typed files: the number that was meant, or an error with its place; never nothing."""

from __future__ import annotations

import datetime
import struct
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.errors import SurveyError
from mlm.results.survey.account import DeclaredMissing, FileRange, MissingCells
from mlm.rows.files import statistical
from mlm.rows.files.cells import ieee_spacing, short_numbers
from mlm.rows.files.opening import open_file
from tests.cleaned_waves import clean_wave
from tests.drawn_cases import cases
from tests.unit.rows.small_survey import CONFIGURATION, write_survey

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def texts(path: Path, *columns: str) -> dict[str, list[str]]:
    file = open_file(path, name=path.name)
    (chunk,) = file.chunks(columns or file.columns)
    return chunk.to_pydict()


# --- the precision of the file ------------------------------------------------------------

NUMBERS = st.lists(
    st.integers(1, 99_999).flatmap(
        lambda n: st.tuples(st.integers(0, 6), st.sampled_from((1, -1))).map(
            lambda places: places[1] * n / 10 ** places[0]
        )
    ),
    min_size=1,
    max_size=30,
)


def shown(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(number)


def as_floats(found: list[str]) -> list[float]:
    return [float(text) for text in found]


@given(NUMBERS)
@settings(max_examples=cases(15))
def test_singles_are_the_decimals_they_were(tmp_path_factory, numbers):
    folder = tmp_path_factory.mktemp("singles")
    singles = np.array(numbers, dtype=np.float32)
    pq.write_table(pa.table({"x": singles}), folder / "x.parquet")
    pd.DataFrame({"x": singles}).to_stata(folder / "x.dta", write_index=False)
    for kind in ("parquet", "dta"):
        assert as_floats(texts(folder / f"x.{kind}")["x"]) == numbers


def test_singles_beside_missing_ones_and_labelled_missing_values(tmp_path):
    singles = np.array([1.1, np.nan, 2.1], dtype=np.float32)
    pq.write_table(pa.table({"x": pa.array(singles, from_pandas=True)}), tmp_path / "x.parquet")
    pd.DataFrame({"x": singles}).to_stata(tmp_path / "x.dta", write_index=False)
    for kind in ("parquet", "dta"):
        assert texts(tmp_path / f"x.{kind}")["x"] == ["1.1", "", "2.1"]
    content = bytearray((tmp_path / "x.dta").read_bytes())
    missing, letter = struct.pack("<I", 0x7F000000), struct.pack("<I", 0x7F000800)
    assert content.count(missing) == 1
    (tmp_path / "x.dta").write_bytes(content.replace(missing, letter))
    assert texts(tmp_path / "x.dta")["x"] == ["1.1", ".a", "2.1"]


def test_halves_are_the_decimals_they_were(tmp_path):
    halves = np.array([1.1, 0.82, 12.5, 7, np.nan], dtype=np.float16)
    pq.write_table(pa.table({"x": halves}), tmp_path / "x.parquet")
    assert texts(tmp_path / "x.parquet")["x"] == ["1.1", "0.82", "12.5", "7", ""]


@given(NUMBERS, st.integers(4, 7))
@settings(max_examples=cases(25))
def test_doubles_cut_to_fewer_bytes_are_the_decimals_they_were(numbers, n_bytes):
    numbers = [n for n in numbers if len(f"{abs(n):.9f}".strip("0.").replace(".", "")) < 6]
    cut = [
        struct.unpack(">d", struct.pack(">d", n)[:n_bytes] + bytes(8 - n_bytes))[0] for n in numbers
    ]
    found = short_numbers(np.array(cut), ieee_spacing(n_bytes))
    whole = [c == int(c) for c in cut]
    assert [f for f, w in zip(found, whole, strict=True) if not w] == [
        n for n, w in zip(numbers, whole, strict=True) if not w
    ]


@pytest.mark.parametrize("n_bytes", [4, 5, 7])
def test_short_numbers_of_a_transport_file(tmp_path, n_bytes):
    numbers = [1.1, 2.1, 0.82, 50.6, -3.7, 7.0, 1234.5]
    pyreadstat.write_xport(
        pd.DataFrame({"x": numbers}), str(tmp_path / "x.xpt"), file_format_version=5
    )
    content = bytearray((tmp_path / "x.xpt").read_bytes())
    head = content.index(b"HEADER RECORD*******NAMESTR") + 80
    assert content[head + 4 : head + 6] == b"\x00\x08"
    content[head + 4 : head + 6] = struct.pack(">H", n_bytes)
    start = content.index(b"HEADER RECORD*******OBS") + 80
    cells = [bytes(content[start + 8 * i :][:n_bytes]) for i in range(len(numbers))]
    rows = b"".join(cells)
    (tmp_path / "x.xpt").write_bytes(content[:start] + rows.ljust(-(-len(rows) // 80) * 80, b" "))
    assert texts(tmp_path / "x.xpt")["x"] == [shown(n) for n in numbers]


DOUBLES = st.lists(
    st.floats(1e-60, 1e60) | st.floats(-1e60, -1e-60) | st.integers(-(10**9), 10**9).map(float),
    min_size=1,
    max_size=30,
)
WRITERS = {
    "sav": pyreadstat.write_sav,
    "dta": pyreadstat.write_dta,
    "xpt": pyreadstat.write_xport,
    "por": pyreadstat.write_por,
}


@given(NUMBERS | DOUBLES)
@settings(max_examples=cases(8))
def test_doubles_are_the_numbers_they_were_in_every_file(tmp_path_factory, numbers):
    folder = tmp_path_factory.mktemp("doubles")
    frame = pd.DataFrame({"x": numbers})
    pq.write_table(pa.Table.from_pandas(frame), folder / "a.parquet")
    frame.map(shown).to_csv(folder / "a.csv", index=False)
    for kind, written in WRITERS.items():
        written(frame, str(folder / f"a.{kind}"))
    for kind in ("csv", "parquet", *WRITERS):
        (found,) = texts(folder / f"a.{kind}").values()
        assert as_floats(found) == numbers, kind


# --- cells that a reader cannot give -------------------------------------------------------


def workbook(path: Path, rows: str, merged: str = "") -> None:
    """An Excel file whose sheet ``rows`` has some XML; the sheet before it is damaged by errors."""
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("notes").write_formula(0, 0, "=1/0", None, "#DIV/0!")
        book.add_worksheet("rows").write(0, 0, "x")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet2.xml"
    head, _ = parts[name].split(b"<sheetData>")
    head = head.replace(b'ref="A1"', b'ref="A1:D9"')
    end = parts[name].rpartition(b"<")[2].decode()
    tail = f"<sheetData>{rows}</sheetData>{merged}<{end}".encode()
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, head + tail if part == name else content)


NAMES = {"A": "x", "B": "y", "C": "z"}
HEAD = "".join(f'<c r="{c}1" t="inlineStr"><is><t>{name}</t></is></c>' for c, name in NAMES.items())
HEAD = f'<row r="1">{HEAD}</row>'


def sheet(*cells: str) -> str:
    rows = [f'<row r="{i}"><c r="A{i}"><v>{i}</v></c>{c}</row>' for i, c in enumerate(cells, 2)]
    return HEAD + "".join(rows)


def read(path: Path, *columns: str) -> dict[str, list[str]]:
    from mlm.rows.files.wave_file import FileFormat

    (chunk,) = open_file(path, name=path.name, form=FileFormat(sheet="rows")).chunks(columns)
    return chunk.to_pydict()


FAULTS = {
    "error": ('<c r="B3" t="e"><v>#N/A</v></c>', "an error of Excel"),
    "error of a formula": ('<c r="B3" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "an error of Excel"),
    "error in other quotes": ("<c r='B3' s='1' t='e'><v>#REF!</v></c>", "an error of Excel"),
    "formula without a value": ('<c r="B3"><f>A1*2</f></c>', "a formula without a stored value"),
    "formula with an empty value": ('<c r="B3"><f>A1</f><v></v></c>', "without a stored value"),
    "formula with a closed value": ('<c r="B3"><f>A1</f><v/></c>', "without a stored value"),
    "formula of a text": ('<c r="B3" t="str"><f>A1</f></c>', "without a stored value"),
    "shared formula": ('<c r="B3"><f t="shared" si="0"/></c>', "without a stored value"),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_cells_of_excel_without_a_value_are_errors_with_their_place(tmp_path, kind):
    cell, words = FAULTS[kind]
    workbook(tmp_path / "x.xlsx", sheet("", cell, cell.replace("B3", "B4"), '<c r="B5"/>'))
    with pytest.raises(
        SurveyError, match=rf"sheet 'rows', column 'y': 2 cells hold .*{words}"
    ) as e:
        read(tmp_path / "x.xlsx", "x", "y")
    assert "(B3, B4)" in str(e.value)
    assert read(tmp_path / "x.xlsx", "x", "z")["z"] == [""] * 4


def test_places_are_counted_where_cells_do_not_name_them(tmp_path):
    cells = "<row><c><v>1</v></c><c><v>2</v></c><c><f>A1</f></c></row>"
    workbook(tmp_path / "x.xlsx", HEAD + cells)
    with pytest.raises(SurveyError, match=r"column 'z': 1 cell holds a formula .*\(C2\)"):
        read(tmp_path / "x.xlsx", "z")


def test_formulas_with_their_value_are_read(tmp_path):
    cells = ('<c r="B2"><f>A1</f><v>7</v></c>', '<c r="B3" t="str"><f>""</f><v></v></c>')
    workbook(tmp_path / "x.xlsx", sheet(*cells))
    assert read(tmp_path / "x.xlsx", "y")["y"] == ["7", ""]


def test_merged_cells_are_not_empty(tmp_path):
    merged = '<mergeCells count="1"><mergeCell ref="B2:B4"/></mergeCells>'
    workbook(tmp_path / "x.xlsx", sheet('<c r="B2"><v>5</v></c>', "", ""), merged)
    with pytest.raises(SurveyError, match=r"column 'y': 2 cells hold no value.*merged.*\(B3, B4\)"):
        read(tmp_path / "x.xlsx", "y")
    assert read(tmp_path / "x.xlsx", "x")["x"] == ["2", "3", "4"]


def test_a_column_name_that_is_an_error_is_refused(tmp_path):
    workbook(
        tmp_path / "x.xlsx",
        sheet("").replace('t="inlineStr"><is><t>y</t></is>', 't="e"><v>#REF!</v>'),
    )
    with pytest.raises(SurveyError, match=r"1 cell holds an error of Excel .*\(B1\)"):
        read(tmp_path / "x.xlsx", "x")


@pytest.mark.parametrize(
    ("kind", "write", "form"),
    [
        ("sav", pyreadstat.write_sav, "DATE11"),
        ("dta", pyreadstat.write_dta, "%td"),
        ("xpt", pyreadstat.write_xport, "DATE9"),
    ],
)
def test_numbers_that_are_no_dates_are_named(tmp_path, kind, write, form):
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "t": [14e9, 1e15, np.nan]})
    frame.loc[0, "t"] = 14e9 if kind == "sav" else 18_000
    write(frame, str(tmp_path / f"a.{kind}"), variable_format={"t": form})
    with pytest.raises(SurveyError, match=r"column 't': the numbers in rows 2 stand for no date"):
        texts(tmp_path / f"a.{kind}")
    assert texts(tmp_path / f"a.{kind}", "x")["x"] == ["1", "2", "3"]


def test_dates_of_parquet_beyond_the_calendar_are_named(tmp_path):
    days = pa.array([0, None, 10**9], pa.date32())
    pq.write_table(pa.table({"t": days}), tmp_path / "x.parquet")
    with pytest.raises(SurveyError, match=r"column 't' has 1 cells \(rows 3\)"):
        texts(tmp_path / "x.parquet")


# --- reasons ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sav", "zsav"])
@pytest.mark.parametrize("cells", ["codes", "labels"])
def test_labels_inside_missing_ranges_are_the_reasons(tmp_path, kind, cells):
    text = CONFIGURATION.replace("files: [a.csv]", f"cells: {cells}, files: [a.{kind}]")
    text = text.replace(', missing: {"-9": refused}', "")
    frame = pd.DataFrame(
        {
            "school": ["01", "01", "02", "02", "02", "02"],
            "pupil": ["001", "002", "003", "004", "005", "006"],
            "score": [50.0, -9.0, -8.0, -9.0, -7.5, 60.0],
            "ses": [0.5, 0.1, 1.5, 1.0, 2.0, 0.3],
            "sex": ["g", "b", "g", "b", "g", "g"],
            "kind": ["x", "x", "y", "y", "y", "y"],
        }
    )
    pyreadstat.write_sav(
        frame,
        str(tmp_path / f"a.{kind}"),
        compress=kind == "zsav",
        missing_ranges={"score": [{"lo": -99, "hi": -1}]},
        variable_value_labels={"score": {-9: "refused", -8: "ill"}},
    )
    _, ledger = clean_wave(write_survey(tmp_path, text), "a")
    assert [entry for entry in ledger.missing if entry.variable == "score"] == [
        MissingCells(variable="score", reason=DeclaredMissing(meaning="refused"), cells=2),
        MissingCells(variable="score", reason=DeclaredMissing(meaning="ill"), cells=1),
        MissingCells(variable="score", reason=FileRange(), cells=1),
    ]


@pytest.mark.parametrize("version", [5, 8])
def test_special_missing_values_of_a_transport_file_are_kept_apart(tmp_path, version, monkeypatch):
    frame = pd.DataFrame({"t": ["a"] * 6, "x": [1.5, np.nan, np.nan, 2.0, np.nan, np.nan]})
    path = tmp_path / "x.xpt"
    labels = ["a text", "l" * 60]
    pyreadstat.write_xport(frame, str(path), file_format_version=version, column_labels=labels)
    content = bytearray(path.read_bytes())
    start = content.index(b"HEADER RECORD*******OBS") + 80
    width = content.index(b".", start) - start - 1  # a missing number begins with a point
    for row, letter in ((1, "A"), (4, "_"), (5, "Z")):
        content[start + row * width + 1] = ord(letter)
    path.write_bytes(content)
    monkeypatch.setattr(statistical, "READ_ROWS", 4)
    found = [text for chunk in open_file(path).chunks(["x"]) for text in chunk["x"].to_pylist()]
    assert found == ["1.5", ".A", "", "2", "._", ".Z"]
    assert open_file(path).notes["x"].missing[".A"] is None


def test_days_of_a_wave_are_dates_in_every_file(tmp_path):
    days = [datetime.date(2020, 1, 31), datetime.date(1960, 9, 8)]
    frame = pd.DataFrame({"t": days})
    pq.write_table(pa.Table.from_pandas(frame), tmp_path / "x.parquet")
    pyreadstat.write_sav(frame, str(tmp_path / "x.sav"))
    pyreadstat.write_dta(frame, str(tmp_path / "x.dta"))
    for kind in ("parquet", "sav", "dta"):
        assert texts(tmp_path / f"x.{kind}")["t"] == ["2020-01-31", "1960-09-08"]
