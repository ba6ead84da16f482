"""Rows that count in a sample and lack what each of them needs: strata, clusters, replicates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mlm.configuration.models import Configuration
from mlm.configuration.sampled.columns import sampled_columns, weight_columns
from mlm.errors import listed
from mlm.rows.cleaning.delivery import Delivery
from mlm.rows.cleaning.store import ColumnFile
from mlm.rows.cleaning.units import UnitOrder
from mlm.rows.messages import counted


def lacking_problems(
    configuration: Configuration,
    columns: ColumnFile,
    delivery: Delivery,
    units: UnitOrder,
    row: np.ndarray,
) -> Iterator[str]:
    """Missing ids of strata and clusters, replicate weights that are missing or negative.

    Rows with a weight of zero, or none, need none of these.

    Parameters
    ----------
    configuration, delivery
        The survey, and where the rows come from.
    columns : ColumnFile
        Values in sorted order.
    units : UnitOrder
        The sorted rows.
    row : ndarray of int (N,)
        Numbers of the stored rows among all rows read.
    """
    if configuration.sampling is None:
        return
    counts = np.ones(len(units.rows), dtype=bool)
    for name in weight_columns(configuration):
        counts &= columns.column(name) > 0.0

    def told(found: np.ndarray) -> str:
        places = delivery.places(row[units.rows[found]])
        return f"{counted(int(found.sum()), 'row')} with a weight ({places})"

    for name, column in sampled_columns(configuration).items():
        found = counts & (columns.column(name) < 0) if column.is_text else counts[:0]
        if found.any():
            yield (
                f"{name}: missing in {told(found)}; each needs one: correct the cells, or give "
                "rows that are not of the sample a weight of zero"
            )
    known = configuration.sampling.replicates
    names = known.columns.columns if known is not None and known.columns is not None else ()
    wrong, found = [], np.zeros(len(units.rows), dtype=bool)
    for name in names:
        own = counts & ~(columns.column(name) >= 0.0)
        wrong += [name] if own.any() else []
        found |= own
    if wrong:
        yield (
            f"replicate weights ({listed(wrong)}) are missing or negative in {told(found)}; "
            "expected zero or more in each"
        )
