"""How well the variances are known that unit effects rest on: a path through their parameters.

The reliability of what is compared is a function R of all variance parameters. Among the curves
through the estimates one is least favourable: along ``H^-1 grad R``, H the curvature of the
criterion, R changes the most for what the criterion rises (Stein 1956). The interval of R ends
where the criterion has risen by 3.84 on that line, and errors of effects are averaged along it,
each point with its likelihood.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from mlm.errors import FitError
from mlm.nouns.quantiles import TWO_SIDED_95
from mlm.statistics.fitting.evaluated import Evaluated
from mlm.statistics.fitting.solution import Solution

REACH = 3.0  # square root of the rise of the criterion at the ends of the path
NEAR_REACH = (2.5, 3.6)  # what is near enough
NO_RISE = 0.01  # change of that root with twice the way, below which the path has come to an end
TRIALS = 8  # evaluations in search of an end
EACH_SIDE = 4  # points on each side of the estimates
MEASURE_STEP = 1e-4  # relative, of a derivative by a parameter
FLAT = 1e-9  # scaled curvature below which a direction is taken to have this one

Measure = Callable[[Evaluated], float]


@dataclass(frozen=True)
class VariancePath:
    """Points along the least favourable line of a measure.

    Attributes
    ----------
    solution : Solution
        The model; its estimates lie at 0.
    direction : ndarray (t,)
        Change of the parameters along which the measure grows, one unit of likelihood long.
    places : ndarray (n,)
        Points, in that unit, in order; 0 is one of them.
    roots : ndarray (n,)
        Square root of the rise of the criterion there, negative before 0.
    """

    solution: Solution
    direction: np.ndarray
    places: np.ndarray
    roots: np.ndarray

    def at(self, place: float) -> Evaluated:
        """The model at a point."""
        if place == 0.0:
            return self.solution.evaluated
        return self.solution.evaluated_at(_moved(self.solution, self.direction, place))

    @property
    def weights(self) -> np.ndarray:
        """Share (n,) of each point in averages over the path, by its likelihood."""
        if self.places.size == 1:
            return np.ones(1)
        own = np.exp(-0.5 * self.roots**2) * np.gradient(self.places)
        return own / own.sum()

    @property
    def lower(self) -> float:
        """Where the 95 % interval of the measure ends below; the first point where none ends."""
        if self.roots[0] >= -TWO_SIDED_95:
            return float(self.places[0])
        increasing = np.concatenate([[True], np.diff(self.roots) > 0.0])
        inverse = PchipInterpolator(self.roots[increasing], self.places[increasing])
        return float(inverse(-TWO_SIDED_95))


def variance_path(solution: Solution, measure: Measure, size: Measure) -> VariancePath:
    """The least favourable line of a measure, through the estimates of a model.

    Parameters
    ----------
    solution : Solution
        The model.
    measure : callable
        From the model at some parameters to a number, not constant.
    size : callable
        The standard deviation that the measure grows with; it leads off zero, where the measure has
        no slope.

    Returns
    -------
    VariancePath

    Source
    ------
    Stein (1956), Proc. Third Berkeley Symposium 1, 187-195; Wilks' theorem for its likelihood
    ratio, as for a profile.
    """
    direction = _direction(solution, measure)
    if direction is None:
        direction = _off_zero(solution, size)
        ends = (0.0, _end(solution, direction, REACH))
    else:
        ends = (_end(solution, direction, -REACH), _end(solution, direction, REACH))
    sides = [np.linspace(0.0, end, EACH_SIDE + 1)[1:] for end in ends if end != 0.0]
    places = np.unique(np.concatenate([[0.0], *sides]))
    rise = np.array([_rise(solution, direction, place) for place in places])
    usable = np.isfinite(rise)
    roots = np.sign(places) * np.sqrt(np.maximum(rise, 0.0))
    return VariancePath(solution, direction, places[usable], roots[usable])


def _direction(solution: Solution, measure: Measure) -> np.ndarray | None:
    """``H^-1 grad`` of the measure, of unit likelihood; None where the measure has no slope."""
    best = solution.best
    free, hessian = best.curvature.free, best.curvature.hessian
    slope = _slope(solution, measure)[free]
    scale = np.sqrt(np.maximum(np.diagonal(hessian), 1e-300))
    values, vectors = np.linalg.eigh(hessian / np.outer(scale, scale))
    along = vectors.T @ (slope / scale)
    changed = vectors @ (2.0 * along / np.maximum(values, FLAT)) / scale
    length = float(slope @ changed)
    if not length > 0.0:
        return None
    out = np.zeros(best.theta.size)
    out[free] = changed / np.sqrt(length)
    return out


def _off_zero(solution: Solution, size: Measure) -> np.ndarray:
    """Direction by which bounded parameters leave zero."""
    slope = np.where(solution.best.theta > 0.0, 0.0, _slope(solution, size))
    slope = np.where(solution.search.diagonal, np.maximum(slope, 0.0), 0.0)
    length = float(np.sqrt(slope @ slope))
    return slope / length if length > 0.0 else slope


def _slope(solution: Solution, measure: Measure) -> np.ndarray:
    """Derivative of a measure by the variance parameters, (t,)."""
    theta, here = solution.best.theta, measure(solution.evaluated)
    out = np.zeros(theta.size)
    for i in range(theta.size):
        step = np.zeros(theta.size)
        step[i] = MEASURE_STEP * max(abs(theta[i]), 0.1)
        out[i] = (measure(solution.evaluated_at(theta + step)) - here) / step[i]
    return out


def _end(solution: Solution, direction: np.ndarray, first: float) -> float:
    """Place at which the criterion has risen by about the square of the reach; 0 without one."""
    if not direction.any():
        return 0.0
    place, known, before = first, 0.0, 0.0
    for _ in range(TRIALS):
        root = np.sqrt(max(_rise(solution, direction, place), 0.0))
        if np.isfinite(root):
            if (
                abs(place) > abs(known) and root - before < NO_RISE
            ):  # all that moves is on its bound
                return place
            known, before = place, root
        if NEAR_REACH[0] <= root <= NEAR_REACH[1]:
            return place
        place *= float(np.clip(REACH / max(root, 1e-6), 0.5, 2.0)) if np.isfinite(root) else 0.5
    return known


def _rise(solution: Solution, direction: np.ndarray, place: float) -> float:
    """Rise of the criterion from the estimates to a place; infinite where it has no value."""
    try:
        value = solution.search.value(_moved(solution, direction, place))
    except FitError:
        return float("inf")
    return value - solution.best.at.deviance


def _moved(solution: Solution, direction: np.ndarray, place: float) -> np.ndarray:
    theta = solution.best.theta + place * direction
    return np.where(solution.search.diagonal, np.maximum(theta, 0.0), theta)
