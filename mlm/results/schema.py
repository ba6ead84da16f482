"""JSON Schemas of the stored results, made from the records (JSON Schema, draft 2020-12)."""

from __future__ import annotations

import json
from typing import Literal

from pydantic.json_schema import GenerateJsonSchema

from mlm.results.analysis import AnalysisResults
from mlm.results.fit import StoredFit
from mlm.results.record import Record
from mlm.results.residuals import Residuals
from mlm.results.sampled.results import SampledResults
from mlm.results.survey.survey import SurveyAccount

STORED: dict[str, type[Record]] = {
    "results": AnalysisResults,
    "sampled": SampledResults,
    "residuals": Residuals,
    "survey": SurveyAccount,
    "fit": StoredFit,
}


class _WithoutTitles(GenerateJsonSchema):
    """Fields without titles: these would only repeat their names."""

    def field_title_should_be_set(self, schema) -> bool:
        return False


def schema_text(name: str) -> str:
    """The schema of a stored file, by its name in ``STORED``."""
    return schema_of(STORED[name], "serialization")


def schema_of(record: type[Record], mode: Literal["serialization", "validation"]) -> str:
    """The schema of a record as it is written: with all keys, or without those of no content."""
    schema = record.model_json_schema(mode=mode, by_alias=True, schema_generator=_WithoutTitles)
    draft = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps({"$schema": draft, **schema}, indent=1, ensure_ascii=False) + "\n"
