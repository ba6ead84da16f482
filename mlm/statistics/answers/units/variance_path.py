"""Lines through the variance parameters of a model along which a measure of it changes.

Among the curves through the estimates one is least favourable to a measure R: along
``H^-1 grad R``, H the curvature of the criterion, R changes the most for what the criterion rises.
The interval of R ends where the criterion has risen by 3.84 on that line. Where a variance is
estimated as zero R has no slope; then the line that leaves zero is followed.

Source: Stein (1956), Proc. Third Berkeley Symposium 1, 187-195; Wilks' theorem for the likelihood
ratio, as for a profile.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.errors import FitError
from mlm.nouns.distributions import TWO_SIDED_95
from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.fitting.solution import Solution

FARTHEST_ROOT = (
    3.0  # square root of the rise of the criterion at the end of the line that leaves zero
)
NEAR = 0.02  # of such a root, within which an end is found
NO_RISE = 0.01  # change of that root with twice the way, below which all is on a bound
TRIALS = 20  # evaluations in search of an end
POINTS = 6  # of the line that leaves zero
FLAT = 1e-4  # scaled curvature below which a direction is taken to have this one
LARGEST_SD = 3.0  # standard deviation of a parameter, over its size where that is above one


@dataclass(frozen=True)
class Line:
    """A line through the estimates.

    Attributes
    ----------
    solution : Solution
        The model; its estimates lie at 0.
    direction : ndarray (t,)
        Change of the parameters; bounded ones stay at their bound once there.
    """

    solution: Solution
    direction: np.ndarray

    def at(self, place: float) -> Evaluated:
        """The model at a point."""
        return self.solution.evaluated_at(self._theta(place))

    def end(self, root: float, first: float) -> float:
        """Where the criterion has risen by the square of a root, on the side of a first guess.

        Where it never rises that much, since all that moves is on its bound, a point there; zero
        where it has no value.
        """
        inner, outer, place, before = 0.0, np.inf, first, 0.0
        for _ in range(TRIALS):
            found = self._root(place)
            if abs(found - root) <= NEAR:
                return place
            if found > root:
                outer = abs(place)
            elif abs(found - before) < NO_RISE and not np.isfinite(outer):
                return place
            else:
                inner, before = abs(place), found
            further = abs(place) * (root / found if 0.0 < found < np.inf else 2.0)
            if np.isfinite(outer) and not inner < further < outer:
                further = 0.5 * (inner + outer)
            place = np.sign(first) * min(further, 2.0 * abs(place))
        return np.sign(first) * inner

    def weights(self, places: np.ndarray) -> np.ndarray:
        """Shares (n,) of points in averages over them, by their likelihood."""
        own = np.exp(-0.5 * np.array([self._root(place) for place in places]) ** 2)
        return own / own.sum()

    def _theta(self, place: float) -> np.ndarray:
        theta = self.solution.best.theta + place * self.direction
        return np.where(self.solution.search.diagonal, np.maximum(theta, 0.0), theta)

    def _root(self, place: float) -> float:
        """Square root of the rise of the criterion; infinite where it has no value."""
        try:
            value = self.solution.search.value(self._theta(place))
        except FitError:
            return float("inf")
        return float(np.sqrt(max(value - self.solution.best.at.deviance, 0.0)))


def lower_end(solution: Solution, slope: np.ndarray, covariance: np.ndarray) -> Evaluated | None:
    """The model where the 95 % interval of a measure ends below; None where no end is found.

    Parameters
    ----------
    solution : Solution
        The model.
    slope : ndarray (t,)
        Derivative of the measure by the variance parameters.
    covariance : ndarray (t, t)
        Of the variance parameters; the measure has a variance by it.
    """
    changed = covariance @ slope
    line = Line(solution, changed / np.sqrt(slope @ changed))
    place = line.end(TWO_SIDED_95, -TWO_SIDED_95)
    return line.at(place) if place else None


def off_zero(solution: Solution, slope: np.ndarray) -> tuple[Line, np.ndarray]:
    """The line on which variances leave zero, and points of it.

    Parameters
    ----------
    solution : Solution
        The model.
    slope : ndarray (t,)
        Derivative, by the variance parameters, of the standard deviation that is to grow.

    Returns
    -------
    Line
    ndarray (n,)
        The estimates, and points as far as the criterion rises by 9.
    """
    grows = solution.search.diagonal & (solution.best.theta <= 0.0)
    line = Line(solution, np.where(grows, np.maximum(slope, 0.0), 0.0))
    if not line.direction.any():
        return line, np.zeros(1)
    return line, np.linspace(0.0, line.end(FARTHEST_ROOT, 1.0), POINTS)


def variance_of_parameters(solution: Solution) -> np.ndarray:
    """Covariance (t, t) of the variance parameters, zero for those on a bound.

    Where the criterion hardly bends, as by the parameter of a correlation near one, a parameter has
    a standard deviation that is wide enough for all that it can do.
    """
    best = solution.best
    free, hessian = best.curvature.free, best.curvature.hessian
    widest = LARGEST_SD * np.maximum(np.abs(best.theta[free]), 1.0)
    scale = np.sqrt(np.maximum(np.diagonal(hessian), 2.0 / widest**2))
    values, vectors = np.linalg.eigh(hessian / np.outer(scale, scale))
    half = vectors / np.sqrt(np.maximum(values, FLAT)) / scale[:, None]
    out = np.zeros((best.theta.size,) * 2)
    out[np.ix_(free, free)] = 2.0 * half @ half.T
    return out
