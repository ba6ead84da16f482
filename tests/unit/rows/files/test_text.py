"""Text files: read to the cell, or refused with the place."""

from __future__ import annotations

import gzip
import os

import pytest

from mlm.errors import SurveyError
from mlm.rows.cleaning.delivery import open_delivery
from mlm.rows.files.opening import open_file
from mlm.rows.files.wave_file import FileFormat
from tests.unit.rows.small_survey import write_survey

WHOLE = [
    ("plain", b"a,b\n1,2\n3,4\n", {"a": ["1", "3"], "b": ["2", "4"]}, [2, 3]),
    ("windows lines", b"a,b\r\n1,2\r\n", {"a": ["1"], "b": ["2"]}, [2]),
    ("byte order mark", b"\xef\xbb\xbfa,b\n1,2\n", {"a": ["1"], "b": ["2"]}, [2]),
    ("quoted", b'a,b\n"1,5","x ""y"""\n', {"a": ["1,5"], "b": ['x "y"']}, [2]),
    ("line break in a cell", b'a,b\n"1\n2",3\n4,5\n', {"a": ["1\n2", "4"], "b": ["3", "5"]}, [3, 4]),  # noqa: E501
    ("empty lines", b"a,b\n\n1,2\n\n3,4\n", {"a": ["1", "3"], "b": ["2", "4"]}, [3, 5]),
    ("nothing is guessed", b"a,b\nNA,007\nnull,1e3\n", {"a": ["NA", "null"], "b": ["007", "1e3"]}, [2, 3]),  # noqa: E501
    ("no rows", b"a,b\n", {"a": [], "b": []}, []),
    ("a column without name", b",a\n1,2\n", {"a": ["2"]}, [2]),
    ("blanks around names", b" a , b\n1,2\n", {"a": ["1"], "b": ["2"]}, [2]),
]  # fmt: skip


def read(path, **form):
    """A file, and all its cells by column."""
    file = open_file(path, name=path.name, form=FileFormat(**form))
    cells = {name: [] for name in file.columns}
    for chunk in file.chunks(file.columns):
        for name, texts in chunk.to_pydict().items():
            cells[name] += texts
    return file, cells


@pytest.mark.parametrize(("content", "cells", "lines"), [case[1:] for case in WHOLE])
@pytest.mark.parametrize("packed", [False, True])
def test_cells_and_lines(tmp_path, content, cells, lines, packed):
    path = tmp_path / ("x.csv.gz" if packed else "x.csv")
    path.write_bytes(gzip.compress(content) if packed else content)
    file, found = read(path)
    assert found == cells
    assert file.numbers(range(len(lines))) == lines
    assert file.ends_whole


PACKED = gzip.compress(b"a,b\n1,2\n", mtime=0)  # the same bytes, and test name, every time
DAMAGED = [
    ("x.csv", b"", "x.csv: the file is empty"),
    ("x.csv", b"\n\na,b\n", "line 1: the first line is empty"),
    ("x.csv", b"a,b\n1,2\n3,4,5\n\n6\n", "lines 3, 5: 2 lines without the 2 cells"),
    ("x.csv", b"a,b\n1,2\n3", "line 3: the last line has too few"),
    ("x.csv", b"a,b\n1,\x002\n", "line 2: the file holds NUL bytes;"),
    ("x.csv", b"a,b\n1,2\n\xe9,4\n", "line 3: byte 0xE9 is not utf-8 text"),
    ("x.csv", "a,b\n1,2\n".encode("utf-16"), "the file is UTF-16"),
    ("x.csv.gz", gzip.compress("a,b\n1,2\n".encode("utf-16"), mtime=0), "the file is UTF-16"),
    ("x.csv", b"sep=,\na,b\n1,2\n", "line 1: this line (sep=) is meant for Excel"),
    ("x.csv", b'"sep=;"\na;b\n1;2\n', "line 1: this line (sep=) is meant for Excel"),
    ("x.csv", b"sep=\t\na\tb\n1\t2\n", "remove it, and declare the 'delimiter'"),
    ("x.csv", b"a,b,a\n1,2,3\n", "line 1: column names occur more than once: a"),
    ("x.csv", b"a;b\n1;2\n", "line 1: one column only, but the line holds the semicolon"),
    ("x.csv", b'a,b\n1,2\n"3,4\n5,6\n', "line 3: a quoted cell opens in or before this line"),
    ("x.doc", b"a,b\n1,2\n", "files of this kind are not read"),
    ("x.csv.gz", PACKED[:-6], "the compressed file is damaged or cut"),
    ("x.csv.gz", b"a,b\n1,2\n", "the compressed file is damaged or cut"),
]


@pytest.mark.parametrize(("name", "content", "message"), DAMAGED)
def test_damaged_files_are_refused(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SurveyError) as caught:
        read(tmp_path / name)
    assert message in str(caught.value)


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(SurveyError, match="the file does not exist"):
        read(tmp_path / "x.csv")
    (tmp_path / "y.csv").mkdir()
    with pytest.raises(SurveyError, match="this is a folder, a device or a pipe"):
        read(tmp_path / "y.csv")


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet", "sav"])
def test_devices_and_pipes_are_not_read_whatever_they_are_called(tmp_path, kind):
    (tmp_path / f"zeros.{kind}").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / f"pipe.{kind}")
    for name in (f"zeros.{kind}", f"pipe.{kind}"):
        with pytest.raises(SurveyError, match=rf"{name}: this is a folder, a device or a pipe"):
            open_file(tmp_path / name, name=name)


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_cut_file_is_noticed(tmp_path, cut):
    content = b"school,pupil,score\n" + b"".join(b"01,%03d,5%d\n" % (i, i) for i in range(9))
    (tmp_path / "x.csv").write_bytes(content[:-cut])
    try:
        file, _ = read(tmp_path / "x.csv")
    except SurveyError:
        return
    assert not file.ends_whole or content[: -cut + 1][-1:] == b"\n" or content[-cut - 1] == 10


def test_declared_encoding_and_delimiter(tmp_path):
    (tmp_path / "x.csv").write_bytes("Größe;b\né;€\n".encode("cp1252"))
    _, cells = read(tmp_path / "x.csv", delimiter=";", encoding="windows-1252")
    assert cells == {"Größe": ["é"], "b": ["€"]}


def test_messages_hold_no_cells(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"name,b\nCanary Smith,1,2\nCanary Jones\n")
    with pytest.raises(SurveyError) as caught:
        read(tmp_path / "x.csv")
    assert "Canary" not in str(caught.value)


def test_a_file_that_is_written_while_it_is_read_is_refused(tmp_path):
    delivery = open_delivery(write_survey(tmp_path), "a")
    chunks = delivery.chunks()
    next(chunks)
    with open(tmp_path / "a.csv", "a", encoding="utf-8") as file:
        file.write("03,004,70,1.5,b,z\n")
    with pytest.raises(SurveyError, match="a.csv: the file changes while it is read"):
        list(chunks)


@pytest.mark.study
@pytest.mark.parametrize(("quoted", "hint"), [(False, "shorten it"), (True, "opens there")])
def test_a_cell_of_many_characters_is_named_as_such(tmp_path, quoted, hint):
    cell = b"x" * 40_000_000
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n1,2\n3," + (b'"' + cell + b'"' if quoted else cell) + b"\n4,5\n")
    with pytest.raises(SurveyError) as caught:
        read(path)
    text = str(caught.value)
    assert "x.csv, line 3: a cell that begins there is longer than 4,194,304" in text
    assert text.endswith(hint) or quoted and hint in text
    assert ("quotation mark" in text) == quoted


def test_a_column_name_of_many_characters_is_named_as_such(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"a," + b"x" * 1_000_000 + b"\n1,2\n")
    with pytest.raises(SurveyError, match="column name 2 of 2 has 1,000,000 characters"):
        read(path)


def test_long_cells_are_read(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b'a,b\n1,"' + b"x" * 200_000 + b'\n"\n3\n')
    with pytest.raises(SurveyError, match=r"line 4: 1 line without|line 4: the last line"):
        read(path)
