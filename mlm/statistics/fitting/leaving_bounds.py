"""The way out of a bound: theta on a path on which the criterion falls.

Either a search ended on a bound that is no optimum, or it begins on one: where a model without some
slopes has its optimum, from which few evaluations lead to that with them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from mlm.statistics.fitting.descent import descend, descend_from, endless
from mlm.statistics.fitting.newton import ROUGH, SLOPE
from mlm.statistics.fitting.search import Point, Search
from mlm.statistics.likelihood.covariance import (
    THETA_AT_BOUND,
    directions_without,
    factors,
    theta_of,
)
from mlm.statistics.likelihood.differences import relative_steps

SIZES = 10.0 ** np.arange(0, -9, -1)  # lengths tried on a path, in units of Omega or of its root
MOST_TIMES_TRIED = 100.0  # of a variance tried, as far as another one is foreseen from there
MAX_DEPARTURES = 8
THIN = 1e-2  # share of the largest variance below which the least one may be zero
DEPARTURE_GAIN = 1e-10  # deviance by which a point must be better


def beyond_bounds(search: Search, point: Point, hessian: np.ndarray, gain: float) -> Point:
    """Where descents end that leave all bounds on which the criterion falls.

    Parameters
    ----------
    search : Search
        The criterion.
    point : Point
        Where a descent ended, perhaps on a bound that is no optimum.
    hessian : ndarray (t, t)
        Curvature there, roughly.
    gain : float
        Deviance that a further step is expected to gain less than.
    """
    for _ in range(MAX_DEPARTURES):
        if not falls_from_bound(search, point) or search.is_spent:
            break
        start = off_the_bound(search, point)
        if start is None:
            break
        moved = descend(search, start, hessian, gain)
        if moved.at.deviance >= point.at.deviance:
            break
        point = moved
    return point


def falls_from_bound(search: Search, point: Point) -> bool:
    """Whether the criterion falls by more variance of effects in a direction that has hardly any.

    Next to none a step by the parameters is short, so that no descent gets away from there.

    Parameters
    ----------
    search : Search
        The criterion.
    point : Point
        Where a search stands.
    """
    for (block, own), slope in zip(search.parts(point.theta), point.derivatives, strict=True):
        if block.form is not None:
            continue
        (factor,) = factors(own, [block])
        omega = factor @ factor.T
        thin = THIN * np.linalg.eigvalsh(omega)[-1]
        for most, limit in ((THETA_AT_BOUND**2, SLOPE), (thin, ROUGH / max(thin, ROUGH))):
            null = directions_without(omega, most)
            if null.size and np.linalg.eigvalsh(null.T @ slope @ null).min() < -limit:
                return True
    return False


def off_the_bound(search: Search, point: Point) -> np.ndarray | None:
    """The better end of two paths out of a bound, or None when the criterion falls on neither.

    One path adds a variance in the worst direction of the derivative D by Omega; the other
    follows the steepest descent ``-D F`` of the symmetric root F, along which a variance and its
    covariances leave zero together.

    Parameters
    ----------
    search : Search
        The criterion.
    point : Point
        Where a search stands.

    Returns
    -------
    ndarray (t,) or None
    """
    worst = int(np.argmin([np.linalg.eigvalsh(slope).min() for slope in point.derivatives]))
    parts = list(search.parts(point.theta))
    block, own = parts[worst]
    first = sum(other.size for _, other in parts[:worst])
    (factor,) = factors(own, [block])
    lowest, best = point.at.deviance - DEPARTURE_GAIN, None
    for path in _paths(factor @ factor.T, point.derivatives[worst]):
        for size in SIZES:
            moved = point.theta.copy()
            moved[first : first + own.size] = theta_of([path(size)])
            found = search.value(moved)
            if found < lowest:
                lowest, best = found, moved
                break
    return best


def _paths(omega: np.ndarray, derivative: np.ndarray) -> list[Callable[[float], np.ndarray]]:
    """Omega as a function of the length of the path."""
    _, vectors = np.linalg.eigh(derivative)
    ray = np.outer(vectors[:, 0], vectors[:, 0])
    values, vectors = np.linalg.eigh(omega)
    root = (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
    descent = -derivative @ root / max(np.abs(derivative).max(), 1e-300)
    return [
        lambda size: omega + size * ray,
        lambda size: (root + size * descent) @ (root + size * descent).T,
    ]


def near_start(
    search: Search,
    theta: np.ndarray,
    hessian: np.ndarray,
    gain: float,
    is_enough: Callable[[float, float], bool] = endless,
) -> Point:
    """A point near the optimum, from where a similar model has its own.

    Slopes that the other model lacks stay without variance where the criterion falls by none.
    Otherwise they begin with some, and with curvature by their parameters from differences. Those
    beside other effects, which they may covary with, begin without where it does not fall at once.

    Parameters
    ----------
    search : Search
        The criterion.
    theta, hessian : ndarray (m,) and (m, m)
        The other optimum and its curvature; zero and NaN by the slopes' parameters, NaN by all
        where curvature is not known, and by the parameters of terms with variance that have
        another form there.
    gain : float
        Deviance that a further step is expected to gain less than.
    is_enough : callable
        As for ``descend``: whether it may end before.

    Raises
    ------
    FitError
        When the criterion cannot be evaluated at the start.
    """
    new = np.isnan(np.diagonal(hessian))
    point = None if has_unseen(search, theta, hessian) else search.point(theta)
    away = search.point(search.off_zero(theta)) if point is None else _begun(search, point, new)
    if away is point and not _beside(search, theta, new).any():
        return point
    bend, steps = hessian.copy(), relative_steps(away.theta, np.sqrt(search.rounding))
    level = new & (search.slopes_by_variance(away) >= 0.0) & (away.theta <= THETA_AT_BOUND)
    for place in np.flatnonzero(new & ~level).tolist():
        moved = away.theta.copy()
        moved[place] += steps[place]
        change = search.point(moved).gradient - away.gradient
        bend[place] = bend[:, place] = change / (moved[place] - away.theta[place])
    bend[level] = bend[:, level] = 0.0
    bend[level, level] = 2.0 * search.slopes_by_variance(away)[level]
    values, vectors = np.linalg.eigh(0.5 * (bend + bend.T))
    return descend_from(search, away, (vectors * np.abs(values)) @ vectors.T, gain, is_enough)


def has_unseen(search: Search, theta: np.ndarray, hessian: np.ndarray) -> bool:
    """Whether curvature is not known by parameters of terms that begin with variance, or by all.

    Parameters
    ----------
    search : Search
        The criterion.
    theta, hessian : ndarray (m,) and (m, m)
        As for ``near_start``.
    """
    new = np.isnan(np.diagonal(hessian))
    begins = new & search.diagonal & (theta > THETA_AT_BOUND)
    return bool(new.all() or begins.any())


def _begun(search: Search, point: Point, new: np.ndarray) -> Point:
    """Where new slopes begin: the point itself, where the criterion does not fall by a variance."""
    theta, beside = point.theta, _beside(search, point.theta, new)
    slopes = search.slopes_by_variance(point)
    begins = new & ~(beside & (slopes >= 0.0))
    first = np.where(begins, search.off_zero(theta), theta)
    if (first == theta).all():
        return point
    away = search.point(first)
    if not beside.any() and _stays(search, point, away, new):
        return point
    lifts, theres = away.theta**2, search.slopes_by_variance(away)
    foreseen = away.theta.copy()
    for place in np.flatnonzero(new & (lifts > 0.0) & (slopes < 0.0)):
        count = float(search.group_counts[place])
        foreseen[place] = math.sqrt(
            _variance(slopes[place] / count, theres[place] / count, lifts[place])
        )
    return away if (foreseen == away.theta).all() else search.point(foreseen)


def _variance(slope: float, there: float, lift: float) -> float:
    """Where the derivative by a variance is zero, from those at zero and at a larger variance.

    Each a group, of effects known equally well in all: with s the square of an effect's error and S
    the mean square of what is seen of the effects it is ``(v + s - S) / (v + s)^2`` at v.
    """
    a, half, c = there - slope, there * lift, lift * (there * lift - 1.0)
    if a > 0.0 and c < 0.0:
        error = (math.sqrt(half * half - a * c) - half) / a
        found = -slope * error * error
        if (found < lift) == (there > 0.0) and found < MOST_TIMES_TRIED * lift:
            return found
    return lift * slope / (slope - there) if there > 0.0 else lift


def _stays(search: Search, point: Point, away: Point, new: np.ndarray) -> bool:
    """Whether slopes gain nothing by a variance: neither a small one nor that of another point."""
    rises, first = True, 0
    for (_, own), slope in zip(search.parts(point.theta), point.derivatives, strict=True):
        if new[first : first + own.size].any():
            rises = rises and np.linalg.eigvalsh(slope).min() >= 0.0
        first += own.size
    return bool(rises and away.at.deviance >= point.at.deviance)


def _beside(search: Search, theta: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Which of the new parameters (t,) are of slopes that stand beside other effects."""
    parts, first = [np.zeros(0, dtype=bool)], 0
    for _, own in search.parts(theta):
        is_new = new[first : first + own.size]
        parts.append(is_new & (not is_new.all()))
        first += own.size
    return np.concatenate(parts)
