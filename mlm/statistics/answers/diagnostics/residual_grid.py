"""Grids that residuals are summed on: of their own size, and along a variable."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mlm.results.residuals import BinnedResiduals

# standard deviations on either side that the grids cover; what is beyond is at the end
GRID_REACH = 8.0
CELLS = 1024  # cells of a grid: 1/64 of a standard deviation each
PARTS = 10  # tenths of the rows along the fixed part or a variable
EDGES = np.linspace(-GRID_REACH, GRID_REACH, CELLS + 1)


def cells_of(values: np.ndarray) -> np.ndarray:
    """Cell of each value in standard deviations: 0 and the last are beyond the grid."""
    places = np.floor((values + GRID_REACH) * (CELLS / (2 * GRID_REACH)))
    return (np.clip(places, -1, CELLS) + 1).astype(np.intp)


@dataclass
class Along:
    """Sums by cell of a variable: n, precision, variable, residual, squared standard residual.

    Attributes
    ----------
    centre, scale : float
        Mean and standard deviation of the variable, which the grid is laid by.
    sums : ndarray (5, cells)
        The residual is multiplied by the precision of its row, which is 1 where none is known.
    """

    centre: float
    scale: float
    sums: np.ndarray = field(default_factory=lambda: np.zeros((5, CELLS + 2)))

    def add(self, values: np.ndarray, residual: np.ndarray, square: np.ndarray, precision) -> None:
        """Add rows: the variable, residuals times precision, standardised squares, precision.

        Parameters
        ----------
        values : ndarray (n,)
            The variable.
        residual : ndarray (n,)
            Residuals times precision.
        square : ndarray (n,)
            Squares of the standardised residuals.
        precision : ndarray (n,)
            Precision of each row.
        """
        cells = cells_of((values - self.centre) / (self.scale or 1.0))
        summed = (None, precision, values, residual, square)
        for total, weights in zip(self.sums, summed, strict=True):
            total += np.bincount(cells, weights, minlength=CELLS + 2)

    def parts(self, sigma: float) -> tuple[BinnedResiduals, ...]:
        """Tenths of the rows, as nearly as cells allow: place, rows, mean and spread."""
        counts = self.sums[0]
        middle = (np.cumsum(counts) - counts / 2) / max(counts.sum(), 1.0)
        part = np.minimum((middle * PARTS).astype(int), PARTS - 1)
        out = []
        for i in range(PARTS):
            n, precision, place, residual, square = self.sums[:, part == i].sum(axis=1).tolist()
            if n:
                sd = sigma * float(np.sqrt(square / n))
                error = sd / float(np.sqrt(precision))
                mean = residual / precision
                out.append(
                    BinnedResiduals(rows=int(n), at=place / n, mean=mean, std_error=error, sd=sd)
                )
        return tuple(out)
