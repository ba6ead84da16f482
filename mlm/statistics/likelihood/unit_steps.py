"""Steps of the variance parameters where a unit is left out: which move, and how far at most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.statistics.likelihood.structure import Solved

LOG_STEP = 0.05  # of the logarithm of a relative variance, for differences
# largest Newton step of such a logarithm; beyond it the approximation means nothing
MAX_LOG_STEP = 1.0
ZERO_VARIANCE = 1e-6  # relative variance that counts as zero and is held there
OF_ERROR = 0.2  # standard errors of another parameter, for differences
MOST_ERRORS = 3.0  # largest step of it, in its standard errors
# curvature below which the criterion does not see a parameter, such as a correlation near one
LEAST_BEND = 1e-4


@dataclass(frozen=True)
class Coordinates:
    """The parameters that move: of standard deviations the logarithms, the others as they are.

    Attributes
    ----------
    theta : ndarray (m,)
        The estimates.
    free : ndarray of int (f,)
        Places of those that move.
    is_log : ndarray of bool (f,)
        Which of them are standard deviations.
    steps, most : ndarray (f,)
        Steps for differences, and the largest Newton steps.
    """

    theta: np.ndarray
    free: np.ndarray
    is_log: np.ndarray
    steps: np.ndarray
    most: np.ndarray

    @classmethod
    def of(cls, solved: Solved) -> Coordinates:
        """Those of a model at its estimates."""
        free = moving(solved)
        is_log = solved.search.diagonal[free]
        errors = np.sqrt(2.0 / np.maximum(np.diagonal(solved.hessian)[free], LEAST_BEND))
        return cls(
            solved.theta,
            free,
            is_log,
            np.where(is_log, 0.5 * LOG_STEP, OF_ERROR * errors),
            np.where(is_log, 0.5 * MAX_LOG_STEP, MOST_ERRORS * errors),
        )

    @property
    def order(self) -> list[int]:
        """Places among the free ones, those of outer levels first: inner ones are kept longest."""
        return list(range(self.free.size))[::-1]

    def at(self, move: np.ndarray) -> np.ndarray:
        """The parameters (m,) after a move (f,)."""
        out, own = self.theta.copy(), self.theta[self.free]
        out[self.free] = np.where(
            self.is_log, own * np.exp(np.where(self.is_log, move, 0.0)), own + move
        )
        return out

    def curvature(self, hessian: np.ndarray) -> np.ndarray:
        """Curvature (f, f) from that by the parameters (m, m), at an optimum."""
        change = np.where(self.is_log, self.theta[self.free], 1.0)
        return hessian[np.ix_(self.free, self.free)] * np.outer(change, change)


def moving(solved: Solved) -> np.ndarray:
    """Places of the parameters that move: off zero, and seen by the criterion."""
    is_zero = solved.search.diagonal & (solved.theta <= np.sqrt(ZERO_VARIANCE))
    is_seen = solved.search.diagonal | (np.diagonal(solved.hessian) > LEAST_BEND)
    return np.flatnonzero(~is_zero & is_seen)
