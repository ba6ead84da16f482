"""Trimming: only what tells nothing is left out, it is named, and the rest stays as it was."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlm.pages.blocks import column, finish, group_row, row, table
from mlm.pages.disclosure.trimming import trim
from mlm.pages.rounding import CONFIDENTIAL, count
from mlm.pages.text import plain_text, say
from mlm.results.reading import At

HEADS = [
    column("Category", "text"),
    column("Stay"),
    column("Leave"),
    column("Leave, of all", follows=True),
]


def number(value=12):
    return count(At(value, "survey#/n"))


def made(groups):
    """A table of groups of rows; a number is hidden where a mark says so."""
    rows = []
    for name, marks in enumerate(groups):
        rows.append(group_row(f"Step {name}"))
        rows += [row(f"Category {i}", *[number()] * 3, indented=True) for i in range(len(marks))]
    block = table("steps", "Steps", HEADS, rows)
    cells = [line["cells"][1:] for line in block["rows"] if line["kind"] == "indented"]
    for line, hidden in zip(cells, [each for marks in groups for each in marks], strict=True):
        for cell, is_hidden in zip(line, hidden, strict=True):
            if is_hidden:
                name = cell["id"]
                cell.clear()
                cell.update(text=CONFIDENTIAL, hidden="small", id=name)
    return block


def texts(block):
    return [[cell["text"] for cell in line["cells"]] for line in block["rows"]]


def notes(block):
    return " ".join(plain_text(note) for note in block["notes"])


def test_a_group_of_which_one_number_a_row_is_left_goes_and_is_named():
    block = made([[(0, 0, 0), (0, 0, 0)], [(0, 1, 1), (0, 1, 1)]])
    assert trim(block)["small"] == 4
    assert [line[0] for line in texts(block)] == ["Step 0", "Category 0", "Category 1"]
    assert notes(block) == "Left out, since numbers of them would be hidden: Step 1."


@pytest.mark.parametrize(
    ("marks", "stays"),
    [
        ([(0, 1, 0), (0, 1, 1)], False),  # half of them, in each row
        ([(0, 1, 0), (0, 0, 1)], True),
        ([(0, 0, 0), (1, 1, 1)], True),  # one row is whole
        ([(0, 1, 0)], True),
    ],
)
def test_a_group_goes_where_each_row_has_gaps_and_half_are_hidden(marks, stays):
    block = made([[(0, 0, 0), (0, 0, 0)], marks])
    trim(block)
    assert ("Step 1" in [line[0] for line in texts(block)]) == stays


def test_a_column_that_follows_goes_where_it_has_a_gap():
    block = made([[(0, 0, 0), (0, 0, 1)]])
    trim(block)
    finish(block)
    assert [head["label"] for head in block["columns"]] == ["Category", "Stay", "Leave"]
    assert {len(line["cells"]) for line in block["rows"]} == {1, 3}
    assert "Leave, of all" in notes(block)


def test_a_table_of_which_nothing_is_left_stays_with_its_marks():
    block = made([[(1, 1, 0), (1, 1, 0)]])
    before = copy.deepcopy(block)
    assert not trim(block)
    assert block == before


@pytest.mark.parametrize(
    ("hidden", "left"), [(0, "12 of 12 stay"), (1, "[c] of 12 stay"), (2, "[c]")]
)
def test_a_sentence_in_a_cell_has_one_mark(hidden, left):
    runs = say("{n} of {m} stay", n=number(), m=number())
    for run in [r for r in runs if "source" in r][:hidden]:
        run.clear()
        run.update(text=CONFIDENTIAL, hidden="small")
    block = table("checks", "Checks", [column("Detail", "text")], [row(runs)])
    trim(block)
    finish(block)
    assert texts(block) == [[left]]


marks = st.tuples(*[st.booleans()] * 3)


@given(st.lists(st.lists(marks, min_size=1, max_size=3), min_size=1, max_size=4))
def test_what_stays_is_as_it_was_and_no_mark_is_added(groups):
    block = made(groups)
    before = {cell["id"]: dict(cell) for line in block["rows"] for cell in line["cells"]}
    gone = trim(block)
    left = [cell for line in block["rows"] for cell in line["cells"]]
    assert all(before[cell["id"]] == cell for cell in left)
    marked = sum(cell["text"] == CONFIDENTIAL for cell in left)
    assert marked + gone.total() == sum(map(sum, (m for group in groups for m in group)))
    widths = {len(line["cells"]) for line in block["rows"] if line["kind"] != "group"}
    assert widths == {len(block["columns"])}
