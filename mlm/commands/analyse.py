"""All models of one analysis, from the merged cross-products of all waves. Layer: commands."""

from __future__ import annotations

from pathlib import Path


def analyse_statistics(
    config: Path, analysis: str, statistics: Path, survey: Path, out: Path, made_by: str | None
) -> None:
    """Null model, full model, reduction, slopes, effects, stability: results.json and the fits."""
    from mlm.commands.made import Making, job_name
    from mlm.commands.writing import write_text
    from mlm.configuration import load_configuration
    from mlm.configuration.planning import plan_of
    from mlm.results.survey.survey import SurveyAccount
    from mlm.statistics.answers.analysis import analyse as run
    from mlm.statistics.evidence.crossproducts import CrossProducts

    configuration = load_configuration(config)
    plan = plan_of(configuration, analysis)
    made = Making(job_name("analyse", configuration.survey, analysis), made_by)
    made.check([statistics, survey])
    account = SurveyAccount.load(survey)
    results, fits = run(plan, CrossProducts.load(statistics), account)
    files = {f"{name}.fit.json": fit.to_record() for name, fit in fits.items()}
    files = {"results.json": results, **files}
    for name, record in files.items():
        write_text(out / name, record.to_json())
    made.record(out / name for name in files)
