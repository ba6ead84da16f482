"""Sampling weights and plausible values of a wave: checked and counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mlm.configuration.models import Configuration
from mlm.configuration.sampled.columns import weight_columns
from mlm.nouns.levels import ROW
from mlm.results.survey.account import (
    MissingWeight,
    PlausibleValues,
    Roles,
    Unweighted,
    Weight,
    ZeroWeight,
)
from mlm.rows.cleaning.delivery import Delivery
from mlm.rows.cleaning.sampled.draw_checks import draw_problems
from mlm.rows.cleaning.store import ColumnFile
from mlm.rows.cleaning.units import UnitOrder
from mlm.rows.messages import counted


def role_problems(
    configuration: Configuration,
    columns: ColumnFile,
    delivery: Delivery,
    units: UnitOrder,
    row: np.ndarray,
) -> list[str]:
    """Negative weights, weights that are all missing or zero, draws that are none.

    Parameters
    ----------
    configuration, delivery
        What the variables are declared to be, and where the rows come from.
    columns : ColumnFile
        Values in sorted order.
    units : UnitOrder
        The sorted rows.
    row : ndarray of int (N,)
        Numbers of the stored rows among all rows read.
    """
    problems = []
    for name in weight_columns(configuration):
        values = columns.column(name)
        negative = values < 0
        if negative.any():
            places = delivery.places(row[units.rows[negative]])
            problems.append(
                f"{name}: {counted(int(negative.sum()), 'weight')} below zero ({places}); correct "
                "them, or declare codes that mean missing"
            )
        elif not np.nansum(values) > 0:
            problems.append(f"{name}: no weight is above zero; check its column")
    for title, entry in configuration.plausible_values.items():
        values = {name: columns.column(name) for name in entry.columns}
        problems += draw_problems(title, entry.nests or 1, values)
    return problems


def role_account(
    configuration: Configuration,
    columns: ColumnFile,
    delivery: Delivery,
    units: UnitOrder,
    row: np.ndarray,
) -> Roles:
    """Account of weights and plausible values, for the ledger; parameters as above."""
    return Roles(
        weights=tuple(_weights(configuration, columns, units)),
        plausible_values=tuple(
            _plausible_values(title, entry.columns, columns)
            for title, entry in configuration.plausible_values.items()
        ),
        unweighted=tuple(_unweighted(configuration, columns, delivery, units, row)),
    )


def _unweighted(
    configuration: Configuration,
    columns: ColumnFile,
    delivery: Delivery,
    units: UnitOrder,
    row: np.ndarray,
) -> Iterator[Unweighted]:
    """Rows that count for nothing, each under the first of its weights that is zero or missing.

    Weights of rows come first, then those of the units around them.
    """
    told = np.zeros(len(units.rows), dtype=bool)
    for name in reversed(_by_depth(configuration)):
        values = columns.column(name)
        for reason, found in ((MissingWeight(), np.isnan(values)), (ZeroWeight(), values == 0.0)):
            new = np.flatnonzero(found & ~told)
            told[new] = True
            if new.size:
                first = delivery.first_places(row[units.rows[new]])
                yield Unweighted(variable=name, reason=reason, rows=new.size, first=first)


def _by_depth(configuration: Configuration) -> list[str]:
    """Columns of weights, those of the outermost units first."""
    sampling = configuration.sampling
    if sampling is None:
        return []
    order = (*configuration.level_names, ROW)
    weights = sorted(sampling.weights.items(), key=lambda item: order.index(item[0]))
    return [entry.column for _, entry in weights]


def _weights(
    configuration: Configuration, columns: ColumnFile, units: UnitOrder
) -> Iterator[Weight]:
    """Weights with their sums: over rows, or over units where they are those of units."""
    sampling = configuration.sampling
    for level, entry in sampling.weights.items() if sampling else ():
        values = columns.column(entry.column)
        is_present = ~np.isnan(values)
        own = values[is_present]
        if level in configuration.level_names[:-1]:
            first = np.unique(units.groups[level][is_present], return_index=True)[1]
            own = own[first]
        squares = float(np.sum(own**2))
        yield Weight(
            variable=entry.column,
            n=int(is_present.sum()),
            missing=int((~is_present).sum()),
            zero=int((values == 0).sum()),
            sum=float(own.sum()),
            effective_n=float(own.sum() ** 2 / squares) if squares else None,
        )


def _plausible_values(title: str, names: Sequence[str], columns: ColumnFile) -> PlausibleValues:
    n_present = sum((~np.isnan(columns.column(name))).astype(int) for name in names)
    return PlausibleValues(
        outcome=title,
        values=tuple(names),
        all=int((n_present == len(names)).sum()),
        some=int(((n_present > 0) & (n_present < len(names))).sum()),
        none=int((n_present == 0).sum()),
    )
