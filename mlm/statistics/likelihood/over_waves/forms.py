"""Forms of a covariance over waves: the correlation matrices that a few parameters make.

The names are those of SAS and of the R package mmrm. A covariance over T waves has standard
deviations, one for all waves or one for each, and correlations in parameters without bounds:

    us     any                        diag   none
    cs     the same for all pairs     csh    the same, standard deviations by wave
    ar1    r^|s - t|                  ar1h   the same, standard deviations by wave
    toeph  by |s - t|                 adh    products of those of neighbouring waves

Correlations take complex parameters too, so that derivatives are exact (complex steps).

Sources
-------
Jennrich and Schluchter (1986), Biometrics 42, 805-820; Zimmerman and Nunez-Anton (2009),
Antedependence Models for Longitudinal Data, chapter 3; Barndorff-Nielsen and Schou (1973), Journal
of Multivariate Analysis 3, 408-419 (stationary correlations from partial ones).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from mlm.statistics.likelihood.covariance import triangle

COMPLEX_STEP = 1e-30
FIRST_CORRELATION = 0.3
FIRST_SD = 0.5  # of effects, relative to the residual
LEAST_SD = 0.05  # relative to the largest, and
FARTHEST = 1e-4  # distance from the ends of correlations, at which a search begins


@cache
def _distances(size: int) -> np.ndarray:
    """Waves (T, T) between two waves."""
    return np.abs(np.subtract.outer(np.arange(size), np.arange(size)))


def _logit_of_common(r: np.ndarray) -> np.ndarray:
    """Parameter of the correlation that all pairs have in common, from correlations (T, T)."""
    size = len(r)
    least = -1.0 / (size - 1)
    common = (r.sum() - size) / (size * (size - 1))
    share = np.clip((common - least) / (1.0 - least), FARTHEST, 1.0 - FARTHEST)
    return np.array([np.log(share / (1.0 - share))])


def _angle(r: np.ndarray) -> np.ndarray:
    return np.arctanh(np.clip(r, FARTHEST - 1.0, 1.0 - FARTHEST))


def _angle_of_neighbours(r: np.ndarray) -> np.ndarray:
    return _angle(np.diagonal(r, 1).mean(keepdims=True))


def _angles_of_neighbours(r: np.ndarray) -> np.ndarray:
    return _angle(np.diagonal(r, 1))


def _angles_of_partial(r: np.ndarray) -> np.ndarray:
    """Parameters of the partial correlations of correlations (T, T), averaged by distance."""
    by_distance = np.array([np.diagonal(r, k).mean() for k in range(len(r))])
    whole = by_distance[_distances(len(r))]
    partial = []
    for k in range(1, len(r)):
        inner, ends = whole[1:k, 1:k], whole[1:k, [0, k]]
        left = whole[np.ix_([0, k], [0, k])] - ends.T @ np.linalg.solve(inner, ends)
        partial.append(left[0, 1] / np.sqrt(left[0, 0] * left[1, 1]))
    return _angle(np.array(partial))


def _exchangeable(p: np.ndarray, size: int) -> np.ndarray:
    least = -1.0 / (size - 1)
    r = least + (1.0 - least) * 0.5 * (1.0 + np.tanh(0.5 * p[0]))
    return (1.0 - r) * np.eye(size) + r * np.ones((size, size))


def _decaying(p: np.ndarray, size: int) -> np.ndarray:
    powers = np.cumprod(np.concatenate([np.ones(1, p.dtype), np.tanh(np.repeat(p, size - 1))]))
    return powers[_distances(size)]


def _slope_of_tanh(x: float) -> float:
    """``1 - tanh(x)^2``, with all its digits however far x is."""
    least = np.exp(-abs(x))
    return (2.0 * least / (1.0 + least * least)) ** 2


def _by_common(p: np.ndarray, size: int) -> np.ndarray:
    """Derivative (1, T, T) of the correlations that all pairs have in common."""
    slope = (1.0 + 1.0 / (size - 1)) * 0.25 * _slope_of_tanh(0.5 * p[0])
    return slope * (1.0 - np.eye(size))[None]


def _by_decay(p: np.ndarray, size: int) -> np.ndarray:
    """The same of correlations that decay with the distance."""
    r = np.tanh(p[0])
    powers = np.cumprod(np.append(1.0, np.full(size - 2, r)))
    slopes = np.append(0.0, np.arange(1, size) * powers) * _slope_of_tanh(p[0])
    return slopes[_distances(size)][None]


def _antedependent(p: np.ndarray, size: int) -> np.ndarray:
    return products(np.tanh(p))


@cache
def _lines(size: int) -> np.ndarray:
    """For each wave a matrix (T, T) that is one in its row."""
    return np.eye(size)[:, :, None] * np.ones(size)


def _by_factor(whole: np.ndarray, size: int) -> np.ndarray:
    """Derivatives (m, T, T) of ``H H'`` by the entries of its Cholesky factor H."""
    half, (rows, columns) = np.zeros((size, size)), triangle(size)
    half[rows, columns] = whole
    out = np.zeros((whole.size, size, size))
    out[np.arange(whole.size), rows] = half[:, columns].T
    return out + out.transpose(0, 2, 1)


def products(neighbours: np.ndarray) -> np.ndarray:
    """Correlations (T, T) that are products of those of the neighbours between.

    Parameters
    ----------
    neighbours : ndarray (T - 1,)
        Correlations of neighbouring waves.
    """
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
    return np.array(by_distance)[_distances(size)]


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
    nearby : callable or None
        Parameters of the correlations near a correlation matrix (T, T).
    slopes : callable or None
        Derivative (k, T, T) of the correlations by their parameters; None: by complex steps.
    """

    name: str
    correlations: Callable[[np.ndarray, int], np.ndarray] | None
    n_correlations: Callable[[int], int]
    by_wave: bool
    nearby: Callable[[np.ndarray], np.ndarray] | None = None
    slopes: Callable[[np.ndarray, int], np.ndarray] | None = None

    def __reduce__(self):
        return form_of_name, (self.name,)

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

    def scale(self, covariance: np.ndarray) -> float:
        """The variance that is one where the form is scaled, from a covariance (T, T)."""
        variances = np.diagonal(covariance)
        return float(variances[0] if self.by_wave else variances.mean())

    def near(self, covariance: np.ndarray, is_scaled: bool) -> np.ndarray:
        """Parameters whose matrix is that covariance, or near it where it has another form.

        Parameters
        ----------
        covariance : ndarray (T, T)
            A covariance, which may have less than full rank; of scale one where ``is_scaled``.
        is_scaled : bool
            Whether the first standard deviation is one.
        """
        variances = np.diagonal(covariance)
        sds = np.sqrt(np.maximum(variances, LEAST_SD**2 * max(variances.max(), 1e-300)))
        correlations = covariance / np.outer(sds, sds)
        np.fill_diagonal(correlations, 1.0)
        lack = max(FARTHEST - float(np.linalg.eigvalsh(correlations)[0]), 0.0)
        inside = (correlations + lack * np.eye(sds.size)) / (1.0 + lack)
        if self.correlations is None:
            half = sds[:, None] * np.linalg.cholesky(inside)
            return half[triangle(sds.size)][int(is_scaled) :]
        own = sds if self.by_wave else np.sqrt(np.mean(sds**2, keepdims=True))
        rest = self.nearby(inside) if self.nearby else np.zeros(0)
        return np.concatenate([own[int(is_scaled) :], rest])

    def matrix(self, p: np.ndarray, size: int, is_scaled: bool) -> np.ndarray:
        """The covariance (T, T) at parameters (m,)."""
        whole = self._whole(p, is_scaled)
        if self.correlations is None:
            half = np.zeros((size, size), p.dtype)
            half[triangle(size)] = whole
            return half @ half.T
        sds, rest = self._parts(whole, size)
        return sds[:, None] * self.correlations(rest, size) * sds

    def derivatives(self, p: np.ndarray, size: int, is_scaled: bool) -> np.ndarray:
        """Derivative of the covariance by each parameter, (m, T, T)."""
        whole = self._whole(p, is_scaled)
        if self.correlations is None:
            out = _by_factor(whole, size)
            return out[whole.size - p.size :]
        sds, rest = self._parts(whole, size)
        correlations = self.correlations(rest, size)
        if self.by_wave:
            by_sd = np.einsum("kab,b->kab", _lines(size) * correlations, sds)
            by_sd += by_sd.transpose(0, 2, 1)
        else:
            by_sd = 2.0 * sds[0] * correlations[None]
        by_rest = sds[:, None] * self._slopes(rest, size) * sds
        return np.concatenate([by_sd, by_rest])[whole.size - p.size :]

    def _slopes(self, rest: np.ndarray, size: int) -> np.ndarray:
        """Derivative (k, T, T) of the correlations by their parameters."""
        if self.slopes is not None:
            return self.slopes(rest, size)
        steps = rest + 1j * COMPLEX_STEP * np.eye(rest.size)
        parts = [self.correlations(step, size).imag / COMPLEX_STEP for step in steps]
        return np.array(parts).reshape(rest.size, size, size)

    def _whole(self, p: np.ndarray, is_scaled: bool) -> np.ndarray:
        """All parameters, the first standard deviation among them where it is one."""
        is_one = is_scaled and (self.by_wave or self.correlations is not None)
        return np.concatenate([np.ones(1, p.dtype), p]) if is_one else p

    def _parts(self, whole: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Standard deviations (T,) and parameters of correlations."""
        if self.by_wave:
            return whole[:size], whole[size:]
        return np.repeat(whole[:1], size), whole[1:]


FORMS = {
    form.name: form
    for form in (
        CovarianceForm("us", None, lambda size: 0, True),
        CovarianceForm("cs", _exchangeable, lambda size: 1, False, _logit_of_common, _by_common),
        CovarianceForm("csh", _exchangeable, lambda size: 1, True, _logit_of_common, _by_common),
        CovarianceForm("ar1", _decaying, lambda size: 1, False, _angle_of_neighbours, _by_decay),
        CovarianceForm("ar1h", _decaying, lambda size: 1, True, _angle_of_neighbours, _by_decay),
        CovarianceForm("toeph", _stationary, lambda size: size - 1, True, _angles_of_partial),
        CovarianceForm("adh", _antedependent, lambda size: size - 1, True, _angles_of_neighbours),
        CovarianceForm("diag", _independent, lambda size: 0, True),
    )
}


def form_of_name(name: str) -> CovarianceForm:
    """The form of a name, which is all of it that is sent to another process."""
    return FORMS[name]
