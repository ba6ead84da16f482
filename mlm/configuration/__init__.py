"""The configuration of a survey: read, checked, and described as a JSON Schema."""

from mlm.configuration.loading import load_configuration
from mlm.configuration.models import Configuration
from mlm.configuration.schema import json_schema, schema_text

__all__ = ["Configuration", "json_schema", "load_configuration", "schema_text"]
