"""Draws of a score that are no draws: copies of each other, or computed from the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.errors import ModelError
from mlm.nouns.columns import Column
from mlm.nouns.plausible_values import PlausibleValues
from mlm.statistics.evidence.crossproducts import CrossProducts

COPY = 1e-10  # variance of what is left of a draw, over its own, below which nothing is


def refuse_copies(score: PlausibleValues, stats: CrossProducts) -> None:
    """Refuse draws that are equal, or computed from the others, such as their mean.

    They would say that the score is known better than it is: draws are independent given the test.
    """
    if any(_column(name) not in stats.columns.positions for name in score.columns):
        return
    spread = _covariance(score.columns, stats)
    deviations = np.sqrt(np.maximum(np.diagonal(spread), 1e-300))
    related = spread / np.outer(deviations, deviations)
    for i, later in enumerate(score.columns):
        for j, earlier in enumerate(score.columns[:i]):
            apart = spread[i, i] + spread[j, j] - 2.0 * spread[i, j]
            if apart <= COPY * spread[i, i]:
                raise ModelError(
                    f"plausible values of {score.name}: {later} holds the same values as "
                    f"{earlier}. Each draw is a column of its own: check the file, or how the "
                    "columns were made."
                )
    for i, name in enumerate(score.columns):
        others = [j for j in range(len(score)) if j != i]
        inner, own = related[np.ix_(others, others)], related[others, i]
        if 1.0 - own @ np.linalg.lstsq(inner, own, rcond=None)[0] <= COPY:
            raise ModelError(
                f"plausible values of {score.name}: {name} is told exactly by the other columns, "
                "as where one is the mean of the others. Name the draws alone."
            )


def _column(name: str) -> Column:
    return Column(powers=((name, "identity", 1),))


def _covariance(names: Sequence[str], stats: CrossProducts) -> np.ndarray:
    """Covariance of some columns over the rows, in their units."""
    columns = stats.columns
    places = [columns.positions[_column(name)] for name in names]
    units = np.array([columns.scales[name, "identity"][1] for name in names])
    n, sums = stats.total[0, 0], stats.total[0, places]
    products = stats.total[np.ix_(places, places)] / n - np.outer(sums, sums) / n**2
    return products * np.outer(units, units)
