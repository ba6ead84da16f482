"""JSON Schemas of the stored results, made from the records (JSON Schema, draft 2020-12)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal, Union

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from mlm.results.analysis import AnalysisResults
from mlm.results.fit import StoredFit
from mlm.results.record import Record
from mlm.results.residuals import RefusedResiduals, Residuals
from mlm.results.sampled.results import SampledResults
from mlm.results.survey.survey import SurveyAccount

STORED: dict[str, tuple[type[Record], ...]] = {
    "results": (AnalysisResults,),
    "sampled": (SampledResults,),
    "residuals": (Residuals, RefusedResiduals),
    "survey": (SurveyAccount,),
    "fit": (StoredFit,),
}
"""What a stored file may hold, by name: a record of one of these kinds."""


class _WithoutTitles(GenerateJsonSchema):
    """Fields without titles: these would only repeat their names."""

    def field_title_should_be_set(self, schema) -> bool:
        return False


def schema_text(name: str) -> str:
    """The schema of a stored file, by its name in ``STORED``."""
    return schema_of(STORED[name], "serialization")


def schema_of(records: Sequence[type[Record]], mode: Literal["serialization", "validation"]) -> str:
    """The schema of one of some records as it is written: with all keys, or without empty ones."""
    either = TypeAdapter(Union[tuple(records)])  # noqa: UP007
    schema = either.json_schema(mode=mode, by_alias=True, schema_generator=_WithoutTitles)
    draft = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps({"$schema": draft, **schema}, indent=1, ensure_ascii=False) + "\n"
