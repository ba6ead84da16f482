"""The published JSON Schemas are those that the records make."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from mlm.errors import ResultError
from mlm.results.analysis import AnalysisResults
from mlm.results.reason import OverImputations
from mlm.results.residuals import RefusedResiduals, load_residuals
from mlm.results.sampled.loading import load_results
from mlm.results.sampled.results import SampledResults
from mlm.results.schema import STORED, schema_text
from tests.example_results import made_now

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
WRITTEN = {  # the files that hold a record, and the stage that writes them
    "survey": ("*/survey.json", "link"),
    "results": ("*/*/results.json", "analyse"),
    "sampled": ("*/*/results.json", "analyse"),
    "fit": ("*/*/fits/*.fit.json", "analyse"),
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
    records = [each for each in (schema, *schema["$defs"].values()) if "anyOf" not in each]
    assert all(r["additionalProperties"] is False for r in records if r["type"] == "object")


def test_residuals_that_are_told_or_refused_are_what_their_schema_says():
    schema = jsonschema.Draft202012Validator(json.loads(schema_text("residuals")))
    refused = RefusedResiduals(survey="star", analysis="math", reason=OverImputations(draws=20))
    told = json.loads((ROOT / "tests/unit/pages/sample/residuals.json").read_text("utf-8"))
    for each in (told, json.loads(refused.to_json())):
        schema.validate(each)
        with pytest.raises(jsonschema.ValidationError):
            schema.validate({**each, "further": 1})


@pytest.mark.parametrize("name", STORED)
def test_results_of_the_example_surveys_hold_to_the_records(name):
    """Where they were made: `make demo`."""
    found = [path for path in made_now(*WRITTEN[name]) if _may_hold(name, path)]
    if not found:
        pytest.skip("no results were made by this code")
    for path in found:
        load_residuals(path) if name == "residuals" else STORED[name][0].load(path)


def _may_hold(name: str, path: Path) -> bool:
    """Whether results of an analysis are of that kind; other files hold one kind alone."""
    of_sample = json.loads(path.read_bytes()).get("kind") == "sampled"
    return name not in ("results", "sampled") or of_sample == (name == "sampled")


def test_results_of_one_kind_are_not_taken_for_the_other(tmp_path):
    path = tmp_path / "results.json"
    for kind, record in ((None, AnalysisResults), ("sampled", SampledResults)):
        path.write_text(json.dumps({"kind": kind} if kind else {}), "utf-8")
        with pytest.raises(ResultError) as caught:
            load_results(path)
        assert caught.value.__cause__.title == record.__name__
