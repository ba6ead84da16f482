"""The form of report.json: its published schema, held against reports."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from mlm.pages.report_form import Report
from mlm.results.schema import schema_of
from tests.unit.pages.sample import document_of, everything, inputs, residuals

PUBLISHED = Path(__file__).parents[3] / "docs" / "report.schema.json"


@pytest.fixture(scope="module")
def validator():
    return jsonschema.Draft202012Validator(json.loads(PUBLISHED.read_text("utf-8")))


def test_the_published_schema_is_what_the_records_make():
    """To renew it: make schemas."""
    assert PUBLISHED.read_text("utf-8") == schema_of([Report], "validation")


def test_the_schema_is_valid_and_closed(validator):
    validator.check_schema(validator.schema)
    records = [validator.schema, *validator.schema["$defs"].values()]
    assert all(r["additionalProperties"] is False for r in records if r.get("type") == "object")


@pytest.mark.parametrize("kind", ["whole", "controlled", "french"])
def test_reports_hold_to_the_schema(validator, kind):
    given = everything() if kind == "whole" else inputs()
    if kind == "whole":
        given["residuals"] = residuals()
    if kind == "controlled":
        given["configuration"]["disclosure"] = {"mode": "controlled"}
    if kind == "french":
        given["configuration"]["language"] = "fr"
    document = json.loads(json.dumps(document_of(given)))
    Report.model_validate_json(json.dumps(document))  # names the place of a fault
    if kind != "whole":
        return
    validator.validate(document)
    run = document["findings"]["sizes"][0]["runs"][0]
    run["exact"] = 0.5
    assert not validator.is_valid(document)
