"""Values of variables that do not vary within units, from the sums of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.nouns.columns import Column
from mlm.statistics.imputation.aligned import Aligned
from mlm.statistics.imputation.group_means import SHARE_WITHIN

ROWS_OF_A_UNIT = 1.5  # of a unit on average, below which units are the rows


@dataclass(frozen=True)
class UnitValues:
    """Stored columns that do not vary within the units of a level.

    Attributes
    ----------
    level : int
        The level, outermost first.
    values : ndarray (m, G)
        By unit; NaN where no row has the variable.
    """

    level: int
    values: np.ndarray


def unit_values(aligned: Aligned, columns: Sequence[Column]) -> UnitValues | None:
    """Columns of one variable at the outermost level at which they do not vary; None: at none.

    Parameters
    ----------
    aligned : Aligned
        Sums by pattern.
    columns : sequence of Column
        Stored columns of one variable: its own, or indicators.
    """
    positions = [aligned.sums.columns.positions[column] for column in columns]
    rows, squares = 0.0, np.zeros(len(positions))
    sums = [np.zeros((len(positions), size)) for size in aligned.sizes]
    counts = [np.zeros(size) for size in aligned.sizes]
    for pattern in aligned.patterns:
        place = {column: i for i, column in enumerate(pattern.columns.tolist())}
        if positions[0] not in place:
            continue
        own = [place[column] for column in positions]
        rows += pattern.stats.n_obs
        squares += np.diagonal(pattern.stats.total)[own]
        for level, places in enumerate(pattern.places):
            table = pattern.stats.levels[level].sums[0]
            sums[level][:, places] += table[:, own].T
            counts[level][places] += table[:, 0]
    if not rows:
        return None
    around = squares - sums[0].sum(axis=1) ** 2 / rows
    for level, (own, n) in enumerate(zip(sums, counts, strict=True)):
        there = n > 0.0
        within = squares - np.sum(own[:, there] ** 2 / n[there], axis=1)
        if rows >= ROWS_OF_A_UNIT * there.sum() and (within <= SHARE_WITHIN * around).all():
            values = np.full(own.shape, np.nan)
            values[:, there] = own[:, there] / n[there]
            return UnitValues(level, values)
    return None
