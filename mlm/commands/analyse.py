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
    from mlm.commands.writing import read_json, write_json
    from mlm.configuration import load_configuration
    from mlm.configuration.planning import plan_of
    from mlm.statistics.answers.analysis import analyse as run
    from mlm.statistics.evidence.crossproducts import CrossProducts

    plan = plan_of(load_configuration(config), analysis)
    results, fits = run(plan, CrossProducts.load(statistics), read_json(survey))
    for name, fit in fits.items():
        write_json(out / f"{name}.fit.json", fit)
    write_json(out / "results.json", results)
