"""Groups of the rows of a batch, kept once for a run of rows that share them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.rows.accumulating.batches import Coded

LONG_RUN = 8  # mean rows of a run from which runs are kept instead of rows


@dataclass(frozen=True)
class Runs:
    """What is known of each of n rows, stored by run where runs are long.

    Attributes
    ----------
    values : ndarray or Coded (r,)
        One entry a run, or one a row.
    starts : ndarray of int (r,) or None
        First row of each run; None when there is one entry a row.
    n : int
        Number of rows.
    """

    values: np.ndarray | Coded
    starts: np.ndarray | None
    n: int

    def part(self, rows: slice) -> Runs:
        """The same for some rows that follow each other."""
        n = rows.stop - rows.start
        if self.starts is None:
            return Runs(self.values[rows], None, n)
        first = int(np.searchsorted(self.starts, rows.start, "right")) - 1
        last = int(np.searchsorted(self.starts, rows.stop, "left"))
        starts = self.starts[first:last] - rows.start
        starts[0] = 0
        return Runs(self.values[first:last], starts, n)

    def by_row(self) -> np.ndarray:
        """One entry a row, shape (n,)."""
        if self.starts is None:
            return self.values
        return np.repeat(self.values, np.diff(self.starts, append=self.n))


def runs_of(column: np.ndarray | Coded) -> Runs:
    """The runs of equal values of a column without missing values."""
    keys = column.codes if isinstance(column, Coded) else column
    changes = keys[1:] != keys[:-1]
    if (np.count_nonzero(changes) + 1) * LONG_RUN > keys.size:
        return Runs(column, None, keys.size)
    starts = np.concatenate([[0], np.flatnonzero(changes) + 1])
    return Runs(column[starts], starts, keys.size)


def together(a: Runs, b: Runs) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Values of two for the same runs, or for the same rows, and the starts of these runs."""
    if a.starts is None or b.starts is None:
        return a.by_row(), b.by_row(), None
    if a.starts is b.starts:
        return a.values, b.values, a.starts
    is_start = np.zeros(a.n, dtype=bool)
    is_start[a.starts] = is_start[b.starts] = True
    starts = np.flatnonzero(is_start)
    of_a = np.searchsorted(a.starts, starts, "right") - 1
    of_b = np.searchsorted(b.starts, starts, "right") - 1
    return a.values[of_a], b.values[of_b], starts
