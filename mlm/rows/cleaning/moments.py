"""Mean, spread and ends of a column, block by block: the same whatever the rows come from."""

from __future__ import annotations

import numpy as np

from mlm.results.survey.account import NumberSummary
from mlm.rows.cleaning.spikes import is_far, is_usual_code

BLOCK_ROWS = 1 << 18
"""Rows of a wave, in the order of their ids, that are put together at a time."""


class Moments:
    """Number of values, their mean, sum of squares around it, least and largest.

    Source
    ------
    Blocks are put together as by Chan, Golub & LeVeque (1983), The American Statistician 37,
    242-247, eq. 1.5.
    """

    def __init__(self) -> None:
        self.n, self._mean, self._squares = 0, 0.0, 0.0
        self.low, self.high = np.inf, -np.inf

    @classmethod
    def of(cls, values: np.ndarray) -> Moments:
        """Those of a column (n,), NaN where missing."""
        moments = cls()
        for start in range(0, len(values), BLOCK_ROWS):
            moments.add(values[start : start + BLOCK_ROWS])
        return moments

    def add(self, block: np.ndarray) -> None:
        """Add the next block of rows, NaN where missing."""
        values = block[~np.isnan(block)]
        if not len(values):
            return
        n, mean = len(values), float(values.mean())
        squares = float(np.square(values - mean).sum())
        self.low, self.high = min(self.low, values.min()), max(self.high, values.max())
        if self.n:
            total, apart = self.n + n, mean - self._mean
            squares += self._squares + apart * apart * (self.n * n / total)
            mean = self._mean + apart * (n / total)
            n = total
        self.n, self._mean, self._squares = n, mean, squares

    def summary(self, name: str) -> NumberSummary:
        """What the ledger says of a variable."""
        return NumberSummary(
            variable=name,
            n=self.n,
            mean=self._mean if self.n else None,
            sd=float(np.sqrt(self._squares / (self.n - 1))) if self.n > 1 else None,
        )


class CodesSeen:
    """Numbers of a column that are a usual code for missing, and the ends of all others."""

    def __init__(self) -> None:
        self._cells: dict[float, int] = {}
        self._low, self._high = np.inf, -np.inf

    def add(self, values: np.ndarray) -> None:
        """Add some rows (n,), NaN where missing."""
        is_code = is_usual_code(values)
        others = values[np.isfinite(values) & ~is_code]
        if len(others):
            self._low, self._high = min(self._low, others.min()), max(self._high, others.max())
        for code, n in zip(*np.unique(values[is_code], return_counts=True), strict=True):
            self._cells[float(code)] = self._cells.get(float(code), 0) + int(n)

    def suspect(self) -> list[tuple[float, int]]:
        """Codes far from all others, in order, with the cells that hold them."""
        codes = sorted(self._cells)
        far = is_far(np.array(codes), self._low, self._high)
        return [(code, self._cells[code]) for code, found in zip(codes, far, strict=True) if found]
