"""All models of one analysis, from the merged cross-products of all waves. Layer: commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlm.configuration import Configuration


def analyse_sums(
    configuration: Configuration,
    analysis: str,
    statistics: Path,
    survey: Path,
    out: Path,
    made_by: str | None,
) -> None:
    """Null model, full model, reduction, slopes, effects, stability: results.json and the fits."""
    from mlm.commands.analyses.job import AnalysisJob
    from mlm.results.survey.survey import SurveyAccount
    from mlm.statistics.answers.analysis import analyse
    from mlm.statistics.evidence.crossproducts import CrossProducts

    job = AnalysisJob.of("analyse", configuration, analysis, made_by)
    job.made.check([statistics, survey])
    account = SurveyAccount.load(survey)
    results, fits = analyse(job.plan, CrossProducts.load(statistics), account)
    job.write(out, results, {name: fit.to_record() for name, fit in fits.items()})
