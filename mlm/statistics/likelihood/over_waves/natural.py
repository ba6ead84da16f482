"""Covariances over waves as functions of variances and correlations, with two derivatives.

Expected information and Kenward and Roger's method are in these parameters, as in SAS: variances,
and the correlations that a form has (of one pair of waves, of neighbours or by distance); of any
covariance its entries, and of ``cs`` the variance and the covariance that all pairs have in common.
At a correlation of one or a variance of zero they have derivatives where the parameters of a search
have none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mlm.statistics.likelihood.covariance import triangle
from mlm.statistics.likelihood.over_waves.forms import COMPLEX_STEP, FORMS, products

SECOND_STEP = 1e-4  # of a parameter, relative to its size or one: for second derivatives

Correlations = tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray, int], np.ndarray]]


def _common(r: np.ndarray, size: int) -> np.ndarray:
    return (1.0 - r[0]) * np.eye(size) + r[0] * np.ones((size, size))


def _by_distance(r: np.ndarray, size: int) -> np.ndarray:
    places = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    return np.concatenate([np.ones(1), r])[places]


FIRST_PAIR: Correlations = (lambda found: found[:1, 1], _common)
NEIGHBOURS: Correlations = (lambda found: np.diagonal(found, 1), lambda r, size: products(r))
DECAY: Correlations = (
    lambda found: found[:1, 1],
    lambda r, size: products(np.repeat(r, size - 1)),
)
DISTANCES: Correlations = (lambda found: found[0, 1:], _by_distance)
NONE: Correlations = (lambda found: np.zeros(0), lambda r, size: np.eye(size))

CORRELATIONS = {
    "csh": FIRST_PAIR,
    "ar1": DECAY,
    "ar1h": DECAY,
    "toeph": DISTANCES,
    "adh": NEIGHBOURS,
    "diag": NONE,
}


@dataclass(frozen=True)
class NaturalForm:
    """A covariance (q, q) in its natural parameters.

    Attributes
    ----------
    form : str or None
        Name of the form; None, like ``us``, is any covariance.
    size : int
        Waves T, or columns q of a term without a form.
    """

    form: str | None
    size: int

    @property
    def is_linear(self) -> bool:
        """Whether the parameters are the entries themselves."""
        return self.form in (None, "us")

    def parameters(self, covariance: np.ndarray) -> np.ndarray:
        """The parameters (m,) of a covariance of the form."""
        if self.is_linear:
            return covariance[triangle(self.size)]
        if self.form == "cs":
            return covariance[0, :2]
        variances = np.diagonal(covariance)
        sds = np.sqrt(np.where(variances > 0.0, variances, 1.0))
        found = CORRELATIONS[self.form][0](covariance / np.outer(sds, sds))
        own = variances if FORMS[self.form].by_wave else variances[:1]
        return np.concatenate([own, found])

    def matrix(self, p: np.ndarray) -> np.ndarray:
        """The covariance at parameters, which may be complex."""
        if self.is_linear:
            out = np.zeros((self.size, self.size), p.dtype)
            rows, columns = triangle(self.size)
            out[rows, columns] = out[columns, rows] = p
            return out
        if self.form == "cs":
            return (p[0] - p[1]) * np.eye(self.size) + p[1] * np.ones((self.size, self.size))
        count = self._n_variances
        sds = np.sqrt(np.broadcast_to(p[:count], self.size))
        return sds[:, None] * CORRELATIONS[self.form][1](p[count:], self.size) * sds

    def derivatives(self, p: np.ndarray) -> np.ndarray:
        """First derivatives (m, q, q) by the parameters.

        By a variance of zero that of its own entry alone: covariances rise with its root.
        """
        steps = p + 1j * COMPLEX_STEP * np.eye(p.size)
        out = np.array([self.matrix(step).imag for step in steps]) / COMPLEX_STEP
        if not self.is_linear and FORMS[self.form].by_wave:
            for i in np.flatnonzero(p[: self.size] == 0.0):
                out[i] = np.diag(np.eye(self.size)[i])
        return out

    def second_derivatives(self, p: np.ndarray) -> np.ndarray:
        """Second derivatives (m, m, q, q) by the parameters; zero where V is linear in them."""
        out = np.zeros((p.size, p.size, self.size, self.size))
        if self.is_linear or self.form in ("cs", "diag"):
            return out
        sizes = SECOND_STEP * np.where(np.arange(p.size) < self._n_variances, np.abs(p), 1.0)
        for j, size in enumerate(sizes):
            if size > 0.0:
                step = size * np.eye(p.size)[j]
                out[j] = (self.derivatives(p + step) - self.derivatives(p - step)) / (2.0 * size)
        return 0.5 * (out + out.transpose(1, 0, 2, 3))

    @property
    def _n_variances(self) -> int:
        return self.size if FORMS[self.form].by_wave else 1
