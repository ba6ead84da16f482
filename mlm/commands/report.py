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
    from mlm.commands.provenance import provenance
    from mlm.commands.writing import read_json, write_files
    from mlm.pages.report import report_files
    from mlm.rows.configuration import load_configuration

    files = report_files(
        load_configuration(config),
        analysis,
        read_json(results),
        read_json(survey),
        provenance(config),
    )
    write_files(out, files)
