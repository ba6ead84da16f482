"""Command: one analysis as a page, a PDF and tables. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mlm.commands.arguments import Analysis, Config, OutFolder, SurveyFile


def report(
    config: Config,
    analysis: Analysis,
    results: Annotated[Path, typer.Option(help="Results of the analysis.", exists=True)],
    survey: SurveyFile,
    out: OutFolder,
) -> None:
    """Write report.json, report.html, report.pdf, figures, tables and tables.xlsx."""
    from mlm.commands.writing import read_json
    from mlm.pages.report import write_report
    from mlm.rows.configuration import load_configuration

    configuration = load_configuration(config)
    write_report(configuration, analysis, read_json(results), read_json(survey), out)
