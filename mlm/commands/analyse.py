"""Command: all models of one analysis. Layer: commands."""

from __future__ import annotations

from mlm.commands.arguments import Analysis, Config, OutFolder, StatisticsFile, SurveyFile


def analyse(
    config: Config,
    analysis: Analysis,
    statistics: StatisticsFile,
    survey: SurveyFile,
    out: OutFolder,
) -> None:
    """Null model, full model, reduction, slopes, effects, stability: results.json and the fits."""
    from mlm.commands.writing import write_text
    from mlm.configuration import load_configuration
    from mlm.configuration.planning import plan_of
    from mlm.results.survey.survey import SurveyAccount
    from mlm.statistics.answers.analysis import analyse as run
    from mlm.statistics.evidence.crossproducts import CrossProducts

    plan = plan_of(load_configuration(config), analysis)
    account = SurveyAccount.load(survey)
    results, fits = run(plan, CrossProducts.load(statistics), account)
    for name, fit in fits.items():
        write_text(out / f"{name}.fit.json", fit.to_record().to_json())
    write_text(out / "results.json", results.to_json())
