"""Descent from a point near the optimum where the curvature is known about: few evaluations.

Source
------
Nocedal and Wright (2006), Numerical Optimization, 2nd ed., sections 6.1 and 18.3 (damped updates).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mlm.errors import FitError
from mlm.statistics.fitting.newton import SLOPE, curvature_at
from mlm.statistics.fitting.search import Point, Search
from mlm.statistics.likelihood.covariance import THETA_AT_BOUND
from mlm.statistics.likelihood.differences import newton_step, updated

# deviance that a step could gain, at which Newton steps take over: near enough for one curvature
DESCENT_GAIN = 1e-12
KNOWN_FOR = 12  # steps, at least, after which curvature that has not led to the end is taken anew
MOST_TIMES = 4  # that it is taken anew
SHORTEST = 0.5**12  # share of a step below which no lower point is expected
ENOUGH = 1e-4  # of the fall that the slope foretells, that a step must bring
LEFT = 0.25  # share of a standard deviation that is left where a step to zero was too long
LEAST_RELATIVE = 1e-8  # curvature, relative to the largest


def endless(deviance: float, fall: float) -> bool:
    """No deviance is low enough to end a descent before its optimum."""
    return False


def descend(
    search: Search,
    theta: np.ndarray,
    hessian: np.ndarray,
    gain: float,
    is_enough: Callable[[float, float], bool] = endless,
) -> Point:
    """A point from which a further step is expected to gain less than that.

    Parameters
    ----------
    search : Search
        Counts evaluations, and makes points.
    theta : ndarray (t,)
        Where to begin.
    hessian : ndarray (t, t)
        Curvature of the criterion near there, roughly; it is updated from step to step.
    gain : float
        Deviance.
    is_enough : callable
        From the deviance at a point, and what it may yet fall (the larger of what the next step is
        expected to gain and the last one gained), to whether the descent may end there.

    Raises
    ------
    FitError
        When the criterion cannot be evaluated at the start.
    """
    return descend_from(search, search.point(theta), hessian, gain, is_enough)


def descend_from(
    search: Search,
    point: Point,
    hessian: np.ndarray,
    gain: float,
    is_enough: Callable[[float, float], bool] = endless,
) -> Point:
    """The same from a point where the criterion is known.

    Parameters
    ----------
    search : Search
        Counts evaluations, and makes points.
    point : Point
        Where to begin.
    hessian : ndarray (t, t)
        Curvature there, roughly.
    gain : float
        Deviance.
    is_enough : callable
        As there.
    """
    bend, fall = _positive(hessian), np.inf
    period = max(KNOWN_FOR, point.theta.size)  # as many evaluations as curvature takes
    for number in range(1, (MOST_TIMES + 1) * period + 1):
        step, expected = _step(search, point, bend)
        if expected <= gain or is_enough(point.at.deviance, max(expected, fall)):
            break
        moved = _lower(search, point, step)
        if moved is None:
            break
        bend = updated(bend, moved.theta - point.theta, moved.gradient - point.gradient)
        fall, point = point.at.deviance - moved.at.deviance, moved
        if number % period == 0:
            bend = _taken_anew(search, point, bend)
    return point


def _step(search: Search, point: Point, bend: np.ndarray) -> tuple[np.ndarray, float]:
    """A step (t,) and what it is expected to gain; what runs off to infinity goes there at once."""
    away, rest = search.way_to_end(point)
    bound = search.diagonal & (point.theta <= THETA_AT_BOUND) & (point.gradient >= 0.0)
    free = ~(bound | search.at_end(point) | (away != 0.0))
    step = away.copy()
    step[free], expected = newton_step(bend[np.ix_(free, free)], point.gradient[free])
    return step, expected + rest


def _taken_anew(search: Search, point: Point, bend: np.ndarray) -> np.ndarray:
    """The curvature at a point by differences; along saddles as steep upwards as it is downwards.

    Far from the optimum the old one may be too large by orders of magnitude along directions in
    which, for that very reason, no step goes that would correct it.
    """
    found = curvature_at(search, point)
    values, vectors = np.linalg.eigh(found.hessian)
    least = LEAST_RELATIVE * max(float(np.abs(values).max(initial=0.0)), 1e-300)
    out = bend.copy()
    others = np.setdiff1d(np.arange(point.theta.size), found.free)
    out[np.ix_(others, found.free)] = out[np.ix_(found.free, others)] = 0.0
    own = (vectors * np.maximum(np.abs(values), least)) @ vectors.T
    out[np.ix_(found.free, found.free)] = own
    return out


def _positive(hessian: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(0.5 * (hessian + hessian.T))
    least = LEAST_RELATIVE * max(float(values.max(initial=0.0)), 1e-300)
    return (vectors * np.maximum(values, least)) @ vectors.T


def _lower(search: Search, point: Point, step: np.ndarray) -> Point | None:
    """A lower point on the way, as far as needed; None where there is none.

    The way ends where it reaches zero: of a step far beyond only the part before counts.
    """
    step = np.where(search.diagonal & (point.theta + step < 0.0), -point.theta, step)
    share, rounding = 1.0, search.rounding * abs(point.at.deviance)
    while share >= SHORTEST:
        theta = search.within_reach(point.theta, point.theta + share * step)
        fall = ENOUGH * float(point.gradient @ (theta - point.theta))
        try:
            moved = search.point(theta)
        except FitError:
            share *= 0.25
            continue
        change = moved.at.deviance - point.at.deviance
        if change <= min(fall, 0.0) + rounding:
            return _short_of_zero(search, point, moved)
        slope = share * float(point.gradient @ step)
        curved = 2.0 * (change - slope)
        share *= min(max(-slope / curved if curved > 0.0 else 0.5, 0.1), 0.5)
    return None


def _short_of_zero(search: Search, point: Point, moved: Point) -> Point:
    """The same with some variance left where a step was too long: the criterion falls from zero.

    There it is level by the standard deviation, so that no further step would leave zero.
    """
    falls = search.slopes_by_variance(moved) < -SLOPE
    falls &= (moved.theta <= THETA_AT_BOUND) & (point.theta > THETA_AT_BOUND)
    if not falls.any():
        return moved
    again = search.point(np.where(falls, LEFT * point.theta, moved.theta))
    return again if again.at.deviance < moved.at.deviance else moved
