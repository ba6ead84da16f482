"""Whatever becomes of the process that reads a typed file is one message, in time."""

from __future__ import annotations

import os
import resource
import sys
import time
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pyreadstat
import pytest

from mlm.errors import SurveyError
from mlm.rows.files import child, reader_process
from mlm.rows.files.opening import open_file
from mlm.rows.files.typed import TypedFile
from tests.unit.rows.files.formats import write

pytestmark = pytest.mark.slow

ROWS = pd.DataFrame({"x": [1.0, 2.0], "y": [3.0, 4.0]})


def read(path: Path) -> dict:
    (chunk,) = open_file(path, name=path.name).chunks(["y", "x"])
    return chunk.to_pydict()


@pytest.mark.battery(2)
@pytest.mark.parametrize("kind", ["parquet", "xlsx", "sav"])
def test_a_process_of_its_own_reads_the_file(tmp_path, kind):
    write(tmp_path / f"x.{kind}", ROWS)
    assert read(tmp_path / f"x.{kind}") == {"y": ["3", "4"], "x": ["1", "2"]}


def test_times_of_nanoseconds_are_read_without_pandas(tmp_path):
    moments = [1_577_836_800_000_000_000, 1_577_836_800_123_456_789]
    columns = {
        "x": pa.array(moments, pa.timestamp("ns")),
        "y": pa.array([0, 3_600_000_000_001], pa.time64("ns")),
    }
    pyarrow.parquet.write_table(pa.table(columns), tmp_path / "x.parquet")
    assert read(tmp_path / "x.parquet") == {
        "y": ["00:00:00", "01:00:00"],
        "x": ["2020-01-01", "2020-01-01 00:00:00.123456"],
    }


def test_one_process_describes_and_reads_and_one_at_most_waits(tmp_path, monkeypatch):
    started = []
    start = reader_process._started
    monkeypatch.setattr(reader_process, "_started", lambda end: started.append(1) or start(end))
    write(tmp_path / "x.parquet", ROWS)
    write(tmp_path / "y.parquet", ROWS)
    first, second = (open_file(tmp_path / f"{name}.parquet") for name in "xy")
    assert first._process._process.returncode is not None, "ended when the next one was opened"
    for file in (second, first):
        assert [chunk.num_rows for chunk in file.chunks(["x"])] == [2]
    assert len(started) == 3, "the first file again"
    assert TypedFile._waiting is None


# --- the child says a lot, or something else ------------------------------------------------


def workbook_with_sheets(path: Path, names: list[str]) -> None:
    """An Excel file of empty sheets: only what a reader needs."""
    space = "http://schemas.openxmlformats.org"
    sheets = "".join(
        f'<sheet name="{name}" sheetId="{i}" r:id="r{i}"/>' for i, name in enumerate(names, 1)
    )
    links = "".join(
        f'<Relationship Id="r{i}" Type="{space}/officeDocument/2006/relationships/worksheet" '
        f'Target="worksheets/sheet{i}.xml"/>'
        for i, _ in enumerate(names, 1)
    )
    document = f'Type="{space}/officeDocument/2006/relationships/officeDocument"'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{space}/package/2006/relationships">'
            f'<Relationship Id="r1" {document} Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<x:workbook xmlns:x="{space}/spreadsheetml/2006/main" '
            f'xmlns:r="{space}/officeDocument/2006/relationships"><sheets>{sheets}</sheets>'
            "</x:workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{space}/package/2006/relationships">{links}</Relationships>',
        )


def test_thousands_of_sheets_are_told_in_a_short_message(tmp_path):
    names = [f"sheet number {number:010} abcd" for number in range(3000)]
    workbook_with_sheets(tmp_path / "x.xlsx", names)
    with pytest.raises(SurveyError, match=r"3,000 sheets \(.* and 2,997 more\)") as raised:
        open_file(tmp_path / "x.xlsx", name="x.xlsx")
    assert len(str(raised.value)) < 300


LOUD = "import os; os.write(1, b'no answer ' * 20_000); os.write(2, b'ld.so: ERROR ' * 20_000)\n"


@pytest.mark.parametrize("content", [None, b"no file of SPSS"])
def test_what_else_the_child_prints_is_no_answer(tmp_path, monkeypatch, content):
    (tmp_path / "loud").mkdir()
    (tmp_path / "loud" / "sitecustomize.py").write_text(LOUD)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "loud"))
    monkeypatch.setenv("LD_PRELOAD", "/nonexistent/libfoo.so")
    write(tmp_path / "x.sav", ROWS)
    if content is None:
        assert read(tmp_path / "x.sav") == {"y": ["3", "4"], "x": ["1", "2"]}
        return
    (tmp_path / "x.sav").write_bytes(content)
    with pytest.raises(SurveyError, match=r"x\.sav: the file is damaged or cut"):
        open_file(tmp_path / "x.sav", name="x.sav")


# --- the child does not answer ----------------------------------------------------------------


def broken_pyreadstat(folder: Path, monkeypatch, body: str) -> None:
    """Let children find a library whose readers do something else."""
    (folder / "broken" / "pyreadstat").mkdir(parents=True)
    names = ("read_sav", "read_por", "read_dta", "read_sas7bdat", "read_xport")
    functions = "".join(f"def {name}(*a, **k):\n    {body}\n" for name in names)
    errors = "class ReadstatError(Exception): pass\nclass PyreadstatError(Exception): pass\n"
    module = folder / "broken" / "pyreadstat" / "__init__.py"
    module.write_text(f"import os, signal, time\n{errors}{functions}")
    environment = reader_process._environment()
    environment["PYTHONPATH"] = f"{folder / 'broken'}{os.pathsep}{environment['PYTHONPATH']}"
    monkeypatch.setattr(reader_process, "_environment", lambda: environment)


@pytest.mark.battery(4)
@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "the file is damaged or cut"),
        ("os._exit(0)", "the file is damaged or cut"),
        ("os.kill(os.getpid(), signal.SIGKILL)", r"ended from outside \(SIGKILL\).*memory"),
        ("os.kill(os.getpid(), signal.SIGXCPU)", "more than 1800 seconds of processor time"),
        ("bytearray(1 << 45)", "takes more memory than is allowed"),
        ("raise KeyError('a cell')", r"KeyError in __init__\.py, line \d+\)"),
        ("raise OSError(5, 'Input/output error')", r"cannot be read \(Input/output error\)"),
    ],
)
def test_the_end_of_the_reader_is_told(tmp_path, monkeypatch, body, told):
    write(tmp_path / "x.dta", ROWS)
    broken_pyreadstat(tmp_path, monkeypatch, body)
    with pytest.raises(SurveyError, match=rf"^x\.dta: .*{told}") as raised:
        open_file(tmp_path / "x.dta", name="x.dta")
    assert "a cell" not in str(raised.value)


def test_a_reader_that_sleeps_is_given_up_and_ended(tmp_path, monkeypatch):
    write(tmp_path / "x.dta", ROWS)
    broken_pyreadstat(tmp_path, monkeypatch, "time.sleep(3600)")
    monkeypatch.setattr(reader_process, "WAITING_SECONDS", 0.4)
    began = time.monotonic()
    with pytest.raises(SurveyError, match=r"given up after 0\.4 seconds of waiting.*processor"):
        open_file(tmp_path / "x.dta", name="x.dta")
    assert time.monotonic() - began < 5


def test_a_process_that_does_not_start_is_no_fault_of_the_file(tmp_path, monkeypatch):
    write(tmp_path / "x.dta", ROWS)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(SurveyError, match=r"did not start \(exit code 1\)"):
        open_file(tmp_path / "x.dta", name="x.dta")
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(SurveyError, match=r"no process can be started .*No such file"):
        open_file(tmp_path / "x.dta", name="x.dta")


def test_limits_never_exceed_those_of_the_user(monkeypatch):
    limits = {}
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (5, 700))
    monkeypatch.setattr(resource, "setrlimit", lambda kind, pair: limits.update({kind: pair}))
    child._set_limits(6000, 1800)
    assert limits[resource.RLIMIT_AS] == limits[resource.RLIMIT_CPU] == (700, 700)
    assert limits[resource.RLIMIT_CORE] == (0, 700)


# --- what the file says ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["x", "a\x1b[31mb"], r"U\+001B"),
        (["x", "a\u202eb"], r"U\+202E"),
        (["x", "a\x96b"], r"U\+0096"),
        (["x", "x"], "occur more than once: x"),
    ],
)
def test_column_names_that_cannot_be_shown_are_refused(tmp_path, names, told, read_in_this_process):
    table = pa.Table.from_arrays([pa.array([1.0, 2.0])] * 2, names=names)
    pyarrow.parquet.write_table(table, tmp_path / "x.parquet")
    with pytest.raises(SurveyError, match=rf"^x\.parquet, column names: .*{told}"):
        open_file(tmp_path / "x.parquet", name="x.parquet")


def test_cells_that_are_no_text_are_refused_with_their_column(tmp_path, read_in_this_process):
    column = pa.StringArray.from_buffers(
        1, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")
    )
    pyarrow.parquet.write_table(pa.table({"x": column}), tmp_path / "x.parquet")
    with pytest.raises(
        SurveyError, match=r"x\.parquet: the column 'x' holds cells that are no text"
    ):
        list(open_file(tmp_path / "x.parquet", name="x.parquet").chunks(["x"]))


def test_labels_that_cannot_be_shown_are_made_visible(tmp_path, read_in_this_process):
    pyreadstat.write_sav(
        ROWS,
        str(tmp_path / "x.sav"),
        column_labels=["a\x1b[31mb", "fine"],
        variable_value_labels={"x": {1: "one\x07", 2: "two"}},
    )
    notes = open_file(tmp_path / "x.sav").notes
    assert notes["x"].label == "a\ufffd[31mb"
    assert notes["x"].labels == {"1": "one\ufffd", "2": "two"}
    assert notes["y"].label == "fine"
