"""One number has one text wherever it is printed, and columns do not mix decimals."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlm.pages.derived import trace
from mlm.pages.document import tables_of
from mlm.pages.printed.agreement import STYLES, _key, agree
from mlm.pages.rounding import fixed, number, rounded
from mlm.pages.text import plain_text, say
from mlm.results.reading import At
from tests.drawn_cases import cases
from tests.unit.pages.reading import numbers_of
from tests.unit.pages.sample import context_of, document_of, everything, inputs

pytestmark = pytest.mark.slow

ERRORS = st.floats(0.011, 99)


def printed(document: dict) -> dict[str, set[int]]:
    """The decimals with which each number is printed."""
    found: dict[str, set[int]] = {}
    for run in numbers_of(document):
        if run.get("style") in STYLES:
            found.setdefault(_key(run["source"]), set()).add(run["decimals"])
    return found


@settings(max_examples=cases(9))
@given(errors=st.lists(ERRORS, min_size=3, max_size=3), gap=ERRORS, change=ERRORS)
def test_a_number_has_the_same_decimals_in_sentences_tables_and_the_brief(errors, gap, change):
    given = inputs()
    results = given["results"]
    rows = [*results["policy"][0]["effects"]]
    for row, error in zip(rows, errors, strict=True):
        row |= {"estimate": 10.8449, "std_error": error, "lower": -1.251, "upper": 22.345}
    results["over_time"]["adjusted_means"][-1]["change"]["std_error"] = change
    for association in results["associations"]:
        for row in association["latest"]:
            row["std_error"] = gap
    document = document_of(given)
    assert {key: d for key, d in printed(document).items() if len(d) > 1} == {}
    stored = context_of(given).inputs
    for run in numbers_of(document):
        if run.get("style") in STYLES and run["value"] is not None:
            exact = trace(run["source"], stored)
            assert run["value"] == rounded(exact, run["decimals"], run["style"])


def test_the_lead_table_has_one_number_of_decimals_where_errors_are_alike():
    given = inputs()
    for row, error in zip(given["results"]["policy"][0]["effects"], (0.98, 1.5, 2.2), strict=True):
        row |= {"estimate": 10.8449, "std_error": error, "lower": 8.91, "upper": 12.76}
    document = document_of(given)
    (lead,) = [table for table in tables_of(document) if table["id"] == "lead"]
    shown = [cell for row in lead["rows"] for cell in row["cells"][1:4] if "style" in cell]
    assert {cell["decimals"] for cell in shown} == {1}
    assert {cell["text"].lstrip("+") for cell in shown} >= {"10.8", "8.9", "12.8"}


def test_a_number_loses_one_decimal_at_most():
    inputs_ = {"results": {"a": 1.23456, "b": 123.456}}
    cells = [
        [
            number(At(1.23456, "results#/a"), 0.031).run(),
            number(At(123.456, "results#/b"), 31).run(),
        ]
    ]
    table = {"type": "table", "rows": [{"cells": c} for c in cells], "alike": [[0, 1]]}
    found = {"items": [], "further": [], "untold": [], "remarks": []}
    found |= {"figure": None, "lead": table, "table": None}
    agree({"findings": found, "sections": []}, inputs_)
    assert [cell["text"] for cell in cells[0]] == ["1.23", "123"]
    assert "alike" not in json.dumps(table)


def test_no_table_of_a_report_keeps_what_is_alike():
    assert not any("alike" in table for table in tables_of(document_of(everything())))


@given(low=ERRORS, high=ERRORS)
def test_the_ends_of_a_range_agree_and_degrees_of_freedom_stay(low, high):
    ends = [number(At(1.23456, "results#/a"), low), number(At(2.34567, "results#/b"), high)]
    items = [
        say("between {a} and {b} points", a=ends[0], b=ends[1]),
        say("F = {a} on {b}", a=fixed(At(16.12, "results#/f"), 1), b=fixed(At(2, "results#/d"), 0)),
    ]
    found = {"items": [], "further": [], "untold": [], "remarks": []}
    found |= {"figure": None, "lead": None, "table": None}
    document = {"findings": found, "sections": [], "brief": {"sections": [{"items": items}]}}
    agree(document, {"results": {"a": 1.23456, "b": 2.34567, "f": 16.12, "d": 2}})
    decimals = [run["decimals"] for run in items[0] if "source" in run]
    apart = abs(ends[0].decimals - ends[1].decimals)
    assert decimals[0] == decimals[1] or apart > 1
    assert plain_text(items[1]) == "F = 16.1 on 2"
