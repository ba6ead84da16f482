"""Grids of units: read, or refused with line and reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlm.configuration.grids import Tile, read_grid


def grid_of(folder, text, encoding="utf-8"):
    path = folder / "grid.csv"
    path.write_bytes(text.encode(encoding))
    return read_grid(path, "grid.csv")


@pytest.mark.parametrize(
    "text",
    [
        "id,column,row\n07,3,1\n08,4,1\n",
        "\ufeffid,column,row\r\n07,3,1\r\n08,4,1\r\n",
        "row,name,id,column\n1,North,07,3\n1,East,08,4\n\n",
        ' id , column , row \n"07", 3 ,1\n08,4,1',
    ],
)
def test_the_same_grid_in_other_spellings(tmp_path, text):
    grid = grid_of(tmp_path, text)
    assert grid.tiles == (Tile("07", 3, 1), Tile("08", 4, 1))
    assert grid.problems == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,column\n07,3\n", "no column 'row' in the first line"),
        ("", "no column 'id', 'column', 'row'"),
        ("id,column,row\n", "no line below its head"),
        ("id,column,row\n07,3,0\n", "line 2 (07, 3, 0); expected an id and whole numbers"),
        ("id,column,row\n07,3\n", "line 2 (07, 3)"),
        ("id,column,row\n07,3,1.5\n", "line 2"),
        ("id,column,row\n07,3,61\n", "from 1 to 60"),
        ("id,column,row\n,3,1\n", "line 2"),
        ("id,column,row\n07,3,1\n07,4,1\n", "line 3 (07); expected each id once"),
        ("id,column,row\n07,3,1\n08,3,1\n", "line 3 (08, where 07 is); expected one unit"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, text, told):
    problems = grid_of(tmp_path, text).problems
    assert any(told in problem for problem in problems), problems


def test_many_mistakes_are_counted(tmp_path):
    text = "id,column,row\n" + "".join(f"{i},0,{i}\n" for i in range(1, 10))
    (problem,) = grid_of(tmp_path, text).problems
    assert "and 6 more" in problem


def test_a_file_that_is_not_there_or_not_text(tmp_path):
    assert "is not there" in read_grid(tmp_path / "no.csv", "no.csv").problems[0]
    assert "UTF-8" in grid_of(tmp_path, "id,column,row\né,1,1\n", "latin-1").problems[0]


@given(
    st.dictionaries(
        st.tuples(st.integers(1, 60), st.integers(1, 60)),
        st.text("abc019-é", min_size=1, max_size=4),
        min_size=1,
    )
)
def test_a_grid_is_read_as_it_was_written(tmp_path_factory, places):
    units = {unit: place for place, unit in places.items()}
    lines = [f"{unit},{column},{row}\n" for unit, (column, row) in units.items()]
    grid = grid_of(tmp_path_factory.mktemp("grid"), "id,column,row\n" + "".join(lines))
    assert grid.tiles == tuple(Tile(unit, *place) for unit, place in units.items())
    assert grid.problems == ()
