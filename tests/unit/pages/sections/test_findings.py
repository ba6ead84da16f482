"""The first screen."""

from __future__ import annotations

from mlm.pages.sections.findings import studied_table
from tests.unit.pages.sample import context_of, inputs


def test_a_level_without_units_in_a_wave_has_an_empty_cell():
    given = inputs()
    first = given["results"]["waves"][0]
    in_wave = {"unit": "school", "in_wave": True, "ids": ["school", "wave"]}
    first["groups"].append({"level": in_wave, "n": 79})
    table = studied_table(context_of(given))
    assert [column["label"] for column in table["columns"]][1:5] == [
        "Schools",
        "Pupils",
        "Schools by wave",
        "Rows used",
    ]
    cells = [[cell["text"] for cell in row["cells"][1:5]] for row in table["rows"]]
    assert cells[:2] == [["79", "5,800", "79", "5,800"], ["76", "6,100", "[x]", "6,100"]]
