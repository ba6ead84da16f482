"""The configuration of a survey: read, checked, and described as a JSON Schema."""

from mlm.rows.configuration.loading import load_configuration
from mlm.rows.configuration.models import Configuration
from mlm.rows.configuration.schema import json_schema, schema_text

__all__ = ["Configuration", "json_schema", "load_configuration", "schema_text"]
