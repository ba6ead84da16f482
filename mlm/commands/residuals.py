"""Command: residuals of the rows under a fit. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mlm.commands.arguments import (
    Analysis,
    Config,
    FitsFolder,
    MadeBy,
    OutFile,
    SomeCleanFiles,
    StatisticsFile,
)

SETTLED = "settled.reml.fit.json"
"""The fit whose residuals are told, among those of an analysis."""

OF_DRAWS = "settled.reml.*.fit.json"
"""The same of several imputations."""


def residuals(
    config: Config,
    analysis: Analysis,
    statistics: StatisticsFile,
    fits: FitsFolder,
    out: OutFile,
    clean: SomeCleanFiles = None,
    part: Annotated[
        list[Path] | None,
        typer.Option(
            help="A file of `mlm residuals_of_wave`, where the rows of each wave were read by a "
            "job of its own, in place of the rows; one a wave, in their order.",
            show_default=False,
            exists=True,
        ),
    ] = None,
    made_by: MadeBy = None,
) -> None:
    """Read the cleaned rows once more and summarise their residuals under the settled model.

    Where jobs have read the waves, one each, their sums are added. Where it was fitted to several
    imputations, which have no common residuals, this is what is written, and no row is read.
    """
    from mlm.commands.jobs.arrow import arrow_without_pandas
    from mlm.commands.made import Making, job_name
    from mlm.commands.tables import by_wave
    from mlm.commands.writing import write_text
    from mlm.configuration import load_configuration
    from mlm.configuration.planning import plan_of
    from mlm.results.reason import OverImputations
    from mlm.results.residuals import RefusedResiduals
    from mlm.rows.residuals.wave_residuals import residuals_by_wave, residuals_from_sums
    from mlm.statistics.evidence.crossproducts import CrossProducts
    from mlm.statistics.fitting.fit import Fit

    arrow_without_pandas()
    configuration = load_configuration(config)
    plan = plan_of(configuration, analysis)
    made = Making(job_name("residuals", configuration.survey, analysis), made_by)
    given = part or clean or []
    made.check([*given, statistics, fits])
    if not (fits / SETTLED).is_file():
        draws = len(list(fits.glob(OF_DRAWS)))
        reason = OverImputations(draws=draws)
        told = RefusedResiduals(survey=plan.survey, analysis=analysis, reason=reason)
        write_text(out, told.to_json())
        made.record([out])
        return
    fit, sample = Fit.from_json(fits / SETTLED), CrossProducts.load(statistics, lazily=bool(part))
    told = residuals_from_sums if part else residuals_by_wave
    found = told(plan, fit, sample, by_wave(configuration, given))
    write_text(out, found.to_json())
    made.record([out])
