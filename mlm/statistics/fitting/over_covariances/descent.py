"""Descent over the covariances of the random terms, of which the criterion is a smooth function.

By a standard deviation next to zero the criterion is level, and by the entries of a factor of a
covariance that lacks rank it is curved as no quadratic is: searches over those take hundreds of
evaluations where units have no variance. By the covariances themselves it is a quadratic nearly,
there as elsewhere. The least point of that quadratic among the covariances that a model can have is
found without the sample; few evaluations correct it.

Source
------
Nocedal and Wright (2006), Numerical Optimization, 2nd ed., chapter 18 (sequential quadratic
programming; damped updates), on the cone of positive semidefinite matrices.
"""

from __future__ import annotations

import numpy as np

from mlm.errors import FitError
from mlm.statistics.fitting.over_covariances.quadratic import Quadratic, entries_of, matrices
from mlm.statistics.fitting.search import Point, Search
from mlm.statistics.likelihood.covariance import THETA_AT_BOUND, triangle
from mlm.statistics.likelihood.differences import updated
from mlm.statistics.likelihood.evaluation import Evaluation

OF_VARIANCES = 1e-6  # of relative variances, for differences
MOST_STEPS = 40
LEAST_ON_QUADRATIC = 1e-9  # curvature of the quadratic, scaled, relative to the largest
ENOUGH_FORESEEN = 0.1  # of the gain that is foreseen, that a step must bring
DAMPING = (1e-2, 10.0, 1e4)  # the first, relative to curvature; how it grows; the largest
PART_OF_GAIN = 1e-2  # to which the least point of a quadratic is found
ON_QUADRATIC = {"maxiter": 400, "maxcor": 20}


def descend_over_covariances(
    search: Search, theta: np.ndarray, gain: float, bend: np.ndarray | None = None
) -> tuple[Point, Quadratic]:
    """A point from which a further step is expected to gain less than that.

    Parameters
    ----------
    search : Search
        Counts evaluations, and makes points.
    theta : ndarray (t,)
        Where to begin; standard deviations may be zero.
    gain : float
        Deviance.
    bend : ndarray (m, m), optional
        Second derivatives by the entries of the covariances near there, roughly; otherwise they
        come from differences, which take an evaluation for each entry.

    Returns
    -------
    Point
    Quadratic
        The criterion near there, as the descent knows it.

    Raises
    ------
    FitError
        When the criterion cannot be evaluated at the start.
    """
    given = search.relative(theta)
    at, slopes = search.at_relative(given)
    known = _bend(search, given, slopes) if bend is None else bend
    near = Quadratic(entries_of(given), _by_entries(slopes), _positive(known))
    point = search.point_of(theta, at, slopes)
    damping, rounding = 0.0, search.rounding * abs(at.deviance)
    for _ in range(MOST_STEPS):
        tried = near.damped(damping) if damping else near
        trial, foreseen = least(search, point.theta, tried, gain)
        if foreseen <= gain or damping > DAMPING[2]:
            break
        moved = search.relative(trial)
        at, slopes = _evaluated(search, moved)
        gained = -np.inf if at is None else point.at.deviance - at.deviance
        if gained < ENOUGH_FORESEEN * foreseen - rounding:
            damping = max(DAMPING[1] * damping, DAMPING[0])
            continue
        change, slope = entries_of(moved) - near.at, _by_entries(slopes)
        bend = updated(near.bend, change, slope - near.slope)
        near, point = Quadratic(near.at + change, slope, bend), search.point_of(trial, at, slopes)
        damping = damping / DAMPING[1] if damping > DAMPING[0] else 0.0
    return _at_ends(search, point), near


def _at_ends(search: Search, point: Point) -> Point:
    """The point with what runs off to infinity at its end, where that is no higher."""
    away = search.way_to_end(point)[0]
    if not away.any():
        return point
    moved = search.point(point.theta + away)
    rounding = search.rounding * abs(point.at.deviance)
    return moved if moved.at.deviance <= point.at.deviance + rounding else point


def _evaluated(
    search: Search, moved: list[np.ndarray]
) -> tuple[Evaluation | None, list[np.ndarray]]:
    """The criterion and its derivatives; None where it cannot be evaluated."""
    try:
        return search.at_relative(moved)
    except FitError:
        return None, []


def least(
    search: Search, theta: np.ndarray, near: Quadratic, gain: float
) -> tuple[np.ndarray, float]:
    """Parameters (t,) of the least point of a quadratic, and what it lies lower.

    Parameters
    ----------
    search : Search
        What parameters are those of.
    theta : ndarray (t,)
        Parameters where the quadratic is that of the criterion.
    near : Quadratic
        The quadratic.
    gain : float
        Deviance to a hundredth of which it is found.
    """
    from scipy.optimize import minimize

    sizes = [len(own) for own in search.relative(theta)]
    lifted = np.where(search.diagonal, np.maximum(theta, _lifts(search, near, sizes)), theta)
    scale = _scales(search, lifted, near, sizes)

    def loss(free: np.ndarray) -> tuple[float, np.ndarray]:
        moved = free / scale
        value, slope = near.change(entries_of(search.relative(moved)))
        return value, search.slopes_along(moved, matrices(slope, sizes)) / scale

    bounds = [(0.0, None) if bounded else (None, None) for bounded in search.diagonal]
    options = {"ftol": PART_OF_GAIN * gain, "gtol": 0.0, **ON_QUADRATIC}
    best, lowest = theta, 0.0
    for first in (theta, lifted):  # from zero no search leaves, from above it one may end higher
        found = minimize(
            loss, first * scale, jac=True, method="L-BFGS-B", bounds=bounds, options=options
        )
        if found.fun < lowest:
            best, lowest = found.x / scale, float(found.fun)
    is_small = search.diagonal & (best <= THETA_AT_BOUND)
    return np.where(is_small, 0.0, best), -lowest


def _by_entries(derivatives: list[np.ndarray]) -> np.ndarray:
    """Derivatives (m,) by entries below the diagonal, which stand above it too."""
    parts = []
    for own in derivatives:
        rows, columns = triangle(len(own))
        parts.append(np.where(rows == columns, 1.0, 2.0) * own[rows, columns])
    return np.concatenate(parts) if parts else np.zeros(0)


def _bend(search: Search, given: list[np.ndarray], slopes: list[np.ndarray]) -> np.ndarray:
    """Second derivatives (m, m) by entries, from differences along variances and pairs of them."""
    here = _by_entries(slopes)
    found, first = np.zeros((here.size, here.size)), 0
    for i, own in enumerate(given):
        rows, columns = triangle(len(own))
        places = {(r, c): first + k for k, (r, c) in enumerate(zip(rows, columns, strict=True))}
        for (r, c), place in sorted(places.items(), key=lambda item: item[0][0] != item[0][1]):
            ray = np.zeros(len(own))
            ray[[r, c]] = 1.0
            moved = [*given[:i], own + OF_VARIANCES * np.outer(ray, ray), *given[i + 1 :]]
            change = (_by_entries(search.at_relative(moved)[1]) - here) / OF_VARIANCES
            if r != c:
                change = change - found[places[r, r]] - found[places[c, c]]
            found[place] = change
        first += rows.size
    return 0.5 * (found + found.T)


def _positive(bend: np.ndarray) -> np.ndarray:
    """The curvature with that along saddles as steep upwards as it is downwards."""
    scale = np.sqrt(np.maximum(np.abs(np.diagonal(bend)), 1e-300))
    values, vectors = np.linalg.eigh(bend / np.outer(scale, scale))
    kept = np.maximum(np.abs(values), LEAST_ON_QUADRATIC * np.abs(values).max(initial=0.0))
    return (vectors * kept) @ vectors.T * np.outer(scale, scale)


def _lifts(search: Search, near: Quadratic, sizes: list[int]) -> np.ndarray:
    """Standard deviations (t,) by whose squares the criterion changes by about one."""
    typical = 1.0 / np.sqrt(np.maximum(np.diagonal(near.bend), 1e-300))
    own, parts = matrices(typical, sizes), [np.zeros(0)]
    for (_, theta), matrix in zip(search.parts(search.diagonal), own, strict=True):
        parts.append(np.full(theta.size, np.sqrt(np.diagonal(matrix).min())))
    return np.concatenate(parts)


def _scales(search: Search, theta: np.ndarray, near: Quadratic, sizes: list[int]) -> np.ndarray:
    """Scales (t,) of parameters by which the quadratic is about equally curved in all of them."""
    units = np.eye(near.at.size)
    change = np.array([search.slopes_along(theta, matrices(unit, sizes)) for unit in units])
    bends = np.einsum("mt,mn,nt->t", change, near.bend, change)
    return np.sqrt(np.maximum(bends, 1e-12 * max(bends.max(initial=0.0), 1e-300)))
