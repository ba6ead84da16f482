"""Sampling weights and plausible values: checked and carried; models do not use them yet."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from mlm.configuration.models import Configuration
from mlm.rows.cleaning.delivery import Delivery
from mlm.rows.cleaning.store import ColumnFile
from mlm.rows.cleaning.units import UnitOrder
from mlm.rows.messages import FIRST_CASES, counted


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
    for name in configuration.weights:
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
    for title, names in configuration.plausible_values.items():
        for first, second in itertools.combinations(names, 2):
            if np.array_equal(columns.column(first), columns.column(second), equal_nan=True):
                yield title, first, second


def role_account(configuration: Configuration, columns: ColumnFile) -> dict:
    """Account of weights and plausible values, for the ledger.

    Returns
    -------
    dict
        ``weights``: by name n, missing, zero, sum and effective_n (Kish: squared sum over sum of
        squares); ``plausible_values``: by title the rows that have all, some or none of them.
    """
    weights = {}
    for name in configuration.weights:
        values = columns.column(name)
        present = values[~np.isnan(values)]
        squares = float(np.sum(present**2))
        weights[name] = {
            "n": len(present),
            "missing": len(values) - len(present),
            "zero": int((present == 0).sum()),
            "sum": float(present.sum()),
            "effective_n": float(present.sum() ** 2 / squares) if squares else None,
        }
    plausible = {}
    for title, names in configuration.plausible_values.items():
        n_present = sum((~np.isnan(columns.column(name))).astype(int) for name in names)
        plausible[title] = {
            "values": list(names),
            "all": int((n_present == len(names)).sum()),
            "some": int(((n_present > 0) & (n_present < len(names))).sum()),
            "none": int((n_present == 0).sum()),
        }
    return {"weights": weights, "plausible_values": plausible}
