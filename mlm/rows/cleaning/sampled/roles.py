"""Sampling weights and plausible values of a wave: checked and counted."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from mlm.configuration.models import Configuration
from mlm.errors import FIRST_CASES
from mlm.results.survey.account import PlausibleValues, Roles, Weight
from mlm.rows.cleaning.delivery import Delivery
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
    """Negative weights, weights that are all missing or zero, copies among plausible values.

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
            places = delivery.places(np.sort(row[units.rows[negative]])[:FIRST_CASES])
            problems.append(
                f"{name}: {counted(int(negative.sum()), 'weight')} below zero ({places}); correct "
                "them, or declare codes that mean missing"
            )
        elif not np.nansum(values) > 0:
            problems.append(f"{name}: no weight is above zero; check its column")
    for title, first, second in _copies(configuration, columns):
        problems.append(
            f"{title}: the plausible values {first} and {second} are the same in every row; check "
            "their columns"
        )
    return problems


def _copies(configuration: Configuration, columns: ColumnFile) -> Iterator[tuple[str, str, str]]:
    for title, entry in configuration.plausible_values.items():
        for first, second in itertools.combinations(entry.columns, 2):
            if np.array_equal(columns.column(first), columns.column(second), equal_nan=True):
                yield title, first, second


def role_account(configuration: Configuration, columns: ColumnFile) -> Roles:
    """Account of weights and plausible values, for the ledger."""
    return Roles(
        weights=tuple(
            _weight(name, columns.column(name)) for name in weight_columns(configuration)
        ),
        plausible_values=tuple(
            _plausible_values(title, entry.columns, columns)
            for title, entry in configuration.plausible_values.items()
        ),
    )


def weight_columns(configuration: Configuration) -> tuple[str, ...]:
    """Columns of the clean tables with weights of units and rows."""
    sampling = configuration.sampling
    return tuple(entry.column for entry in sampling.weights.values()) if sampling else ()


def _weight(name: str, values: np.ndarray) -> Weight:
    present = values[~np.isnan(values)]
    squares = float(np.sum(present**2))
    return Weight(
        variable=name,
        n=len(present),
        missing=len(values) - len(present),
        zero=int((present == 0).sum()),
        sum=float(present.sum()),
        effective_n=float(present.sum() ** 2 / squares) if squares else None,
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
