"""Command: the JSON Schema of configurations and of stored results. Layer: commands."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Schema(StrEnum):
    """What a schema describes."""

    configuration = "configuration"
    results = "results"
    residuals = "residuals"
    survey = "survey"


def schema(
    of: Annotated[
        Schema, typer.Argument(help="Configuration files, or a stored file of results.")
    ] = Schema.configuration,
) -> None:
    """Print a JSON Schema (kept as config/schema.json; docs/NAME.schema.json of results)."""
    from mlm import configuration
    from mlm.results import schema as results

    made = configuration.schema_text() if of is Schema.configuration else results.schema_text(of)
    print(made, end="")
