"""The criterion near some covariances of the random terms, as a quadratic in their entries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.statistics.likelihood.covariance import triangle


@dataclass(frozen=True)
class Quadratic:
    """The criterion near some covariances.

    Attributes
    ----------
    at : ndarray (m,)
        The covariances, the lower triangle of each relative covariance column by column.
    slope : ndarray (m,)
        Derivatives there.
    bend : ndarray (m, m)
        Second derivatives.
    """

    at: np.ndarray
    slope: np.ndarray
    bend: np.ndarray

    def change(self, entries: np.ndarray) -> tuple[float, np.ndarray]:
        """By how much the criterion differs at other covariances (m,), and its slope (m,)."""
        moved = entries - self.at
        along = self.bend @ moved
        return float(moved @ (self.slope + 0.5 * along)), self.slope + along

    def damped(self, share: float) -> Quadratic:
        """The same, more curved by a share of the curvature by each entry."""
        more = share * np.diag(np.diagonal(self.bend))
        return Quadratic(self.at, self.slope, self.bend + more)


def entries_of(covariances: list[np.ndarray]) -> np.ndarray:
    """The lower triangle of each covariance (q, q), column by column."""
    parts = [own[triangle(len(own))] for own in covariances]
    return np.concatenate(parts) if parts else np.zeros(0)


def matrices(slopes: np.ndarray, sizes: list[int]) -> list[np.ndarray]:
    """Derivatives (q, q) by each covariance, symmetric, from those by entries (m,)."""
    out, first = [], 0
    for size in sizes:
        rows, columns = triangle(size)
        own = slopes[first : first + rows.size] * np.where(rows == columns, 1.0, 0.5)
        matrix = np.zeros((size, size))
        matrix[rows, columns] = matrix[columns, rows] = own
        out.append(matrix)
        first += rows.size
    return out
