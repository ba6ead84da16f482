"""The document: every number traced, wording that follows the evidence, empty parts said."""

from __future__ import annotations

import json
import re

import pytest
from pydantic import ValidationError

from mlm.errors import ResultError
from mlm.pages.document import figures_of, tables_of
from mlm.pages.rounding import SHARES, render
from tests.unit.pages.reading import NUMBER, is_traced, numbers_of, sentences
from tests.unit.pages.sample import (
    document_of,
    everything,
    inputs,
    residuals,
    sources,
)


@pytest.fixture
def given():
    return inputs()


def traceable(given, document):
    return sources(given) | {"disclosure": document["disclosure"]}


def test_every_number_leads_back_to_its_input(given):
    document = document_of(given)
    numbers = numbers_of(document)
    assert len(numbers) > 300
    for found in numbers:
        assert is_traced(found, traceable(given, document)), found


def test_every_text_of_a_number_is_made_from_its_value(given):
    for found in numbers_of(document_of(given)):
        assert render(found["value"], found["decimals"], found["style"]) == found["text"]


def test_sentences_hold_no_number_without_a_source(given):
    labels = {"1", "2", "2,"}  # Grade 1, Grade 2
    fixed = {"95", "1.96", "3", "5"}  # 95% interval, its normal quantile; questions 3 and 5
    document = document_of(given)
    ids = [unit["unit"][-1] for unit in given["results"]["effects"][0]["units"]]
    names = {f"{name}{mark}" for name in ids for mark in ("", ",")}
    blocks = [b for s in document["sections"][:6] for b in s["blocks"] if "runs" in b]
    for block in [*blocks, *document["findings"]["items"]]:
        bare = " ".join(run["text"] for run in block["runs"] if "source" not in run)
        assert set(NUMBER.findall(bare)) - names <= labels | fixed, bare


def test_numbers_in_findings_name_the_cell_that_shows_them(given):
    document = document_of(given)
    cells = {c["id"]: c for t in tables_of(document) for r in t["rows"] for c in r["cells"]}
    linked = [n for n in numbers_of(document["findings"]["items"]) if "cell" in n]
    assert len(linked) >= 10
    for found in linked:
        cell = cells[found["cell"]]
        coarser = min(found["decimals"], cell["decimals"]) + 2 * (found["style"] in SHARES)
        assert abs(cell["value"] - found["value"]) < 0.6 * 10.0**-coarser


def test_identifiers_are_unique_and_safe(given):
    level = {"unit": "class", "in_wave": True, "ids": ["wave", "class"]}
    given["results"]["effects"][0]["level"] = level
    document = document_of(given)
    names = [b["id"] for b in (*tables_of(document), *figures_of(document))]
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in names)
    assert len({*names}) == len(names)


def test_the_document_is_json(given):
    json.dumps(document_of(given), allow_nan=False)


EMPTY = {
    "slopes": [],
    "effects": [],
    "policy": [],
    "notes": [],
    "over_time": {"adjusted_means": [], "levels": [], "test": None, "by": [], "by_wave": []},
    "reduction": {"path": [], "adequate": [], "protected": []},
}


def change(results, key, value):
    """A part of the results, or some fields of it, put in the place of what is there."""
    results[key] = results[key] | value if isinstance(value, dict) else value


@pytest.mark.battery(4)
@pytest.mark.parametrize("key", [*EMPTY, "all"])
def test_empty_parts_are_said_in_a_sentence(given, key):
    for name, value in EMPTY.items():
        if key in (name, "all"):
            change(given["results"], name, value)
    document = document_of(given)
    for section in document["sections"]:
        assert section["blocks"], section["id"]


def test_rows_read_are_rows_kept_and_excluded(given):
    given["configuration"]["disclosure"] = {"mode": "controlled", "threshold": 10}
    flow = next(t for t in tables_of(document_of(given)) if t["id"] == "flow")
    for row in flow["rows"]:
        read, excluded, kept, incomplete, used = (c["value"] for c in row["cells"][1:6])
        assert read == excluded + kept
        assert kept == incomplete + used


def test_pupils_who_move_are_said(given):
    text = sentences(document_of(given))
    assert "Between waves 367 of 9,850 pupils changed their school." in text


def test_results_of_another_analysis_are_refused(given):
    given["results"]["analysis"] = "read"
    with pytest.raises(ResultError, match="not of math"):
        document_of(given)


def test_residuals_of_another_analysis_are_refused(given):
    given["residuals"] = residuals() | {"analysis": "read"}
    with pytest.raises(ResultError, match="residuals are those of read, not of math"):
        document_of(given)


@pytest.mark.parametrize("key", ["null", "over_time", "inclusion"])
def test_results_that_lack_a_part_are_refused(given, key):
    del given["results"][key]
    with pytest.raises(ValidationError, match=key):
        document_of(given)


TABLES = {
    "pupil-level",
    "pupil-level-moved",
    "pupil-level-variances",
    "between",
    "inclusion",
    "slope-details",
    "balance-class_type",
    "residual-variance",
    "normality",
    "deletion",
    "trends-class_type",
    "trends-experience",
    "trajectories-school",
}


@pytest.fixture
def whole():
    """The inputs of a report with every part that has results."""
    return everything()


def test_every_part_with_results_is_shown(whole):
    document = document_of(whole)
    assert {table["id"] for table in tables_of(document)} >= TABLES
    kinds = {figure["kind"] for figure in figures_of(document)}
    assert {"along", "quantiles", "trends", "trajectories"} <= kinds


@pytest.mark.parametrize("evidence", ["randomised", "adjusted", "observational"])
def test_each_wave_alone_stands_beside_the_model(whole, evidence):
    whole["results"]["policy"][0]["evidence"] = evidence
    assert "crude-class_type" in {table["id"] for table in tables_of(document_of(whole))}


def test_parts_without_results_are_left_out():
    document = document_of(inputs())
    assert not {table["id"] for table in tables_of(document)} & TABLES
    checks = next(s for s in document["sections"] if s["id"] == "diagnostics")
    assert [block["type"] for block in checks["blocks"]] == ["heading", "note"]


def test_every_number_leads_back_to_the_results(whole):
    document = document_of(whole)
    numbers = [n for n in numbers_of(document) if str(n["source"]).startswith("results#")]
    assert len(numbers) > 400
    for found in numbers:
        assert is_traced(found, sources(whole)), found


def test_sentences_say_what_was_found(whole):
    text = sentences(document_of(whole))
    assert "Together they improve the full model: χ²\xa0=\xa09.1 on 2 degrees of freedom" in text
    assert "moves by at most 0.45 of its standard errors" in text
    assert "36% of their variance is known in advance" in text
    assert "The 95% prediction interval held it for 96% of them" in text
    assert "with Small class or Regular class have covariates like those found" in text
    assert "The residual variance is not the same in every wave" in text
    assert "The largest move of any coefficient" not in text  # influence is told once, by deletion
