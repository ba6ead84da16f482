"""Data sets that stand below each other in a file, each read as a file of its own."""

from __future__ import annotations

import pyarrow as pa
import pytest

from mlm.errors import SurveyError
from mlm.rows.files.opening import open_file
from mlm.rows.files.stacked import split_file

TEXT = "imp,a,b\n0,1,x\n1,2,y\n,3,z\n2,4,u\n1,5,v\n0,6,w\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text(TEXT, encoding="utf-8")
    return open_file(path, name="long.csv")


def rows(part, *columns: str) -> list[tuple]:
    table = pa.concat_tables(part.chunks(columns)).to_pandas()
    return list(table.itertuples(index=False, name=None))


def test_rows_are_those_of_their_number_and_an_empty_cell_is_observed(file):
    parts = split_file(file, "imp", ["a"])
    assert {number: rows(part, "a") for number, part in parts.items()} == {
        0: [("1",), ("3",), ("6",)],
        1: [("2",), ("5",)],
        2: [("4",)],
    }


def test_a_column_that_was_not_kept_is_read_again(file):
    parts = split_file(file, "imp", ["a"])
    assert rows(parts[1], "b", "a") == [("y", "2"), ("v", "5")]
    assert rows(parts[0], "b") == [("x",), ("z",), ("w",)]


def test_rows_are_named_by_their_lines_in_the_stacked_file(file):
    parts = split_file(file, "imp", ["a"])
    list(file.chunks(["a"]))
    assert parts[1].places([0, 1]) == file.places([1, 4])


def test_only_what_is_wanted_is_kept(file):
    assert list(split_file(file, "imp", ["a"], only=(0,))) == [0]


@pytest.mark.parametrize("cell", ["x", "1.5", "-1"])
def test_what_is_no_number_of_a_data_set_is_told_with_its_line(cell, tmp_path):
    path = tmp_path / "long.csv"
    path.write_text(TEXT.replace("2,4,u", f"{cell},4,u"), encoding="utf-8")
    with pytest.raises(SurveyError, match=r"holds 1 cells that are no whole number \(line 5\)"):
        split_file(open_file(path, name="long.csv"), "imp", ["a"])
