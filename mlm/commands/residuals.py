"""Command: residuals of the rows under a fit. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mlm.commands.arguments import Analysis, CleanFiles, Config, MadeBy, OutFile, StatisticsFile


def residuals(
    config: Config,
    analysis: Analysis,
    clean: CleanFiles,
    statistics: StatisticsFile,
    fit: Annotated[Path, typer.Option(help="The fit, as analyse wrote it.", exists=True)],
    out: OutFile,
    made_by: MadeBy = None,
) -> None:
    """Read the cleaned rows once more and summarise their residuals under a fit."""
    from mlm.commands.made import Making, job_name
    from mlm.commands.tables import by_wave
    from mlm.commands.writing import write_text
    from mlm.configuration import load_configuration
    from mlm.configuration.planning import plan_of
    from mlm.rows.residuals.wave_residuals import residuals_by_wave
    from mlm.statistics.evidence.crossproducts import CrossProducts
    from mlm.statistics.fitting.fit import Fit

    configuration = load_configuration(config)
    plan = plan_of(configuration, analysis)
    made = Making(job_name("residuals", configuration.survey, analysis), made_by)
    made.check([*clean, statistics, fit])
    sample = CrossProducts.load(statistics)
    files = by_wave(configuration, clean)
    found = residuals_by_wave(plan, Fit.from_json(fit), sample, files)
    write_text(out, found.to_json())
    made.record([out])
