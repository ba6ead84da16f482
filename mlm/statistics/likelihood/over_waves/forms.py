"""Forms of a covariance over waves: the correlation matrices that a few parameters make.

The names are those of SAS and of the R package mmrm. A covariance over T waves has standard
deviations, one for all waves or one for each, and correlations in parameters without bounds:

    us     any                        diag   none
    cs     the same for all pairs     csh    the same, standard deviations by wave
    ar1    r^|s - t|                  ar1h   the same, standard deviations by wave
    toeph  by |s - t|                 adh    products of those of neighbouring waves

All functions take complex parameters too, so that derivatives are exact (complex steps).

Sources
-------
Jennrich and Schluchter (1986), Biometrics 42, 805-820; Zimmerman and Nunez-Anton (2009),
Antedependence Models for Longitudinal Data, chapter 3; Barndorff-Nielsen and Schou (1973), Journal
of Multivariate Analysis 3, 408-419 (stationary correlations from partial ones).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mlm.statistics.likelihood.covariance import triangle

COMPLEX_STEP = 1e-30
FIRST_CORRELATION = 0.3
FIRST_SD = 0.5  # of effects, relative to the residual


def _exchangeable(p: np.ndarray, size: int) -> np.ndarray:
    least = -1.0 / (size - 1)
    r = least + (1.0 - least) / (1.0 + np.exp(-p[0]))
    return (1.0 - r) * np.eye(size) + r * np.ones((size, size))


def _decaying(p: np.ndarray, size: int) -> np.ndarray:
    return _products(np.tanh(np.repeat(p, size - 1)))


def _antedependent(p: np.ndarray, size: int) -> np.ndarray:
    return _products(np.tanh(p))


def _products(neighbours: np.ndarray) -> np.ndarray:
    """Correlations that are products of those of the neighbours between."""
    size = neighbours.size + 1
    out = np.eye(size, dtype=neighbours.dtype)
    for i in range(size):
        out[i, i + 1 :] = out[i + 1 :, i] = np.cumprod(neighbours[i:])
    return out


def _stationary(p: np.ndarray, size: int) -> np.ndarray:
    """Correlations by distance from partial ones, which may have any values (Durbin, Levinson)."""
    partial = np.tanh(p)
    by_distance, weights = [np.ones((), partial.dtype)], np.zeros(0, partial.dtype)
    for value in partial:
        past = np.array(by_distance)
        left = 1.0 - weights @ past[1:]
        by_distance.append(value * left + weights @ past[1:][::-1])
        weights = np.append(weights - value * weights[::-1], value)
    places = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    return np.array(by_distance)[places]


def _independent(p: np.ndarray, size: int) -> np.ndarray:
    return np.eye(size)


@dataclass(frozen=True)
class CovarianceForm:
    """One form of a covariance over waves.

    Attributes
    ----------
    name : str
    correlations : callable or None
        Correlation matrix (T, T) from parameters and T; None: the Cholesky factor has them.
    n_correlations : callable
        From T to their number.
    by_wave : bool
        Whether each wave has a standard deviation of its own.
    """

    name: str
    correlations: Callable[[np.ndarray, int], np.ndarray] | None
    n_correlations: Callable[[int], int]
    by_wave: bool

    def bounded(self, size: int, is_scaled: bool) -> np.ndarray:
        """Which parameters are bounded by zero.

        Parameters
        ----------
        size : int
            Waves T.
        is_scaled : bool
            Whether the first standard deviation is one: the residual variance is its scale.
        """
        if self.correlations is None:
            return np.equal(*triangle(size))[int(is_scaled) :]
        sds = (size if self.by_wave else 1) - int(is_scaled)
        return np.arange(sds + self.n_correlations(size)) < sds

    def start(self, size: int, is_scaled: bool) -> np.ndarray:
        """Parameters with moderate correlations and equal standard deviations."""
        sd = 1.0 if is_scaled else FIRST_SD
        if self.correlations is None:
            r = FIRST_CORRELATION
            common = np.linalg.cholesky((1.0 - r) * np.eye(size) + r * np.ones((size, size)))
            return sd * common[triangle(size)][int(is_scaled) :]
        bounded = self.bounded(size, is_scaled)
        return np.where(bounded, sd, np.arctanh(FIRST_CORRELATION / max(size - 1, 1)))

    def matrix(self, p: np.ndarray, size: int, is_scaled: bool) -> np.ndarray:
        """The covariance (T, T) at parameters (m,)."""
        if is_scaled and (self.by_wave or self.correlations is not None):
            p = np.concatenate([np.ones(1, p.dtype), p])
        if self.correlations is None:
            half = np.zeros((size, size), p.dtype)
            half[triangle(size)] = p
            return half @ half.T
        sds = p[:size] if self.by_wave else np.repeat(p[:1], size)
        correlations = self.correlations(p[size if self.by_wave else 1 :], size)
        return sds[:, None] * correlations * sds

    def derivatives(self, p: np.ndarray, size: int, is_scaled: bool) -> np.ndarray:
        """Derivative of the covariance by each parameter, (m, T, T)."""
        steps = p + 1j * COMPLEX_STEP * np.eye(p.size)
        parts = [self.matrix(step, size, is_scaled).imag for step in steps]
        return np.array(parts).reshape(p.size, size, size) / COMPLEX_STEP


FORMS = {
    form.name: form
    for form in (
        CovarianceForm("us", None, lambda size: 0, True),
        CovarianceForm("cs", _exchangeable, lambda size: 1, False),
        CovarianceForm("csh", _exchangeable, lambda size: 1, True),
        CovarianceForm("ar1", _decaying, lambda size: 1, False),
        CovarianceForm("ar1h", _decaying, lambda size: 1, True),
        CovarianceForm("toeph", _stationary, lambda size: size - 1, True),
        CovarianceForm("adh", _antedependent, lambda size: size - 1, True),
        CovarianceForm("diag", _independent, lambda size: 0, True),
    )
}
