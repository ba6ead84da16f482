"""All columns of a wave in sorted order: those of the files, then those computed from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from mlm.configuration.arithmetic import parse_arithmetic
from mlm.configuration.checks_computed import in_order
from mlm.configuration.models import Configuration
from mlm.configuration.sampled.columns import entry_of, products, sampled_columns
from mlm.configuration.variable import Aggregate, Variable
from mlm.nouns.levels import WAVE
from mlm.results.survey.account import MissingReason, NotComputed
from mlm.rows.cleaning.computed import aggregate, evaluate, standard_scores
from mlm.rows.cleaning.delivery import Delivery
from mlm.rows.cleaning.over_waves import WaveRows, aggregate_over_waves
from mlm.rows.cleaning.sampled.draws import score_origins
from mlm.rows.cleaning.sampled.weights import overall_weights
from mlm.rows.cleaning.store import ColumnFile
from mlm.rows.cleaning.units import UnitOrder
from mlm.rows.messages import counted

ORIGIN = " origin"

MISSING_PART, UNDEFINED, NO_OTHERS = 1, 2, 3
"""Numbers of the reasons why a computed value does not exist."""

NOT_COMPUTED = (
    NotComputed(why="part_missing"),
    NotComputed(why="undefined"),
    NotComputed(why="no_other_rows"),
)


def complete_columns(
    configuration: Configuration,
    wave: str,
    read: Callable[[str], np.ndarray],
    waves: Mapping[str, WaveRows],
    reasons: Mapping[str, Sequence[MissingReason]],
    delivery: Delivery,
    row: np.ndarray,
) -> tuple[dict[str, Sequence[MissingReason]], list[str]]:
    """Complete the columns of a wave; say why cells are missing, and what is wrong.

    Parameters
    ----------
    configuration, wave, delivery
        The codebook and where the rows come from.
    read : callable
        Gives the columns of the files' variables, in the order of the files; each once.
    waves : mapping of str to WaveRows
        The wave, whose columns are put there in sorted order, among the other ones in order of
        time where a statistic is taken over all of them.
    reasons : mapping
        Reasons of missing cells of the files' variables.
    row : ndarray of int
        Numbers of the stored rows among all rows read.
    """
    units, columns, problems = waves[wave].units, waves[wave].columns, []
    all_reasons = dict(reasons)
    for name in configuration.read_variables:
        columns.add(name, _in_order(read(name), units.rows))
        columns.add(name + ORIGIN, _origins(read(name + ORIGIN), units.rows))
    sampled = sampled_columns(configuration)
    for name in sampled:
        columns.add(name, _in_order(read(name), units.rows))
    for name, factors in products(configuration).items():
        columns.add(name, np.prod([columns.column(factor) for factor in factors], axis=0))
    weights = overall_weights(configuration, columns)
    for name, variable in configuration.read_variables.items():
        problems += _scaled(name, variable, columns, units, weights)
    for name in (n for n, column in sampled.items() if column.score is not None):
        columns.add(name + ORIGIN, _in_order(read(name + ORIGIN), units.rows))
        entry = entry_of(configuration, sampled[name])
        problems += _scaled(name, entry, columns, units, weights)
    for score, entry in configuration.plausible_values.items():
        origins, all_reasons[score] = score_origins(columns, entry.columns, reasons)
        columns.add(score + ORIGIN, origins)
    for name in in_order(configuration):
        variable = configuration.variables[name].in_wave(wave)
        values, missing = _computed(configuration, variable, waves, wave)
        outside = _outside(variable, values)
        if outside.any():
            places = delivery.places(row[units.rows[outside]])
            low, high = variable.range
            problems.append(
                f"{name}: {counted(int(outside.sum()), 'computed value')} outside the range "
                f"{low:g} to {high:g} ({places}); correct 'range', or what it is computed from"
            )
        columns.add(name, values)
        columns.add(name + ORIGIN, missing)
        all_reasons[name] = NOT_COMPUTED
        problems += _scaled(name, variable, columns, units, weights)
    return all_reasons, problems


def _origins(origins: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Origins of some rows; of many columns all cells are as they were delivered."""
    return _in_order(origins, rows) if origins.any() else np.zeros(len(rows), origins.dtype)


def _in_order(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Values of some rows, which are there: none of them is looked at first."""
    return values.take(rows, mode="clip")


def _scaled(
    name: str,
    variable: Variable,
    columns: ColumnFile,
    units: UnitOrder,
    weights: np.ndarray | None,
) -> list[str]:
    """Centre or standardise a column where that is declared; say where it is not possible."""
    if variable.centre:
        values = columns.column(name)
        group = np.zeros(len(values), np.int32)
        group = group if variable.centre == WAVE else units.groups[variable.centre]
        columns.add(name, values - aggregate("mean", values, group, weights))
    if not variable.standardise:
        return []
    scores = standard_scores(columns.column(name), weights)
    if scores is None:
        return [f"{name}: it has the same value in every row and cannot be standardised"]
    columns.add(name, scores)
    return []


def _outside(variable: Variable, values: np.ndarray) -> np.ndarray:
    low, high = variable.range or (-np.inf, np.inf)
    with np.errstate(invalid="ignore"):
        return (values < low) | (values > high)


def _computed(
    configuration: Configuration, variable: Variable, waves: Mapping[str, WaveRows], wave: str
) -> tuple[np.ndarray, np.ndarray]:
    """Values (n,) of a computed variable, and the number of the reason why one is missing."""
    if variable.aggregate is not None:
        return _aggregated(configuration, variable, waves, wave)
    columns = waves[wave].columns
    expression = parse_arithmetic(variable.derive)
    numbers = {name: columns.column(name) for name in expression.numbers}

    def is_category(name: str, code: str) -> np.ndarray:
        return _membership(configuration, columns, name, (code,))

    values = evaluate(expression, numbers, is_category)
    values = np.broadcast_to(values, waves[wave].units.rows.shape)
    lacks = np.zeros(len(values), dtype=bool)
    for number in numbers.values():
        lacks |= np.isnan(number)
    for name, _ in expression.categories:
        lacks |= columns.column(name) < 0
    origins = np.where(np.isnan(values), np.where(lacks, MISSING_PART, UNDEFINED), 0)
    return np.array(values), origins.astype(np.int8)


def _aggregated(
    configuration: Configuration, variable: Variable, waves: Mapping[str, WaveRows], wave: str
) -> tuple[np.ndarray, np.ndarray]:
    entry = variable.aggregate

    def source(rows: WaveRows) -> np.ndarray:
        return _of_aggregate(configuration, entry, rows)

    if entry.is_over_waves:
        path = configuration.unit_path(entry.within)
        own = list(waves).index(wave)
        last = own if entry.statistic == "first" else len(waves) - 1
        weigh, used = partial(_weights_of, configuration), list(waves.values())[: last + 1]
        values = aggregate_over_waves(entry, path, used, own, source, weigh)
    else:
        rows = waves[wave]
        group, weights = rows.units.groups[entry.within], _weights_of(configuration, rows)
        values = aggregate(entry.statistic, source(rows), group, weights)
    reason = NO_OTHERS if entry.statistic == "leave_one_out" else MISSING_PART
    missing = np.isnan(values)
    if variable.is_category:
        own, codes = list(variable.categories), configuration.variables[entry.of].categories
        places = np.array([own.index(code) for code in codes], dtype=np.int16)
        values = np.where(missing, -1, places[np.where(missing, 0, values).astype(np.int64)])
    return values, np.where(missing, reason, 0).astype(np.int8)


def _weights_of(configuration: Configuration, rows: WaveRows) -> np.ndarray | None:
    """Overall sampling weights (n,) of some rows; None where they count alike."""
    return overall_weights(configuration, rows.columns)


def _of_aggregate(configuration: Configuration, entry: Aggregate, rows: WaveRows) -> np.ndarray:
    """Values (n,) of some rows that a statistic is of."""
    if entry.of is None:
        return np.ones(len(rows.units.rows))
    if not configuration.variables[entry.of].is_category:
        return rows.columns.column(entry.of)
    if entry.statistic == "first":
        places = rows.columns.column(entry.of)
        return np.where(places < 0, np.nan, places)
    codes = entry.categories or tuple(configuration.variables[entry.of].categories)
    return _membership(configuration, rows.columns, entry.of, codes)


def _membership(
    configuration: Configuration, columns: ColumnFile, name: str, codes: tuple[str, ...]
) -> np.ndarray:
    """1 where a category is one of some codes, 0 where not, NaN where missing."""
    categories = list(configuration.variables[name].categories)
    positions = columns.column(name)
    inside = np.isin(positions, [categories.index(code) for code in codes]).astype(np.float64)
    return np.where(positions < 0, np.nan, inside)
