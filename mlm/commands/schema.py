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
    fit = "fit"


def schema(
    of: Annotated[
        Schema, typer.Argument(help="Configuration files, or a stored file of results.")
    ] = Schema.configuration,
) -> None:
    """Print a JSON Schema (kept as config/schema.json; docs/NAME.schema.json of results)."""
    if of is Schema.configuration:
        from mlm.configuration import schema_text

        print(schema_text(), end="")
        return
    from mlm.results.schema import schema_text as of_results

    print(of_results(of), end="")
