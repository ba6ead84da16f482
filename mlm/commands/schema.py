"""Command: the JSON Schema of configurations, stored results and reports. Layer: commands."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Schema(StrEnum):
    """What a schema describes."""

    configuration = "configuration"
    results = "results"
    sampled = "sampled"
    residuals = "residuals"
    survey = "survey"
    fit = "fit"
    report = "report"


def schema(
    of: Annotated[
        Schema, typer.Argument(help="Configuration files, a stored file of results, or reports.")
    ] = Schema.configuration,
) -> None:
    """Print a JSON Schema (kept as config/schema.json; docs/NAME.schema.json of results)."""
    if of is Schema.configuration:
        from mlm.configuration import schema_text

        print(schema_text(), end="")
        return
    from mlm.results.schema import schema_of
    from mlm.results.schema import schema_text as of_results

    if of is Schema.report:
        from mlm.pages.report_form import Report

        print(schema_of([Report], "validation"), end="")
        return
    print(of_results(of), end="")
