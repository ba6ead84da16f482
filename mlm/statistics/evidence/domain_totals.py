"""Weighted totals of the outcome by wave, category and cluster: what means and shares come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.results.coefficient import Factor


@dataclass(frozen=True)
class DomainCell:
    """Rows of a wave, or those of a category of a variable in it.

    Attributes
    ----------
    wave : str
        The wave.
    variable, category : str or None
        None: all rows of the wave.
    """

    wave: str
    variable: str | None = None
    category: str | None = None


@dataclass(frozen=True)
class DomainTotals:
    """Totals of cells by cluster; of each cell the clusters alone that have rows in it.

    The k columns are the sum of the weights, M sums of the outcome and M of its squares, one a
    draw, and for each cut the weights of rows at or above it, one a draw.

    Attributes
    ----------
    cells : tuple of DomainCell
        D of them.
    draws : int
        Draws M of the outcome; 1 where it is observed.
    cuts : tuple of float
        In units of the outcome.
    clusters : ndarray of str (C,)
        Ids of each cluster, joined by colons.
    waves : ndarray of int (C,)
        Wave of the rows of each cluster; -1: it has rows in several.
    strata : ndarray of str (C,) or None
        Stratum of each; None: there are none.
    cell, cluster : ndarray of int (P,)
        Of each part.
    rows : ndarray of int (P,)
        Rows of each part.
    totals : ndarray (P, k)
        Totals of each part.
    squares : ndarray (P,)
        Sums of squared weights.
    replicated : ndarray (R, D, k) or None
        Totals of the cells in each replicate, where these are not of whole clusters.
    dropped : dict of str to int
        Rows left out, by the column without a value, or without a weight.
    ids : tuple of str
        Id columns of the clusters, outermost first.
    origin : float
        What was taken off the outcome before it was summed.
    """

    cells: tuple[DomainCell, ...]
    draws: int
    cuts: tuple[float, ...]
    clusters: np.ndarray
    waves: np.ndarray
    strata: np.ndarray | None
    cell: np.ndarray
    cluster: np.ndarray
    rows: np.ndarray
    totals: np.ndarray
    squares: np.ndarray
    replicated: np.ndarray | None
    dropped: dict[str, int]
    ids: tuple[str, ...] = ()
    origin: float = 0.0

    @property
    def size(self) -> int:
        """Number of cells D."""
        return len(self.cells)

    def summed(self, values: np.ndarray) -> np.ndarray:
        """Sums (D, ...) over the parts of each cell of values (P, ...)."""
        out = np.zeros((self.size, *values.shape[1:]), dtype=values.dtype)
        np.add.at(out, self.cell, values)
        return out

    @property
    def whole(self) -> np.ndarray:
        """Totals (D, k) of the cells."""
        return self.summed(self.totals)

    @property
    def n_rows(self) -> np.ndarray:
        """Rows (D,) of the cells."""
        return self.summed(self.rows)

    @property
    def n_clusters(self) -> np.ndarray:
        """Clusters (D,) with rows in each cell."""
        return np.bincount(self.cell, minlength=self.size)

    def columns(self, what: int | None) -> list[int]:
        """Columns of the totals, one a draw: of the outcome (None), or of a cut by its place."""
        first = 1 if what is None else 1 + (2 + what) * self.draws
        return list(range(first, first + self.draws))

    @property
    def moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Weighted mean and standard deviation (D,) of the outcome, means over the draws.

        The variance has the divisor ``W (n - 1) / n``, W the sum of the weights of n rows.
        """
        whole, m = self.whole, self.draws
        weights, n = whole[:, :1], self.n_rows[:, None].astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):  # of cells without rows
            means = whole[:, 1 : 1 + m] / weights
            squares = whole[:, 1 + m : 1 + 2 * m] / weights - means**2
            variances = np.maximum(squares, 0.0) * n / (n - 1.0)
        return self.origin + means.mean(axis=1), np.sqrt(variances.mean(axis=1))


@dataclass(frozen=True)
class CovariateTotals:
    """Totals of the c columns of covariates, of the rows that have them all and the outcome.

    Attributes
    ----------
    columns : tuple of Factor
        The covariate of each column, and its category.
    totals : DomainTotals
        Its first draw is the outcome, the others are the columns.
    """

    columns: tuple[Factor, ...]
    totals: DomainTotals
