"""Rows of a cleaned wave to the cross-products of every analysis.

Origins and units come from the first wave alone, and no column with time is made here, so the
statistics of a wave stay valid when another wave arrives.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mlm.columns import scales_of
from mlm.errors import SurveyError
from mlm.hierarchy import Hierarchy
from mlm.plan import WAVE, plan_of
from mlm.rows.accumulate import accumulate
from mlm.statistics.crossproducts import CrossProducts


def columns_of_survey(configuration, frame) -> dict:
    """Origin and unit of every numeric variable, from the rows of the first wave.

    Parameters
    ----------
    configuration : Configuration
        The survey's configuration.
    frame : DataFrame
        Clean rows of the first wave.

    Returns
    -------
    dict
        ``{"scales": {variable: {"origin", "unit"}}}``, in the variable's unit.
    """
    numbers = [name for name, v in configuration.variables.items() if not v.is_category]
    scales = scales_of(frame, [(name, "identity") for name in numbers])
    return {"scales": {v: {"origin": o, "unit": u} for (v, _), (o, u) in scales.items()}}


def accumulate_wave(configuration, wave: str, frame, columns: Mapping) -> dict[str, CrossProducts]:
    """Cross-products of one wave for every analysis.

    Parameters
    ----------
    configuration : Configuration
        The survey's configuration.
    wave : str
        Name of the wave.
    frame : DataFrame
        Its clean rows: one text column an id, named after the level, and the variables.
    columns : mapping
        What ``columns_of_survey`` returned for the first wave.

    Returns
    -------
    dict of str to CrossProducts
        By name of the analysis.

    Raises
    ------
    SurveyError
        When no row of the wave is complete, or the outcome does not vary in it.
    """
    scales = {
        (name, "identity"): (entry["origin"], entry["unit"])
        for name, entry in columns["scales"].items()
    }
    frame = frame.assign(**{WAVE: wave})
    statistics, problems = {}, []
    for analysis in configuration.analyses:
        try:
            statistics[analysis] = _of_analysis(plan_of(configuration, analysis), frame, scales)
        except SurveyError as error:
            problems += [f"wave {wave}, analysis {analysis}: {p}" for p in error.problems]
    if problems:
        raise SurveyError(problems)
    return statistics


def _of_analysis(plan, frame, scales) -> CrossProducts:
    columns = plan.row_columns(scales)
    groups = [(group, plan.row_candidates(group, columns)) for group in plan.groups]
    stats = accumulate(frame, columns, Hierarchy.of(groups))
    _, sd = stats.moments(plan.outcome)
    if not np.isfinite(sd) or sd == 0.0:
        raise SurveyError(
            f"the outcome {plan.outcome} has the same value in all {stats.n_obs} complete rows; "
            "expected a score that varies. Check the column and its missing codes."
        )
    return stats
