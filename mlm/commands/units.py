"""Command: a page for each school or county, for inside use. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mlm.commands.arguments import Analysis, Config, MadeBy, OutFolder, SurveyFile


def units(
    config: Config,
    analysis: Analysis,
    results: Annotated[Path, typer.Option(help="Results of the analysis.", exists=True)],
    survey: SurveyFile,
    out: OutFolder,
    made_by: MadeBy = None,
) -> None:
    """Write units/: a page and a PDF of each unit of the levels that `unit_pages` names.

    In controlled mode only. The folder is no part of what may be published: each page names
    one unit with its effect.
    """
    from mlm.commands.analyses.job import read_results, result_files
    from mlm.commands.made import Making, job_name
    from mlm.commands.report import style_hashes
    from mlm.commands.reporting.provenance import provenance
    from mlm.commands.reporting.publishing import UNITS
    from mlm.commands.writing import write_folder
    from mlm.configuration import load_configuration
    from mlm.pages.unit_pages.files import unit_files
    from mlm.results.survey.survey import SurveyAccount

    configuration = load_configuration(config)
    made = Making(job_name(UNITS, configuration.survey, analysis), made_by)
    made.check([*result_files(results), survey])
    found, account = read_results(results), SurveyAccount.load(survey)
    source = provenance(config, configuration.survey)
    files = unit_files(configuration, analysis, found, account, source)
    write_folder(out / UNITS, dict(files))
    made.record([out / UNITS], style_hashes(configuration))
