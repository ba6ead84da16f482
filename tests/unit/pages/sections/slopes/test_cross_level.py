"""What goes with the differences of slopes."""

from __future__ import annotations

from mlm.pages.sections.slopes.cross_level import slope_detail_blocks
from mlm.pages.text import plain_text
from tests.unit.pages.sample import context_of, everything


def test_a_product_that_was_not_tried_says_why_and_has_no_row():
    given = everything()
    (searched,) = given["results"]["slope_details"]["searched"]
    county = {"unit": "county", "in_wave": False, "ids": ["county"]}
    reason = {"kind": "of_outer_groups", "level": county}
    term = [{"variable": name, "category": None, "power": 1} for name in ("ses", "experience")]
    refused = {"kind": "refused", "variable": "ses", "term": term, "reason": reason}
    searched["explained"].append(refused)
    blocks = slope_detail_blocks(context_of(given))
    (table,) = (block for block in blocks if block["type"] == "table")
    assert len(table["rows"]) == 1
    (note,) = (block for block in blocks if block["type"] == "note")
    assert plain_text(note["runs"]) == (
        "Not tried: Free lunch as an explanation of the slope of Teacher experience between "
        "schools (the variable was tried with the slope over counties)."
    )
