"""JSON Schema of a configuration, for editors: completion, descriptions, checks while typing."""

from __future__ import annotations

import json

from mlm.configuration.models import Configuration


def json_schema() -> dict:
    """JSON Schema (draft 2020-12) generated from the models."""
    schema = Configuration.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_text() -> str:
    """Text of ``config/schema.json``: the schema, indented, with a final line break."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
