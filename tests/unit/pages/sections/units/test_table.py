"""The table of units."""

from __future__ import annotations

import pytest

from mlm.pages.document import tables_of
from mlm.pages.rounding import OPEN
from mlm.pages.sections.units.table import TABLE_LIMIT, units_table
from tests.unit.pages.sample import (
    context_of,
    document_of,
    inputs,
    units,
)


def table(given: dict) -> dict:
    context = context_of(given)
    return units_table(context, context.results.effects[0])


def test_a_unit_is_named_by_its_ids_from_the_outermost():
    given = inputs()
    given["results"]["effects"][0]["units"][-1]["unit"] = ["12:a", "3"]
    assert table(given)["rows"][0]["cells"][0]["text"] == "12:a / 3"


def test_of_many_units_the_ends_are_shown():
    given = inputs()
    given["results"]["effects"][0]["units"] = units(250)
    rows = table(given)["rows"]
    names = [row["cells"][0]["text"] for row in rows]
    half = TABLE_LIMIT // 2
    assert names == [*(str(250 - i) for i in range(half)), *(str(half - i) for i in range(half))]


@pytest.mark.parametrize(
    ("tenth", "group", "ends"),
    [(1, "Chance to be", ["Highest", "Lowest"]), (2, "Chance of a tenth", ["Top", "Bottom"])],
)
def test_a_tenth_of_few_units_is_one_unit(tenth, group, ends):
    given = inputs()
    given["results"]["effects"][0]["tenth"] = tenth
    columns = table(given)["columns"][-2:]
    assert [column["label"] for column in columns] == ends
    assert {column["group"] for column in columns} == {group}


@pytest.fixture
def given():
    return inputs()


def test_marks_of_low_reliability_have_a_column_only_where_there_are_any(given):
    def heads():
        found = next(t for t in tables_of(document_of(given)) if t["id"].startswith("units-"))
        return [str(column["label"]) for column in found["columns"]]

    assert "Mark" not in heads()
    given["results"]["effects"][0]["units"][0]["reliability"] = 0.2
    assert "Mark" in heads()


@pytest.mark.parametrize("n", [10, 15, 60, 400])
@pytest.mark.parametrize("reliability", [0.2, 0.93])
def test_effects_of_a_unit_do_not_tell_the_value_of_one_of_its_rows(n, reliability):
    given, spread = inputs(), 47.7
    error = (reliability / n) ** 0.5 * spread
    unit = given["results"]["effects"][0]["units"][5]
    unit.update(n_compared=n, reliability=reliability, comparative_se=error, raw=8.123456)
    rows = table(given)["rows"]
    (line,) = (row for row in rows if row["cells"][0]["text"] == unit["unit"][0])
    raw, shrunken = (10.0 ** -cell["decimals"] for cell in line["cells"][2:4])
    assert n * raw >= 0.999 * OPEN * spread
    assert n * shrunken / reliability >= 0.999 * OPEN * spread


def test_the_rows_of_a_unit_are_named_as_those_of_all_waves():
    given = inputs()
    assert table(given)["columns"][1]["label"] == "Occasions, all waves"
    context = context_of(given)
    assert len(context.results.time.waves) > 1
