"""Sizes of effects: in order, in standard deviations, and none is called the largest unseen."""

from __future__ import annotations

import pytest

from mlm.pages.document import figures_of
from mlm.pages.text import plain_text
from tests.unit.pages.sample import document_of, everything


def chart(given):
    return next(f for f in figures_of(document_of(given)) if f["kind"] == "effects")


def test_effects_are_in_order_of_size_and_in_standard_deviations():
    given = everything()
    block = chart(given)
    sizes = [abs(value) for value in block["data"]["estimate"]]
    assert sizes == sorted(sizes, reverse=True) and len(sizes) > 1
    last = given["results"]["time"]["waves"][-1]
    sd = next(w["sd"] for w in given["results"]["waves"] if w["wave"] == last)
    item = next(a for a in given["results"]["associations"] if a["variable"] == "ses")
    (effect,) = (e for e in item["latest"] if e["category"] == "N")
    place = next(i for i, name in enumerate(block["data"]["label"]) if "No free lunch" in name)
    assert block["data"]["estimate"][place] == pytest.approx(effect["estimate"] / sd, abs=0.01)


def test_nothing_is_the_largest_where_a_variable_has_no_single_size():
    given = everything()
    for item in given["results"]["associations"]:
        if item["variable"] == "experience":
            item["latest"] = []
            item["terms"] = item["terms"] or [[{"variable": "experience", "power": 2}]]
    block = chart(given)
    assert "Teacher experience" in plain_text(block["how"])
    assert plain_text(block["title"]) == ""
