"""Derivatives by differences, and the Newton step that follows from them.

A step is chosen where it is used: small where the function is exact to rounding, larger where it
comes from a search of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from mlm.statistics.likelihood.structure import Solved

SMALLEST = 0.1  # size below which a parameter's step no longer shrinks with it
# curvature, relative to the largest, below which a direction counts as this curved
FLAT_CURVATURE = 1e-10
LOG_STEP = 0.05  # of the logarithm of a relative variance, for differences
# largest Newton step of such a logarithm; beyond it the approximation means nothing
MAX_LOG_STEP = 1.0
ZERO_VARIANCE = 1e-6  # relative variance that counts as zero and is held there
OF_ERROR = 0.2  # standard errors of another parameter, for differences
MOST_ERRORS = 3.0  # largest step of it, in its standard errors
# curvature below which the criterion does not see a parameter, such as a correlation near one
LEAST_SEEN = 1e-4
DAMPED = 0.2  # share of the old curvature that an update keeps along a step


def relative_steps(x: np.ndarray, relative: float) -> np.ndarray:
    """Steps (n,) that grow with the parameters, but for small ones."""
    return relative * np.maximum(np.abs(x), SMALLEST)


def changes(
    function: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    steps: np.ndarray,
    order: Iterable[int] | None = None,
) -> np.ndarray:
    """Changes (n, ...) of a function when each of n parameters goes from below to above.

    Parameters
    ----------
    function : callable
        From parameters (n,) to an array.
    x, steps : ndarray (n,)
        Where, and how far to both sides.
    order : iterable of int, optional
        In which the parameters are moved, where the function remembers what did not change.
    """
    found: dict[int, np.ndarray] = {}
    for j in range(x.size) if order is None else order:
        move = np.zeros(x.size)
        move[j] = steps[j]
        found[j] = np.asarray(function(x + move)) - function(x - move)
    return np.array([found[j] for j in range(x.size)])


def jacobian(
    function: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    steps: np.ndarray,
    order: Iterable[int] | None = None,
) -> np.ndarray:
    """First derivatives (n, ...) by central differences; arguments as for :func:`changes`."""
    found = changes(function, x, steps, order)
    return found / (2.0 * steps.reshape(-1, *(1,) * (found.ndim - 1)))


def curvature(
    function: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    steps: np.ndarray,
    centre: np.ndarray,
    mixed: Literal["central", "forward"] = "central",
) -> tuple[np.ndarray, np.ndarray]:
    """First (n, ...) and second derivatives (n, n, ...) by differences of a function's values.

    Parameters
    ----------
    function : callable
        From parameters (n,) to a number or an array.
    x, steps : ndarray (n,)
        Where, and how far to both sides.
    centre : number or ndarray
        The function at x.
    mixed : {"central", "forward"}
        Differences behind the mixed derivatives; forward ones need half the evaluations.

    Source
    ------
    Abramowitz and Stegun (1964), Handbook of Mathematical Functions, 25.3.23 and 25.3.27.
    """
    n, centre = x.size, np.asarray(centre, dtype=float)
    moves = np.diag(steps)
    first = np.zeros((n, *centre.shape))
    second = np.zeros((n, n, *centre.shape))
    ends = []
    for i in range(n):
        ahead, behind = function(x + moves[i]), function(x - moves[i])
        ends.append((ahead, ahead + behind))
        first[i] = (ahead - behind) / (2.0 * steps[i])
        second[i, i] = (ahead - 2.0 * centre + behind) / steps[i] ** 2
    for i in range(n):
        for j in range(i):
            both = function(x + moves[i] + moves[j])
            if mixed == "forward":
                cross = both - ends[i][0] - ends[j][0] + centre
            else:
                both = both + function(x - moves[i] - moves[j])
                cross = (both + 2.0 * centre - ends[i][1] - ends[j][1]) / 2.0
            second[i, j] = second[j, i] = cross / (steps[i] * steps[j])
    return first, second


def newton_step(hessian: np.ndarray, slope: np.ndarray) -> tuple[np.ndarray, float]:
    """Newton step (n,) with curvature made positive, and what it is expected to gain."""
    if slope.size == 0:
        return slope, 0.0
    values, vectors = np.linalg.eigh(hessian)
    curved = np.maximum(np.abs(values), FLAT_CURVATURE * max(np.abs(values).max(), FLAT_CURVATURE))
    inside = vectors.T @ slope
    return -vectors @ (inside / curved), float(0.5 * np.sum(inside**2 / curved))


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
        errors = np.sqrt(2.0 / np.maximum(np.diagonal(solved.hessian)[free], LEAST_SEEN))
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
    is_seen = solved.search.diagonal | (np.diagonal(solved.hessian) > LEAST_SEEN)
    return np.flatnonzero(~is_zero & is_seen)


def updated(bend: np.ndarray, moved: np.ndarray, change: np.ndarray) -> np.ndarray:
    """The curvature after a step along which the gradient changed: BFGS, damped (Powell).

    Parameters
    ----------
    bend : ndarray (t, t)
        The curvature before, positive definite.
    moved, change : ndarray (t,)
        The step, and by how much the gradient changed along it.

    Source
    ------
    Nocedal and Wright (2006), Numerical Optimization, 2nd ed., section 18.3, procedure 18.2.
    """
    along = bend @ moved
    old, new = float(moved @ along), float(moved @ change)
    if old <= 0.0:
        return bend
    if new < DAMPED * old:
        share = (1.0 - DAMPED) * old / (old - new)
        change = share * change + (1.0 - share) * along
        new = float(moved @ change)
    return bend - np.outer(along, along) / old + np.outer(change, change) / new
