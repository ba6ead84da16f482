"""The way out of a bound: theta on a path on which the criterion falls.

Either a search ended on a bound that is no optimum, or it begins on one: where a model without some
slopes has its optimum, from which few evaluations lead to that with them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mlm.statistics.fitting.descent import descend_from
from mlm.statistics.fitting.search import Point
from mlm.statistics.likelihood.covariance import factors, theta_of
from mlm.statistics.likelihood.differences import relative_steps
from mlm.statistics.likelihood.working import Block

if TYPE_CHECKING:
    from mlm.statistics.fitting.form_search import FormSearch

SIZES = 10.0 ** np.arange(0, -9, -1)  # lengths tried on a path, in units of Omega or of its root
DEPARTURE_GAIN = 1e-10  # deviance by which a point must be better


def off_the_bound(
    theta: np.ndarray,
    derivatives: Sequence[np.ndarray],
    deviance: float,
    blocks: Sequence[Block],
    value: Callable[[np.ndarray], float],
) -> np.ndarray | None:
    """The better end of two paths out of a bound, or None when the criterion falls on neither.

    One path adds a variance in the worst direction of the derivative D by Omega; the other
    follows the steepest descent ``-D F`` of the symmetric root F, along which a variance and its
    covariances leave zero together.

    Parameters
    ----------
    theta : ndarray (t,)
        Where the search stands.
    derivatives : sequence of ndarray (q, q)
        Derivative of the criterion by each random term's Omega.
    deviance : float
        The criterion there.
    blocks : sequence of Block
        Random terms.
    value : callable
        The criterion at a theta.

    Returns
    -------
    ndarray (t,) or None
    """
    omegas = [factor @ factor.T for factor in factors(theta, blocks)]
    worst = int(np.argmin([np.linalg.eigvalsh(d).min() for d in derivatives]))
    lowest, best = deviance - DEPARTURE_GAIN, None
    for path in _paths(omegas[worst], derivatives[worst]):
        for size in SIZES:
            trial = [path(size) if i == worst else omega for i, omega in enumerate(omegas)]
            moved = theta_of(trial)
            found = value(moved)
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


def near_start(search: FormSearch, theta: np.ndarray, hessian: np.ndarray, gain: float) -> Point:
    """A point near the optimum, from where a similar model has its own.

    Slopes that the other model lacks stay without variance where the criterion falls by none.
    Otherwise they begin with some, and with curvature by their parameters from differences.

    Parameters
    ----------
    search : FormSearch
        The criterion.
    theta, hessian : ndarray (m,) and (m, m)
        The other optimum and its curvature; zero and NaN by the slopes' parameters, NaN by all
        where curvature is not known.
    gain : float
        Deviance that a further step is expected to gain less than.

    Raises
    ------
    FitError
        When the criterion cannot be evaluated at the start.
    """
    new = np.isnan(np.diagonal(hessian))
    away = search.point(search.off_zero(theta))
    if not new.all():
        point = search.point(theta)
        slopes = _slopes_at_zero(search, point, new)
        if _stays(slopes, point, away):
            return point
        if new.sum() == 1 and slopes:
            away = _foreseen(search, theta, new, float(slopes[0][0, 0]), away)
    bend, steps = hessian.copy(), relative_steps(away.theta, np.sqrt(search.rounding))
    for place in np.flatnonzero(new).tolist():
        moved = away.theta.copy()
        moved[place] += steps[place]
        change = search.point(moved).gradient - away.gradient
        bend[place] = bend[:, place] = change / (moved[place] - away.theta[place])
    values, vectors = np.linalg.eigh(0.5 * (bend + bend.T))
    return descend_from(search, away, (vectors * np.abs(values)) @ vectors.T, gain)


def _stays(slopes: list[np.ndarray] | None, point: Point, away: Point) -> bool:
    """Whether slopes gain nothing by a variance: neither a small one nor that of another point."""
    rises = slopes is not None and all(np.linalg.eigvalsh(d).min() >= 0.0 for d in slopes)
    return rises and away.at.deviance >= point.at.deviance


def _foreseen(
    search: FormSearch, theta: np.ndarray, new: np.ndarray, slope: float, away: Point
) -> Point:
    """Where the derivative by one new variance is zero, if it is a line from zero to a point."""
    sd = float(away.theta[new][0])
    there = float(away.gradient[new][0]) / (2.0 * sd)
    if not slope < 0.0 < there:
        return away
    return search.point(np.where(new, sd * np.sqrt(slope / (slope - there)), theta))


def _slopes_at_zero(search: FormSearch, point: Point, new: np.ndarray) -> list[np.ndarray] | None:
    """Derivatives by the covariances of new slopes; None where these stand beside other effects."""
    found, first = [], 0
    for (_, own), slope in zip(search.parts(point.theta), point.derivatives, strict=True):
        is_new = new[first : first + own.size]
        first += own.size
        if is_new.any() and not is_new.all():
            return None
        if is_new.any():
            found.append(slope)
    return found
