"""Rows of a cleaned wave to the cross-products of every analysis.

Origins and units come from the first wave alone, and no column with time is made here, so the
statistics of a wave stay valid when another wave arrives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

import numpy as np

from mlm.configuration.missing.planning import n_imputations
from mlm.configuration.models import Configuration
from mlm.configuration.planning import plan_of
from mlm.errors import ModelError, StatisticsError, SurveyError
from mlm.nouns.coding import code_terms
from mlm.nouns.columns import Column, Columns, closure, scales_of
from mlm.nouns.hierarchy import Hierarchy
from mlm.nouns.levels import WAVE
from mlm.nouns.plan import Plan
from mlm.rows.accumulating.accumulate import accumulate_together
from mlm.rows.accumulating.bundle_sums import BundledUnits
from mlm.rows.accumulating.parquet_source import ParquetSource
from mlm.rows.accumulating.record_rows import RecordRows
from mlm.rows.accumulating.row_sums import Wanted
from mlm.rows.accumulating.sources import (
    LabelledRows,
    RenamedRows,
    Rows,
    evenly_spaced,
    source_of,
)
from mlm.rows.cleaning.clean_wave import CleanWave
from mlm.rows.completing.completion import imputed_name
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.moments import mean_and_sd
from mlm.statistics.evidence.row_parts import add_row_parts

# sd over the distance from the origin that sums of equal values may have by rounding
ROUNDED_SPREAD = 1e-6


def columns_of_survey(configuration: Configuration, data) -> dict:
    """Origin and unit of every numeric variable, from at most 20,000 rows of the first wave.

    Parameters
    ----------
    configuration : Configuration
        The survey's configuration.
    data : CleanWave, DataFrame or path
        Clean rows of the first wave; a path is a Parquet file.

    Returns
    -------
    dict
        ``{"scales": {variable: {"origin", "unit"}}}``, in the variable's unit.
    """
    numbers = [name for name, _ in unscaled(configuration)]
    rows = evenly_spaced(_rows_of(configuration, data), numbers)
    scales = scales_of(rows, [(name, "identity") for name in numbers])
    return {"scales": {v: {"origin": o, "unit": u} for (v, _), (o, u) in scales.items()}}


def unscaled(configuration: Configuration) -> dict[tuple[str, str], tuple[float, float]]:
    """Origins 0 and units 1 of all numeric variables, where only the names of columns matter."""
    numbers = [name for name, v in configuration.variables.items() if not v.is_category]
    return {(name, "identity"): (0.0, 1.0) for name in numbers}


def accumulate_wave(
    configuration: Configuration, wave: str, data, columns: Mapping, *, units: bool = True
) -> dict[str, CrossProducts]:
    """Cross-products of one wave for every analysis, from one pass over its rows.

    Memory is taken by one batch of rows and by the sums, not by the file.

    Parameters
    ----------
    configuration : Configuration
        The survey's configuration.
    wave : str
        Name of the wave.
    data : CleanWave, DataFrame or path
        Its clean rows: one text column an id, named after the level, and the variables; a path
        is a Parquet file.
    columns : mapping
        What ``columns_of_survey`` returned for the first wave.
    units : bool
        Whether sums of units are made; those of all rows alone take no memory.

    Returns
    -------
    dict of str to CrossProducts
        By name of the analysis; with the bundles of their outermost units.

    Raises
    ------
    SurveyError
        When no row of the wave is complete, or the outcome does not vary in it.
    """
    plans = {name: plan_of(configuration, name) for name in configuration.analyses}
    rows = LabelledRows(_rows_of(configuration, data), {WAVE: wave})
    scales = scales_in(columns)
    samples = accumulate_together(
        rows, [wanted_of_wave(plan, wave, scales, units) for plan in plans.values()]
    )
    return _checked(f"wave {wave}", plans, [sample.cross_products for sample in samples])


def accumulate_part(
    configuration: Configuration, wave: str, data, columns: Mapping, number: int, of: int
) -> dict[str, CrossProducts]:
    """Cross-products of one of several parts of the rows of a wave, by analysis.

    Parameters
    ----------
    configuration, wave, columns
        As for ``accumulate_wave``.
    data : path
        Clean rows of the wave.
    number, of : int
        Which part, from 0, and how many there are.

    Returns
    -------
    dict of str to CrossProducts
        Analyses of which no row of the part is complete, or with whose rows anything is wrong, are
        not there: what is wrong is told of the whole wave.
    """
    plans = {name: plan_of(configuration, name) for name in configuration.analyses}
    source = ParquetSource.of([data]).with_different(configuration.level_names[-1:])
    rows = LabelledRows(source.part(number, of), {WAVE: wave})
    scales = scales_in(columns)
    wanted = [wanted_of_wave(plan, wave, scales, True) for plan in plans.values()]
    statistics = {}
    for name, sample in zip(plans, accumulate_together(rows, wanted), strict=True):
        with suppress(SurveyError, ModelError):
            statistics[name] = sample.cross_products()
    return statistics


def add_parts(
    configuration: Configuration, wave: str, parts: Sequence[Mapping[str, CrossProducts]]
) -> dict[str, CrossProducts] | None:
    """Cross-products of a wave from those of all parts of its rows, in order, by analysis.

    None where the rows must be read together: of an analysis a part has none, or levels that are
    nested in one part are not so in all.

    Raises
    ------
    SurveyError
        When an outcome does not vary in the wave.
    """
    plans = {name: plan_of(configuration, name) for name in configuration.analyses}
    if any(name not in part for part in parts for name in plans):
        return None
    sums = [partial(add_row_parts, [part[name] for part in parts]) for name in plans]
    try:
        return _checked(f"wave {wave}", plans, sums)
    except StatisticsError:
        return None


def accumulate_imputations(
    configuration: Configuration, wave: str, data, columns: Mapping
) -> list[dict[str, CrossProducts]]:
    """Cross-products of each imputation of a wave for every analysis, from one pass over its rows.

    Parameters
    ----------
    configuration, wave, columns
        As for ``accumulate_wave``.
    data : path
        Its completed rows, with a column for each variable that differs between imputations and
        each of them, named as by ``imputed_name``.

    Raises
    ------
    SurveyError
        As for ``accumulate_wave``.
    """
    plans = {name: plan_of(configuration, name) for name in configuration.analyses}
    source, scales = source_of(data), scales_in(columns)
    wanted = [
        replace(wanted_of_wave(plan, wave, scales, True), read_as=read_as)
        for read_as in _imputed_columns(configuration, source.names)
        for plan in plans.values()
    ]
    size = len(plans)
    samples = accumulate_together(LabelledRows(source, {WAVE: wave}), wanted, alike=size)
    sums = [sample.cross_products for sample in samples]
    return [
        _checked(f"wave {wave}, imputation {start // size + 1}", plans, sums[start:][:size])
        for start in range(0, len(sums), size)
    ]


def _imputed_columns(
    configuration: Configuration, names: Sequence[str]
) -> Iterator[dict[str, str]]:
    """By imputation: the column that holds each variable that differs between them."""
    known = set(names)
    for number in range(1, n_imputations(configuration) + 1):
        pairs = ((name, imputed_name(name, number)) for name in configuration.single_variables)
        yield {name: column for name, column in pairs if column in known}


def _checked(
    where: str, plans: Mapping[str, Plan], sums: Sequence[Callable[[], CrossProducts]]
) -> dict[str, CrossProducts]:
    """The sums of each analysis; what is wrong with any of them is told together."""
    statistics, problems = {}, []
    for (name, plan), made in zip(plans.items(), sums, strict=True):
        try:
            statistics[name] = made()
            _check_outcome(plan, statistics[name])
        except SurveyError as error:
            problems += [f"{where}, analysis {name}: {p}" for p in error.problems]
    if problems:
        raise SurveyError(problems)
    return statistics


def scales_in(columns: Mapping) -> dict[tuple[str, str], tuple[float, float]]:
    """Origins and units by variable and function, of what ``columns_of_survey`` returned."""
    return {
        (name, "identity"): (entry["origin"], entry["unit"])
        for name, entry in columns["scales"].items()
    }


def _rows_of(configuration: Configuration, data) -> Rows:
    """Clean rows, in which the first plausible value of a score stands for it."""
    is_wave = isinstance(data, CleanWave)
    rows = RecordRows(data, len(data.units.rows)) if is_wave else source_of(data)
    if isinstance(rows, ParquetSource):
        rows = rows.with_different(configuration.level_names[-1:])
    drawn = {name: configuration.shown_by(name) for name in configuration.plausible_values}
    return RenamedRows(rows, drawn) if drawn else rows


def wanted_of_wave(
    plan: Plan, wave: str, scales: Mapping[tuple[str, str], tuple[float, float]], with_units: bool
) -> Wanted:
    """What an analysis wants of the rows of a wave.

    Parameters
    ----------
    plan : Plan
        The analysis.
    wave : str
        Name of the wave.
    scales : mapping of (variable, function) to (origin, unit)
        Of the numeric variables.
    with_units : bool
        Whether sums of units are made.
    """
    columns = plan.row_columns(scales)
    if not with_units:
        return Wanted(columns, Hierarchy(()))
    groups = [(group, plan.row_candidates(group, columns)) for group in plan.groups]
    units = bundled_units(plan)
    bundled = BundledUnits(wave, bundled_columns(plan, columns), *units) if units else None
    hierarchy = Hierarchy.of(groups, plan.is_crossed)
    return Wanted(columns, hierarchy, bundled=bundled, may_file=True)


def _check_outcome(plan: Plan, stats: CrossProducts) -> None:
    mean, sd = mean_and_sd(plan.outcome, stats)
    origin, _ = stats.columns.scales[plan.outcome, "identity"]
    if not np.isfinite(sd) or sd <= ROUNDED_SPREAD * abs(mean - origin):
        raise SurveyError(
            f"the outcome {plan.outcome} has the same value in all {stats.n_obs} complete rows; "
            "expected a score that varies. Check the column and its missing codes."
        )


def bundled_units(plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Outermost units of an analysis, and those within them that can be drawn again."""
    lowest = plan.groups[-1] if plan.design.follows_lowest and len(plan.groups) > 1 else None
    left_out = {lowest, *(level.group for level in plan.levels if level.beside)}
    named = [group for group in plan.groups if group[-1] != WAVE and group not in left_out]
    return (named[0], named[min(1, len(named) - 1)]) if named else None


def bundled_columns(plan: Plan, columns: Columns) -> tuple[Column, ...]:
    """Stored columns of the rows that the full model of an analysis is made of."""
    coded = code_terms(plan.full_model().terms, plan.categories)
    needed = {}
    for column in closure(c.column for c in coded):
        for name in (plan.time.name, plan.time.factor):
            column, _ = column.split(name)
        needed[column] = None
    needed[Column(powers=((plan.outcome, "identity", 1),))] = None
    return tuple(column for column in columns.columns if column in needed)
