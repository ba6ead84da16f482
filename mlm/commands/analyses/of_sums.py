"""All models of one analysis, from the merged cross-products of all waves. Layer: commands."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mlm.errors import (
    DifferentImputations,
    LeftOutAllTheSame,
    NotImputable,
    ResultError,
)

if TYPE_CHECKING:
    from mlm.commands.analyses.job import AnalysisJob
    from mlm.configuration import Configuration
    from mlm.results.analysis import AnalysisResults
    from mlm.results.survey.survey import SurveyAccount
    from mlm.statistics.evidence.crossproducts import CrossProducts
    from mlm.statistics.fitting.fit import Fit

KEPT_BYTES = 1 << 27  # of the sums of a wave, up to which they are read once and kept in memory


def analyse_sums(
    configuration: Configuration,
    analysis: str,
    statistics: Path,
    survey: Path,
    out: Path,
    made_by: str | None,
    rows: Sequence[Path] = (),
    columns: Path | None = None,
) -> None:
    """Null model, full model, reduction, slopes, effects, stability: results.json and the fits.

    Where the configuration does not say what becomes of rows that lack a covariate, and leaving
    them out would lose many, what they lack is drawn first.
    """
    from mlm.commands.analyses.job import AnalysisJob
    from mlm.nouns.machine.kept_memory import keep_freed_memory
    from mlm.results.survey.survey import SurveyAccount
    from mlm.statistics.answers.analysis import analyse
    from mlm.statistics.evidence.crossproducts import CrossProducts

    keep_freed_memory()
    job = AnalysisJob.of("analyse", configuration, analysis, made_by)
    job.made.check([statistics, survey])
    account, sample = SurveyAccount.load(survey), CrossProducts.load(statistics, largest=KEPT_BYTES)
    lacking = account.lacking(analysis)
    lost = lacking.share_lost if lacking is not None else 0.0
    missing = job.plan.missing
    if missing.method is None and missing.by_share(lost).method == "joint":
        if not rows or columns is None:
            raise ResultError(_wanted(configuration, analysis, lost))
        job.made.check([*rows, columns])
        results, fits = _drawn(job, configuration, sample, rows, columns, account)
    else:
        results, fits = analyse(job.plan, sample, account)
    job.write(out, results, {name: fit.to_record() for name, fit in fits.items()})


def _wanted(configuration: Configuration, analysis: str, lost: float) -> str:
    """What is needed for an analysis that would lose many rows."""
    waves = len(configuration.waves)
    return (
        f"analysis {analysis}: {lost:.1%} of the rows that have the outcome lack a covariate, and "
        "what they lack is drawn where the configuration does not say otherwise; give the clean "
        f"rows (--rows {waves} times, one a wave, in their order) and the recipe of the columns "
        "(--columns columns.json), or leave such rows out: missing: {method: complete}"
    )


def _drawn(
    job: AnalysisJob,
    configuration: Configuration,
    sample: CrossProducts,
    rows: Sequence[Path],
    columns: Path,
    account: SurveyAccount,
) -> tuple[AnalysisResults, dict[str, Fit]]:
    """Results and fits of drawn imputations; of complete rows, which is told, where none are."""
    from mlm.commands.analyses.of_drawn import analyse_drawn
    from mlm.commands.tables import by_wave
    from mlm.commands.writing import read_json
    from mlm.results.notes import NotImputed
    from mlm.statistics.answers.analysis import analyse

    given = by_wave(configuration, rows)
    try:
        return analyse_drawn(configuration, job.plan, sample, given, read_json(columns), account)
    except (NotImputable, DifferentImputations) as error:
        why = error.kind if isinstance(error, NotImputable) else "unlike"
        text = (
            f"analysis {job.plan.analysis}: what rows lack cannot be drawn, and they are left out: "
            f"{error}"
        )
        warnings.warn(text, LeftOutAllTheSame, stacklevel=2)
    results, fits = analyse(job.plan, sample, account)
    return results.model_copy(update={"notes": (*results.notes, NotImputed(why=why))}), fits
