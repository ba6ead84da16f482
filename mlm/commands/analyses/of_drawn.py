"""All models of one analysis whose missing values are drawn on the way. Layer: commands.

Where a survey does not say what becomes of rows that lack a covariate, and they are many, this is
found when its rows are linked, after the jobs of a run are settled. So the job of the analysis
draws what they lack itself; nothing of it is kept but what is concluded.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlm.errors import NotConverged

if TYPE_CHECKING:
    from mlm.configuration import Configuration
    from mlm.nouns.plan import Plan
    from mlm.results.analysis import AnalysisResults
    from mlm.results.survey.survey import SurveyAccount
    from mlm.rows.imputing.survey_imputations import SurveyImputations
    from mlm.statistics.evidence.crossproducts import CrossProducts
    from mlm.statistics.fitting.fit import Fit


def draw_imputations(
    configuration: Configuration, analysis: str, rows: Mapping[str, Path], columns: Mapping
) -> SurveyImputations:
    """What the rows of an analysis lack, drawn; chains that do not agree are warned of.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    analysis : str
        Its analysis.
    rows : mapping of str to Path
        Clean rows by wave.
    columns : mapping
        Recipe of the columns.

    Raises
    ------
    NotImputable
        When no joint model can be made of what is there.
    """
    from mlm.commands.words.chain_words import chain_words
    from mlm.rows.accumulating.parquet_source import ParquetSource
    from mlm.rows.imputing.survey_imputations import impute_survey

    waves = {wave: ParquetSource.of([path]) for wave, path in rows.items()}
    found = impute_survey(configuration, analysis, waves, columns)
    if told := chain_words(analysis, found.record.convergence):
        warnings.warn(told, NotConverged, stacklevel=3)
    return found


def analyse_drawn(
    configuration: Configuration,
    plan: Plan,
    complete: CrossProducts,
    rows: Mapping[str, Path],
    columns: Mapping,
    account: SurveyAccount,
) -> tuple[AnalysisResults, dict[str, Fit]]:
    """Results and fits of drawn imputations, pooled.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    plan : Plan
        The analysis.
    complete : CrossProducts
        The merged sample of the rows without any missing value, which stands beside.
    rows : mapping of str to Path
        Clean rows by wave.
    columns : mapping
        Recipe of the columns.
    account : SurveyAccount
        What linking the waves found.

    Raises
    ------
    NotImputable
        When no joint model can be made of what is there.
    DifferentImputations
        When imputations differ in the levels that can be told apart.
    ModelError, FitError
        As of one sample.
    """
    from mlm.statistics.answers.imputed.analysis import analyse_imputed
    from mlm.statistics.evidence.completed_samples import CompletedSamples

    joint = replace(plan, missing=plan.missing.by_share(1.0))
    found = draw_imputations(configuration, plan.analysis, rows, columns)
    draws = list(found.statistics())
    record = found.record
    del found  # the rows held for their latents
    imputations = CompletedSamples.of(draws, [f"imputation {i + 1}" for i in range(len(draws))])
    results, fits = analyse_imputed(joint, imputations, account, complete)
    imputed = results.imputed.model_copy(update={"drawn": record})
    return results.model_copy(update={"imputed": imputed}), fits
