"""The conditioning model of plausible values: a linear model, with effects of units or without.

With units the model has the means of its columns in each unit too, so that the regression within
units and that of their means are apart. Of a sample it is fitted with its weights: it is the model
of the population then, and weighted analyses of its draws are right however rows were selected.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.errors import ConfigurationError

NEARLY_DEPENDENT = 1e-8  # of a column's length, below which it says nothing new


@dataclass(frozen=True)
class Conditioning:
    """Columns of the rows, their units, and the weights of both.

    Attributes
    ----------
    columns : ndarray (n, p)
        Without an intercept, which the model has.
    units : ndarray of int (n,) or None
        Unit of each row, 0 to J - 1, each found; None: the model has no units.
    weights : ndarray (n,) or None
        Overall weight of each row; None: all the same.
    unit_weights : ndarray (n,) or None
        Weight of the unit of each row, constant in it; None: all the same.
    """

    columns: np.ndarray
    units: np.ndarray | None = None
    weights: np.ndarray | None = None
    unit_weights: np.ndarray | None = None

    def posterior(self, measured: np.ndarray) -> Posterior | PosteriorOfLevels:
        """What measurements (n, k) tell of the model.

        Raises
        ------
        ConfigurationError
            When rows or units are too few.
        """
        ones = np.ones((len(self.columns), 1))
        weights = ones[:, 0] if self.weights is None else self.weights / self.weights.mean()
        if self.units is None:
            model = _Projection.of(np.hstack([ones, self.columns]), weights)
            return Posterior(measured, model, _Scatter.of_independent(measured, model, "rows"))
        means = _Means(self.units, weights)
        within = _Projection.of(
            self.columns - means.of(self.columns)[self.units], weights, self.columns
        )
        between = _Projection.of(
            np.hstack([np.ones((means.counts.size, 1)), means.of(self.columns)]),
            self._weights_of_units(),
        )
        return PosteriorOfLevels(
            measured,
            means,
            within,
            between,
            _Scatter.inside_units(measured - means.of(measured)[self.units], within, means),
            _Scatter.of_independent(means.of(measured), between, "units"),
        )

    def _weights_of_units(self) -> np.ndarray:
        """Weights (J,) of the units."""
        first = np.unique(self.units, return_index=True)[1]
        if self.unit_weights is None:
            return np.ones(first.size)
        return self.unit_weights[first] / self.unit_weights[first].mean()


@dataclass(frozen=True)
class _Projection:
    """Weighted least squares on columns, by an orthonormal basis of the weighted columns."""

    columns: np.ndarray  # (n, p)
    weights: np.ndarray  # (n,)
    basis: np.ndarray  # (n, rank)

    @classmethod
    def of(
        cls, columns: np.ndarray, weights: np.ndarray, lengths: np.ndarray | None = None
    ) -> _Projection:
        root = np.sqrt(weights)[:, None]
        seen = None if lengths is None else root * lengths
        return cls(columns, weights, _basis(root * columns, seen))

    def fitted(self, values: np.ndarray) -> np.ndarray:
        """Values (n, k) that the columns predict."""
        root = np.sqrt(self.weights)[:, None]
        return self.basis @ (self.basis.T @ (root * values)) / root

    @property
    def taken(self) -> float:
        """What fitting takes from the expected weighted squares of noise with variance 1."""
        return float(np.sum(self.weights[:, None] * self.basis**2))


def _basis(columns: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
    """Orthonormal basis of columns, those left out that depend on the ones before."""
    length = np.linalg.norm(columns if lengths is None else lengths, axis=0)
    q, r = np.linalg.qr(columns)
    diagonal = np.zeros(columns.shape[1])
    diagonal[: len(r)] = np.abs(np.diag(r))
    return q[:, : columns.shape[1]][:, (diagonal > NEARLY_DEPENDENT * length)[: q.shape[1]]]


class _Means:
    """Weighted means of rows by unit, and how many equally weighted rows each is worth."""

    def __init__(self, units: np.ndarray, weights: np.ndarray):
        self.units, self.weights = units, weights
        self.sums = np.bincount(units, weights)
        self.counts = self.sums**2 / np.bincount(units, weights**2)

    def of(self, values: np.ndarray) -> np.ndarray:
        """Means (J, k) of values (n, k)."""
        sums = [np.bincount(self.units, self.weights * column) for column in values.T]
        return np.array(sums).reshape(values.shape[1], self.counts.size).T / self.sums[:, None]


@dataclass(frozen=True)
class _Scatter:
    """Residual squares and products of measurements, whose covariance is drawn from.

    They are scaled so that over their degrees of freedom they are the covariance without bias;
    weighted ones have the degrees of freedom of a sum of squares with unequal weights
    (Satterthwaite 1946, Biometrics Bulletin 2, 110-114).
    """

    root: np.ndarray  # (k, k), of the inverse
    df: float

    @classmethod
    def of_independent(cls, values: np.ndarray, model: _Projection, kind: str) -> _Scatter:
        """Of rows, or of means of units, that are independent."""
        weights = model.weights
        worth = weights.sum() ** 2 / np.sum(weights**2)
        return cls._scaled(values, model, weights.sum(), worth, 0, kind)

    @classmethod
    def inside_units(cls, values: np.ndarray, model: _Projection, means: _Means) -> _Scatter:
        """Of rows about the means of their units."""
        expected = means.sums * (1.0 - 1.0 / means.counts)
        free = np.where(means.counts > 1.0, means.counts - 1.0, np.inf)
        worth = expected.sum() ** 2 / max(np.sum(expected**2 / free), np.finfo(float).tiny)
        return cls._scaled(values, model, expected.sum(), worth, means.counts.size, "rows")

    @classmethod
    def _scaled(cls, values, model: _Projection, expected: float, worth: float, lost: int, kind):
        used, k = model.basis.shape[1], values.shape[1]
        df = worth - used
        if df <= k:
            raise ConfigurationError(
                f"simulate.plausible_values: {len(values)} {kind} for {used + lost} coefficients "
                "of the conditioning model; draw more, or leave out covariates or units"
            )
        rest = np.sqrt(model.weights)[:, None] * (values - model.fitted(values))
        scatter = rest.T @ rest * (df / (expected - model.taken))
        return cls(np.linalg.cholesky(np.linalg.inv(scatter)), df)

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
    model: _Projection
    scatter: _Scatter

    def drawn(self, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Expectations (n, k) and residual covariance (k, k) of measurements, drawn."""
        covariance = self.scatter.covariance(random)
        root = np.linalg.cholesky(covariance)
        noise = random.standard_normal(self.measured.shape) @ root.T
        return self.model.fitted(self.measured + noise), covariance


@dataclass(frozen=True)
class PosteriorOfLevels:
    """Posterior of a model with units: coefficients, and an effect of each unit.

    A draw is a draw from the prior, moved by what the model fits to what it leaves of the
    measurements (Matheron's rule).
    """

    measured: np.ndarray
    means: _Means
    within: _Projection
    between: _Projection
    of_rows: _Scatter
    of_units: _Scatter

    def drawn(self, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Expectations (n, k) and residual covariance (k, k) of measurements, drawn."""
        rows, counts = self.of_rows.covariance(random), self.means.counts
        of_means = np.average(1.0 / counts, weights=self.between.weights)
        own = self.of_units.covariance(random) - rows * of_means
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
            spread = variance + 1.0 / counts
            model = _Projection.of(self.between.columns, self.between.weights / spread)
            expected = model.fitted(canonical[:, [i]])[:, 0]
            share = variance / spread
            canonical[:, i] = expected + share * (canonical[:, i] - expected)
        return self.within.fitted(own) + (canonical @ root.T)[self.means.units]


def _canonical(rows: np.ndarray, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Root R and variances d with R R' the covariance of rows and R diag(d) R' that of units.

    Variances below zero, which estimates may have, are zero.
    """
    lower = np.linalg.cholesky(rows)
    inside = np.linalg.solve(lower, np.linalg.solve(lower, units).T)
    values, vectors = np.linalg.eigh(0.5 * (inside + inside.T))
    return lower @ vectors, np.clip(values, 0.0, None)
