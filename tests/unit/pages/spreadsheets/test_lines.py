"""Lines and columns of tables in files: every line has its name, every heading is its own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlm.pages.blocks import column, group_row, row, table
from mlm.pages.spreadsheets.lines import table_lines

KINDS = st.lists(st.sampled_from(["row", "indented", "group"]), max_size=12)
LABELS = st.lists(st.sampled_from(["", "SE", "Mean", "Lower"]), min_size=1, max_size=6)


def made(kinds, columns):
    rows = [
        group_row(f"name {n}")
        if kind == "group"
        else row(*(f"{n} {i}" for i in range(len(columns))), indented=kind == "indented")
        for n, kind in enumerate(kinds)
    ]
    return table("t", "A table", columns, rows)


@given(KINDS, LABELS, st.sampled_from(["", "95% interval", "Mean"]))
def test_cells_stay_below_their_heading_and_headings_differ(kinds, labels, above):
    columns = [column(label, group=above if i % 2 else "") for i, label in enumerate(labels)]
    block = made(kinds, columns)
    grid = table_lines(block)
    assert len(set(grid.headings)) == len(grid.headings) == len(labels) + grid.keys
    assert all(grid.headings)
    assert len(grid.lines) == sum(kind != "group" for kind in kinds)
    for position, item in enumerate(block["rows"]):
        if item["kind"] == "group":
            assert position not in grid.places
            continue
        line = grid.lines[grid.places[position]]
        assert line[grid.keys :] == item["cells"]


def test_a_group_is_a_column_of_the_lines_it_names():
    columns = [column("Term", "text"), column("Estimate")]
    grid = table_lines(made(["row", "group", "indented", "indented", "row"], columns))
    assert grid.headings == ["Heading", "Term", "Estimate"]
    assert [line[0]["text"] for line in grid.lines] == ["", "name 1", "name 1", ""]


def test_equal_headings_take_the_name_of_the_column_before():
    labels = ["Wave", "Mean", "SE", "Difference", "SE"]
    grid = table_lines(made(["row"], [column(label) for label in labels]))
    assert grid.headings == ["Wave", "Mean", "Mean: SE", "Difference", "Difference: SE"]
