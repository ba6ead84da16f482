"""A small assessment of a sample of schools, as pages take it.

Configuration and results are given as they are stored, to be changed by a test.
"""

from __future__ import annotations

import json

from mlm.configuration.models import Configuration
from mlm.pages.contexts.making import make_context
from mlm.pages.contexts.sampled import SampledContext
from mlm.pages.document import ProtectedReport, make_protected
from mlm.results.runs.provenance import Provenance
from mlm.results.sampled.results import SampledResults
from mlm.results.survey.survey import SurveyAccount
from tests.sampled_results import stored
from tests.sampled_rows import stored_configuration
from tests.unit.pages.sample import files_of_records, provenance


def sampled_inputs() -> dict:
    """Stored inputs of the report."""
    results, survey = (json.loads(stored(name)) for name in ("results", "survey"))
    return {
        "configuration": stored_configuration(),
        "analysis": "math",
        "results": results,
        "survey": survey,
        "provenance": provenance(),
    }


def sampled_records(given: dict) -> dict:
    """The inputs as records."""
    return given | {
        "configuration": Configuration.model_validate(given["configuration"]),
        "results": SampledResults.model_validate_json(json.dumps(given["results"])),
        "survey": SurveyAccount.model_validate_json(json.dumps(given["survey"])),
        "provenance": Provenance.model_validate_json(json.dumps(given["provenance"])),
    }


def sampled_context(given: dict | None = None) -> SampledContext:
    """The context of the report."""
    return make_context(**sampled_records(given or sampled_inputs()))


def sampled_files(given: dict | None = None) -> dict[str, bytes]:
    """The files of the report that are made of text; the audit is held over them."""
    return files_of_records(sampled_records(given or sampled_inputs()), ())


def sampled_report(given: dict | None = None) -> ProtectedReport:
    """The protected report."""
    return make_protected(**sampled_records(given or sampled_inputs()))
