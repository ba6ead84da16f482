"""The published JSON Schemas are those that the records make."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from mlm.results.schema import STORED, schema_text
from tests.example_results import made_now

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
WRITTEN = {  # the files that hold a record, and the stage that writes them
    "survey": ("*/survey.json", "link"),
    "results": ("*/*/results.json", "analyse"),
    "fit": ("*/*/*.fit.json", "analyse"),
    "residuals": ("*/*/residuals.json", "residuals"),
}


def test_each_stored_record_has_files():
    assert set(WRITTEN) == set(STORED)


@pytest.mark.parametrize("name", STORED)
def test_the_published_schema_is_what_the_records_make(name):
    """To renew it: make schemas."""
    assert (DOCS / f"{name}.schema.json").read_text("utf-8") == schema_text(name)


@pytest.mark.parametrize("name", STORED)
def test_a_schema_is_valid_and_closed(name):
    schema = json.loads(schema_text(name))
    jsonschema.Draft202012Validator.check_schema(schema)
    records = [schema, *schema["$defs"].values()]
    assert all(r["additionalProperties"] is False for r in records if r["type"] == "object")


@pytest.mark.parametrize("name", STORED)
def test_results_of_the_example_surveys_hold_to_the_records(name):
    """Where they were made: `make demo`."""
    found = made_now(*WRITTEN[name])
    if not found:
        pytest.skip("no results were made by this code")
    for path in found:
        STORED[name].load(path)
