"""All models of one analysis of a sample, from the clean rows of all waves. Layer: commands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def analyse_rows(
    config: Path,
    analysis: str,
    rows: Sequence[Path],
    survey: Path,
    out: Path,
    made_by: str | None,
) -> None:
    """Models with weights or plausible values: results.json, and the fits in the folder fits/."""
    from mlm.commands.made import FITS, Making, job_name
    from mlm.commands.tables import by_wave
    from mlm.commands.writing import whole_folder, write_text
    from mlm.configuration import load_configuration
    from mlm.configuration.planning import plan_of
    from mlm.front.sampled_analysis import analyse_rows as run
    from mlm.results.survey.survey import SurveyAccount
    from mlm.rows.accumulating.parquet_source import ParquetSource

    configuration = load_configuration(config)
    plan = plan_of(configuration, analysis)
    paths = by_wave(configuration, rows)
    made = Making(job_name("analyse_sample", configuration.survey, analysis), made_by)
    made.check([*paths.values(), survey])
    waves = {wave: ParquetSource.of([path]) for wave, path in paths.items()}
    results, fits = run(plan, waves, SurveyAccount.load(survey))
    write_text(out / "results.json", results.to_json())
    with whole_folder(out / FITS) as folder:
        for name, fit in fits.items():
            write_text(folder / f"{name}.fit.json", fit.to_record().to_json())
    made.record([out / "results.json", out / FITS])
