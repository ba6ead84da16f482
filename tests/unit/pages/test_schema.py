"""The schema of results.json: documented, and held by the sample and by real results."""

import json
from pathlib import Path

import pytest

from tests.unit.pages.sample import inputs

jsonschema = pytest.importorskip("jsonschema")
ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "docs" / "results.schema.json").read_text("utf-8"))
MADE = sorted((ROOT / "results").glob("*/*/results.json"))


def faults(results):
    validator = jsonschema.Draft202012Validator(SCHEMA)
    return [f"{list(e.absolute_path)}: {e.message[:200]}" for e in validator.iter_errors(results)]


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.skipif(not MADE, reason="no results were made: run snakemake first")
@pytest.mark.parametrize("path", MADE, ids=lambda path: "-".join(path.parts[-3:-1]))
def test_results_of_the_surveys_hold_to_it(path):
    assert faults(json.loads(path.read_text("utf-8"))) == []


def test_the_sample_holds_to_it():
    assert faults(inputs()["results"]) == []


@pytest.mark.parametrize("key", SCHEMA["required"])
def test_results_without_a_required_part_are_told(key):
    results = inputs()["results"]
    del results[key]
    assert any(repr(key) in fault for fault in faults(results))


def test_the_document_names_every_part():
    text = (ROOT / "docs" / "results.md").read_text("utf-8")
    assert [key for key in SCHEMA["properties"] if f"`{key}`" not in text] == []
    assert f"version {SCHEMA['properties']['schema']['const']}" in text
