"""The conditioning model of plausible values: a linear model, with effects of units or without.

With units the model has the means of its columns in each unit too, so that the regression within
units and that of their means are apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.errors import ConfigurationError

NEARLY_DEPENDENT = 1e-8  # of a column's length, below which it says nothing new


@dataclass(frozen=True)
class Conditioning:
    """Columns of the rows, and their units.

    Attributes
    ----------
    columns : ndarray (n, p)
        Without an intercept, which the model has.
    units : ndarray of int (n,) or None
        Unit of each row, 0 to J - 1, each found; None: the model has no units.
    """

    columns: np.ndarray
    units: np.ndarray | None = None

    def posterior(self, measured: np.ndarray) -> Posterior | PosteriorOfLevels:
        """What measurements (n, k) tell of the model.

        Raises
        ------
        ConfigurationError
            When rows or units are too few.
        """
        ones = np.ones((len(self.columns), 1))
        if self.units is None:
            basis = _basis(np.hstack([ones, self.columns]))
            return Posterior(measured, basis, _Scatter.of(measured, basis, 0, "rows"))
        means = _Means(self.units)
        within = _basis(self.columns - means.of(self.columns)[self.units], self.columns)
        between = np.hstack([np.ones((means.counts.size, 1)), means.of(self.columns)])
        own = measured - means.of(measured)[self.units]
        return PosteriorOfLevels(
            measured,
            means,
            within,
            between,
            _Scatter.of(own, within, means.counts.size, "rows"),
            _Scatter.of(means.of(measured), _basis(between), 0, "units"),
        )


def _basis(columns: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
    """Orthonormal basis of columns, those left out that depend on the ones before."""
    length = np.linalg.norm(columns if lengths is None else lengths, axis=0)
    q, r = np.linalg.qr(columns)
    diagonal = np.zeros(columns.shape[1])
    diagonal[: len(r)] = np.abs(np.diag(r))
    return q[:, : columns.shape[1]][:, (diagonal > NEARLY_DEPENDENT * length)[: q.shape[1]]]


class _Means:
    """Means of rows by unit."""

    def __init__(self, units: np.ndarray):
        self.units, self.counts = units, np.bincount(units)

    def of(self, values: np.ndarray) -> np.ndarray:
        """Means (J, k) of values (n, k)."""
        sums = [np.bincount(self.units, column) for column in values.T]
        return np.array(sums).reshape(values.shape[1], self.counts.size).T / self.counts[:, None]


@dataclass(frozen=True)
class _Scatter:
    """Residual squares and products of measurements, whose covariance is drawn from."""

    root: np.ndarray  # (k, k), of the inverse
    df: int

    @classmethod
    def of(cls, values: np.ndarray, basis: np.ndarray, lost: int, kind: str) -> _Scatter:
        rest = values - basis @ (basis.T @ values)
        df = len(values) - basis.shape[1] - lost
        if df <= values.shape[1]:
            raise ConfigurationError(
                f"simulate.plausible_values: {len(values)} {kind} for {basis.shape[1] + lost} "
                "coefficients of the conditioning model; draw more, or leave out covariates or "
                "units"
            )
        return cls(np.linalg.cholesky(np.linalg.inv(rest.T @ rest)), df)

    def covariance(self, random: np.random.Generator) -> np.ndarray:
        """Covariance (k, k) from its posterior, an inverse Wishart (Bartlett's decomposition)."""
        k = len(self.root)
        lower = np.zeros((k, k))
        lower[np.diag_indices(k)] = np.sqrt(random.chisquare(self.df - np.arange(k)))
        below = np.tril_indices(k, -1)
        lower[below] = random.standard_normal(len(below[0]))
        product = self.root @ lower
        return np.linalg.inv(product @ product.T)


@dataclass(frozen=True)
class Posterior:
    """Posterior of a model without units, given measurements."""

    measured: np.ndarray
    basis: np.ndarray
    scatter: _Scatter

    def drawn(self, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Expectations (n, k) and residual covariance (k, k) of measurements, drawn."""
        covariance = self.scatter.covariance(random)
        root = np.linalg.cholesky(covariance)
        noise = random.standard_normal(self.measured.shape) @ root.T
        return self.basis @ (self.basis.T @ (self.measured + noise)), covariance


@dataclass(frozen=True)
class PosteriorOfLevels:
    """Posterior of a model with units: coefficients, and an effect of each unit.

    A draw is a draw from the prior, moved by what the model fits to what it leaves of the
    measurements (Matheron's rule).
    """

    measured: np.ndarray
    means: _Means
    within: np.ndarray
    between: np.ndarray
    of_rows: _Scatter
    of_units: _Scatter

    def drawn(self, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Expectations (n, k) and residual covariance (k, k) of measurements, drawn."""
        rows, counts = self.of_rows.covariance(random), self.means.counts
        own = self.of_units.covariance(random) - rows * np.mean(1.0 / counts)
        root, variances = _canonical(rows, own)
        k = len(rows)
        effects = random.standard_normal((counts.size, k)) * np.sqrt(variances) @ root.T
        noise = random.standard_normal(self.measured.shape) @ np.linalg.cholesky(rows).T
        left = self.measured - effects[self.means.units] - noise
        found = self._fitted(left, root, variances)
        return effects[self.means.units] + found, rows

    def _fitted(self, values: np.ndarray, root: np.ndarray, variances: np.ndarray) -> np.ndarray:
        """Best linear unbiased predictions (n, k) of values by columns and units."""
        means, counts = self.means.of(values), self.means.counts
        own = values - means[self.means.units]
        canonical = np.linalg.solve(root, means.T).T
        for i, variance in enumerate(variances):
            size = np.sqrt(variance + 1.0 / counts)
            basis = _basis(self.between / size[:, None])
            expected = size * (basis @ (basis.T @ (canonical[:, i] / size)))
            share = variance / size**2
            canonical[:, i] = expected + share * (canonical[:, i] - expected)
        return self.within @ (self.within.T @ own) + (canonical @ root.T)[self.means.units]


def _canonical(rows: np.ndarray, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Root R and variances d with R R' the covariance of rows and R diag(d) R' that of units.

    Variances below zero, which estimates may have, are zero.
    """
    lower = np.linalg.cholesky(rows)
    inside = np.linalg.solve(lower, np.linalg.solve(lower, units).T)
    values, vectors = np.linalg.eigh(0.5 * (inside + inside.T))
    return lower @ vectors, np.clip(values, 0.0, None)
