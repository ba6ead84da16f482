"""What a report tells of imputations, and what it no longer tells."""

from __future__ import annotations

import json
from functools import cache

import pytest

from mlm.pages.tidy_table.of_rows_alike import STATISTICS_OF_IMPUTATIONS
from tests.unit.pages.imputed_sample import DRAWS, drawn, imputed_sample
from tests.unit.pages.imputed_survey import imputed_inputs
from tests.unit.pages.sample import document_of, files_of, inputs

pytestmark = pytest.mark.slow


@cache
def document(language: str = "en"):
    given = imputed_sample()
    given["configuration"]["language"] = language
    return document_of(given)


def section(name: str, language: str = "en") -> dict:
    return next(s for s in document(language)["sections"] if s["id"] == name)


def words(part: dict) -> str:
    blocks = part["blocks"]
    runs = [b["runs"] for b in blocks if "runs" in b]
    runs += [item for b in blocks if b["type"] == "list" for item in b["items"]]
    return " ".join("".join(run["text"] for run in each) for each in runs)


def table(part: dict, name: str) -> dict:
    return next(b for b in part["blocks"] if b["type"] == "table" and b["id"] == name)


def cells(rows: list[dict]) -> list[list[str]]:
    return [[cell.get("text", "") for cell in row["cells"]] for row in rows]


def test_a_report_of_one_sample_has_no_such_section():
    ids = [s["id"] for s in document_of(inputs())["sections"]]
    assert "imputed" not in ids


def test_the_section_says_over_how_many_and_what_is_not_told():
    told = words(section("imputed"))
    assert f"imputed {DRAWS} times" in told and "searched in 5 of the imputations" in told
    assert f"In 2 of the {DRAWS} fits a variance lies on its bound." in told
    assert "Deviances, AIC and BIC: terms are tested by D1" in told
    assert "The back-test of the last wave" in told


def test_complete_rows_stand_beside_and_the_largest_difference_is_named():
    part = section("imputed")
    rows = table(part, "complete-cases")["rows"]
    assert len(rows) == len(imputed_sample()["results"]["settled"]["reml"]["fixed"])
    largest = max(rows, key=lambda row: abs(row["cells"][-1]["value"]))
    assert f"The largest differences: {largest['cells'][0]['text']} (" in words(part)


def test_shifts_tell_the_variable_and_whose_verdict_changes():
    part = section("imputed")
    shown = cells(table(part, "shifts")["rows"])
    assert shown[0][0] == "Teacher experience: −5" or shown[0][0] == "Teacher experience: -5"
    assert [row[-1] for row in shown[1:]].count("changes") == 1
    assert "depends on it:" in words(part)


def test_coefficients_have_their_fraction_of_missing_information():
    part = section("variables")
    found = table(part, "coefficients")
    place = [c["label"] for c in found["columns"]].index("Missing information")
    shown = [row["cells"][place]["text"] for row in found["rows"] if len(row["cells"]) > place]
    fixed = imputed_sample()["results"]["settled"]["reml"]["fixed"]
    assert [text for text in shown if text.endswith("%")] == [f"{i}.0%" for i in range(len(fixed))]


@pytest.mark.parametrize(("name", "identifier"), [("models", "fits"), ("variables", "path")])
def test_no_likelihood_is_told(name, identifier):
    labels = [c["label"] for c in table(section(name), identifier)["columns"]]
    assert not {"Deviance", "AIC", "BIC"} & set(labels)


def test_methods_and_limitations_speak_of_imputations():
    assert f"pooled over {DRAWS} imputations" in words(section("methods"))
    assert "Missing values were imputed" in words(section("limitations"))
    assert "are left out" not in words(section("limitations"))
    told = words(section("variables"))
    assert "tested at once in the full model" in told and "simultaneous bound" not in told


def test_every_text_is_there_in_french():
    told = words(section("imputed", "fr"))
    assert "ont été imputées" in told and "imputations" in told
    english = set(words(section("imputed")).split(". "))
    assert not english & set(told.split(". "))


def test_files_of_a_public_report_hold_to_the_audit_and_the_long_table_has_both():
    given = imputed_sample()
    files = files_of(given)
    tidy = files["tidy.csv"].decode()
    assert all(kind.statistic in tidy for kind in STATISTICS_OF_IMPUTATIONS)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("converged", [True, False])
def test_how_imputations_were_drawn_is_told(converged, language):
    given = imputed_sample()
    given["configuration"]["language"] = language
    given["results"]["imputed"]["drawn"] = drawn(converged)
    sections = document_of(given)["sections"]
    part = next(s for s in sections if s["id"] == "imputed")
    told = words(part)
    assert ("1.31" if not converged else "1.02") in told.replace(",", ".") and "180" in told
    doubts = "have not come to agree" in told or "ne s’accordent pas" in told
    assert doubts != converged
    (terms,) = [b["items"] for b in part["blocks"] if b["type"] == "list" and len(b["items"]) == 6]
    assert len({"".join(run["text"] for run in item) for item in terms}) == 6


@pytest.mark.parametrize("method", [None, "joint"])
def test_what_was_filled_in_and_that_nobody_asked_for_it_is_told(method):
    given = imputed_sample()
    if method:
        given["configuration"]["missing"] = {"method": method}
    given["results"]["imputed"]["drawn"] = drawn() | {
        "missing_in": [{"variable": "ses", "rows": 30}]
    }
    told = words(next(s for s in document_of(given)["sections"] if s["id"] == "imputed"))
    assert ("does not say what becomes of rows" in told) == (method is None)
    assert "of the rows)" in told.partition("Imputed were ")[2]


def test_imputations_that_were_brought_are_not_said_to_be_drawn():
    assert "R-hat" not in words(section("imputed"))


@pytest.mark.study
def test_a_real_analysis_is_reported_whole_and_holds_to_the_audit():
    given = imputed_inputs()
    told = given["results"]["imputed"]
    assert told["draws"] == 3 and 0.0 < told["missing_information"] < 0.5
    assert told["complete_cases"]["rows"] < given["results"]["n_obs"]
    document = json.loads(files_of(given)["report.json"])
    part = next(s for s in document["sections"] if s["id"] == "imputed")
    fixed = given["results"]["settled"]["reml"]["fixed"]
    assert len(table(part, "complete-cases")["rows"]) == len(fixed)
    assert cells(table(part, "shifts")["rows"])[0][0].startswith("Teacher experience: ")
