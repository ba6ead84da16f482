"""Command: the JSON Schema of configurations. Layer: commands."""

from __future__ import annotations


def schema() -> None:
    """Print the JSON Schema of configuration files (kept as config/schema.json)."""
    from mlm.configuration import schema_text

    print(schema_text(), end="")
