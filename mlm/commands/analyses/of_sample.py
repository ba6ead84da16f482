"""All models of one analysis of a sample, from the clean rows of all waves. Layer: commands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlm.configuration import Configuration


def analyse_sample(
    configuration: Configuration,
    analysis: str,
    rows: Sequence[Path],
    survey: Path,
    out: Path,
    made_by: str | None,
) -> None:
    """Models with weights or plausible values: results.json, and the fits in the folder fits/."""
    from mlm.commands.analyses.job import AnalysisJob
    from mlm.commands.tables import by_wave
    from mlm.front.sampled_analysis import analyse_rows
    from mlm.results.survey.survey import SurveyAccount
    from mlm.rows.accumulating.parquet_source import ParquetSource

    paths = by_wave(configuration, rows)
    job = AnalysisJob.of("analyse_sample", configuration, analysis, made_by)
    job.made.check([*paths.values(), survey])
    waves = {wave: ParquetSource.of([path]) for wave, path in paths.items()}
    results, fits = analyse_rows(job.plan, waves, SurveyAccount.load(survey))
    job.write(out, results, {name: fit.to_record() for name, fit in fits.items()})
