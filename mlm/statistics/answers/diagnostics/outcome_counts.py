"""Counts of the outcome in cells of equal, round width, one row of counts a category."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from mlm.results.residuals import OutcomeCounts

CELLS_PER_SD = 4  # cells in a standard deviation, before their width is made round
REACH_OF_CELLS = 4  # standard deviations from the mean to the outermost cells
ROUND_WIDTHS = (1.0, 2.0, 5.0, 10.0)


class OutcomeSums:
    """Counts of the outcome over rows that are added batch by batch.

    Parameters
    ----------
    outcome : str
        Name of the outcome.
    mean, sd : float
        Of the outcome over all rows, from which the cells follow.
    """

    def __init__(self, outcome: str, mean: float, sd: float):
        self.outcome = outcome
        self._width = round_width(sd / CELLS_PER_SD)
        first = math.floor((mean - REACH_OF_CELLS * sd) / self._width)
        last = math.ceil((mean + REACH_OF_CELLS * sd) / self._width)
        self._first, self._cells = first, max(last - first, 1)
        self._counts: dict[str, np.ndarray] = {}

    def add(self, values: np.ndarray, codes: np.ndarray, names: list[str]) -> None:
        """Add rows.

        Parameters
        ----------
        values : ndarray (n,)
            Their outcome.
        codes : ndarray (n,)
            Places of their categories in `names`.
        names : list of str
        """
        places = np.floor(values / self._width).astype(np.int64) - self._first
        places = places.clip(0, self._cells - 1)
        for code in np.unique(codes):
            own = np.bincount(places[codes == code], minlength=self._cells)
            before = self._counts.setdefault(names[code], np.zeros(self._cells, dtype=np.int64))
            before += own

    def arrays(self) -> dict[str, np.ndarray]:
        """The counts, for :meth:`take` in another process."""
        counts = np.array(list(self._counts.values()), dtype=np.int64)
        categories = np.array(list(self._counts), dtype=str)
        return {"categories": categories, "counts": counts.reshape(-1, self._cells)}

    def take(self, part: Mapping[str, np.ndarray]) -> None:
        """Add the counts of other rows, in the same cells: ``arrays`` of theirs."""
        for name, counts in zip(part["categories"].tolist(), part["counts"], strict=True):
            self._counts[name] = self._counts.get(name, 0) + counts

    def counts(self, category: str) -> OutcomeCounts | None:
        """The counts of a category; None where it has no rows."""
        found = self._counts.get(category)
        if found is None:
            return None
        edges = [self._width * (self._first + i) for i in range(self._cells + 1)]
        return OutcomeCounts(edges=tuple(edges), rows=tuple(found.tolist()))


def round_width(least: float) -> float:
    """The smallest of 1, 2, 5, 10, ... (times a power of ten) that is not below `least`."""
    if not (least > 0 and math.isfinite(least)):
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    return next(part * power for part in ROUND_WIDTHS if part * power >= least * (1 - 1e-9))
