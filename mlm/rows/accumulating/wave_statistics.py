"""Rows of a cleaned wave to the cross-products of every analysis.

Origins and units come from the first wave alone, and no column with time is made here, so the
statistics of a wave stay valid when another wave arrives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mlm.configuration.models import Configuration
from mlm.configuration.planning import plan_of
from mlm.errors import SurveyError
from mlm.nouns.coding import code_terms
from mlm.nouns.columns import Column, Columns, closure, scales_of
from mlm.nouns.hierarchy import Hierarchy
from mlm.nouns.plan import WAVE, Plan
from mlm.rows.accumulating.accumulate import accumulate
from mlm.rows.accumulating.bundling import bundle_rows
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import mean_and_sd


def columns_of_survey(configuration: Configuration, frame) -> dict:
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


def accumulate_wave(
    configuration: Configuration, wave: str, frame, columns: Mapping
) -> dict[str, CrossProducts]:
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
            plan = plan_of(configuration, analysis)
            statistics[analysis] = _of_analysis(plan, wave, frame, scales)
        except SurveyError as error:
            problems += [f"wave {wave}, analysis {analysis}: {p}" for p in error.problems]
    if problems:
        raise SurveyError(problems)
    return statistics


def _of_analysis(plan: Plan, wave: str, frame, scales) -> CrossProducts:
    columns = plan.row_columns(scales)
    groups = [(group, plan.row_candidates(group, columns)) for group in plan.groups]
    stats = accumulate(frame, columns, Hierarchy.of(groups, plan.is_crossed))
    _, sd = mean_and_sd(plan.outcome, stats)
    if not np.isfinite(sd) or sd == 0.0:
        raise SurveyError(
            f"the outcome {plan.outcome} has the same value in all {stats.n_obs} complete rows; "
            "expected a score that varies. Check the column and its missing codes."
        )
    units = bundled_units(plan)
    if units is None:
        return stats
    wanted = bundled_columns(plan, columns)
    return replace(stats, bundles=(bundle_rows(frame, columns, wanted, units, wave),))


def bundled_units(plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Outermost units of an analysis, and those within them that can be drawn again."""
    lowest = plan.groups[-1] if plan.design.follows_lowest and len(plan.groups) > 1 else None
    named = [group for group in plan.groups if group[-1] != WAVE and group != lowest]
    return (named[0], named[min(1, len(named) - 1)]) if named else None


def bundled_columns(plan: Plan, columns: Columns) -> list[Column]:
    """Stored columns of the rows that the full model of an analysis is made of."""
    coded = code_terms(plan.full_model().terms, plan.categories)
    needed = {}
    for column in closure(c.column for c in coded):
        for name in (plan.time.name, plan.time.factor):
            column, _ = column.split(name)
        needed[column] = None
    needed[Column(powers=((plan.outcome, "identity", 1),))] = None
    return [column for column in columns.columns if column in needed]
