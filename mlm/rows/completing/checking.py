"""Whether an imputation has the values that were observed, and leaves nothing missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mlm.configuration.checks_computed import made_of
from mlm.configuration.models import Configuration
from mlm.configuration.names import parse_term
from mlm.rows.cleaning.store import ColumnFile
from mlm.rows.cleaning.units import UnitOrder
from mlm.rows.completing.imputation import Imputation
from mlm.rows.completing.matching import ObservedRows
from mlm.rows.linking.survey_rows import present
from mlm.rows.messages import counted

SAME_NUMBER = 1e-9
"""Relative difference up to which two numbers are the same: files keep 15 digits or more."""


def changed_cells(
    name: str,
    known: np.ndarray,
    found: np.ndarray,
    observed: ObservedRows,
    imputation: Imputation,
    place: np.ndarray,
) -> Iterator[str]:
    """What is wrong where an imputation has another value than was observed.

    Parameters
    ----------
    name : str
        The variable.
    known, found : ndarray (n,)
        Its values in the rows of the wave, as observed and in the imputation.
    place : ndarray of int (n,)
        Place of each row in the imputation.
    """
    has = present(known)
    if known.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            same = np.abs(found - known) <= SAME_NUMBER * np.maximum(1.0, np.abs(known))
    else:
        same = found == known
    rows = np.flatnonzero(has & ~same)
    if len(rows):
        yield (
            f"{name}: {counted(len(rows), 'cell')} not as observed "
            f"({imputation.delivery.places(imputation.rows[place[rows]])}; observed in "
            f"{observed.delivery.places(observed.rows[rows])}); imputations differ where a value "
            "was missing and nowhere else: are they of other data, or are their rows in another "
            "order? Then say which column names the rows ('row')"
        )


def needed_rows(
    configuration: Configuration, outcomes: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """By variable of the files that analyses use: the rows (bool, n) that have their outcome.

    Parameters
    ----------
    outcomes : dict of str to ndarray of bool (n,)
        Rows that have each outcome.
    """
    needed: dict[str, np.ndarray] = {}
    for analysis in configuration.analyses.values():
        terms = [v for text in analysis.terms for v in parse_term(text).variables]
        for name in made_of(configuration, terms):
            if name in configuration.read_variables:
                rows = outcomes[analysis.outcome]
                needed[name] = rows | needed[name] if name in needed else rows
    return needed


def gaps_left(
    name: str, found: np.ndarray, needed: np.ndarray, observed: ObservedRows, is_held: bool
) -> Iterator[str]:
    """What is wrong where values are still missing in rows that have an outcome."""
    rows = np.flatnonzero(needed & ~present(found))
    if len(rows):
        cause = "still missing" if is_held else "missing, and the files have no such column"
        yield (
            f"{name}: {counted(len(rows), 'cell')} {cause}, in rows that have the outcome (of the "
            f"wave: {observed.delivery.places(observed.rows[rows])}); impute every covariate of "
            "the analyses, or leave it out of 'terms'"
        )


def varying_in_units(
    configuration: Configuration, names: Sequence[str], columns: ColumnFile, order: UnitOrder
) -> Iterator[str]:
    """Variables of units that an imputation gives several values in one unit."""
    for name in names:
        variable = configuration.variables[name]
        if variable.level not in configuration.level_names[:-1] or not variable.is_read:
            continue
        values = columns.column(name)
        varying, _ = order.varying(variable.level, values, present(values))
        if varying:
            level = configuration.level(variable.level)
            units = counted(varying, level.name, level.plural)
            yield (
                f"{name}: imputed with several values in {units}, although it describes a "
                f"{level.name}; impute it once for each, or say a lower level"
            )
