"""Newton steps near an optimum, and the certificate that it is one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.errors import FitError
from mlm.statistics.fitting.search import Point, Search
from mlm.statistics.likelihood.covariance import THETA_AT_BOUND
from mlm.statistics.likelihood.differences import (
    LEAST_SEEN,
    newton_step,
    relative_steps,
)
from mlm.statistics.likelihood.evaluation import Evaluation, fixed_covariance

DECREMENT = 1e-8  # deviance that a Newton step could still gain at a converged fit
FORETOLD = 1e-10  # gain in deviance with curvature that was foretold, with any other
FINE = 1e-13  # gain in deviance, and
THETA_CONVERGED = 3e-9  # change of theta, below which a Newton step is not worth an evaluation
SLOPE = 1e-4  # deviance per unit of Omega below which a bound's slope counts as level
THETA_NEAR = 1e-5  # as far, and no further, curvature describes the optimum,
NEAR_FORETOLD = 1e-3  # and that which was foretold, which is not exact
ROUGH = 1e-3  # gain of a step below which curvature is kept from step to step
SLOW = 0.1  # share of the last step's gain above which kept curvature is taken anew
MAX_NEWTON = 25
OF_EXPONENTIALS = 4.0  # curvature over slope, at most, of what nears its limit as an exponential


@dataclass(frozen=True)
class Curvature:
    """Differences around a point, over the parameters that are not on a bound.

    Attributes
    ----------
    theta : ndarray (t,)
        The point.
    free : ndarray of int (f,)
        Positions of those parameters in theta.
    hessian : ndarray (f, f)
        Second derivatives of the criterion.
    spread : ndarray (f, p, p)
        Derivative of the fixed effects' covariance, in squared working units, with sigma^2 at its
        best for every theta.
    is_foretold : bool
        Whether it is what a descent foretold, which took no evaluations.
    """

    theta: np.ndarray
    free: np.ndarray
    hessian: np.ndarray
    spread: np.ndarray
    is_foretold: bool = False


@dataclass(frozen=True)
class ZeroVariances:
    """Second derivatives of the criterion by z variances at zero, sigma^2 at its best.

    Attributes
    ----------
    free : ndarray of bool (c,)
        Which f of the c parameters of the curvature are not those of variances next to zero.
    mixed : ndarray (z, f)
        By each of them and each parameter off its bound.
    own : ndarray (z, z)
        By two of them.
    spread : ndarray (z, p, p)
        Derivative of the fixed effects' covariance by each, in squared working units.
    """

    free: np.ndarray
    mixed: np.ndarray
    own: np.ndarray
    spread: np.ndarray


@dataclass(frozen=True)
class Optimum:
    """Where the search ended, with what certifies it.

    Attributes
    ----------
    theta : ndarray (t,)
        Relative Cholesky factors in the working basis.
    at : Evaluation
        The criterion there.
    derivatives : list of ndarray
        Derivative of the criterion by each random term's Omega.
    gradient : ndarray (t,)
        Derivative by theta.
    curvature : Curvature
        Differences at the optimum or less than 1e-5 of theta away from it.
    decrement : float
        Deviance that a Newton step over the free parameters could still gain.
    boundary_slope : float
        Smallest eigenvalue of the derivatives by Omega: negative where a bound should be left.
    evaluations : int
        Number of evaluations of the criterion.
    is_tight : bool
        Whether paths out of the bound were tried and none led to a better point.
    zeros : ZeroVariances or None
        What is known of variances at zero, where that was asked for.
    bend : ndarray (m, m) or None
        Second derivatives by the entries of the covariances, roughly, where a search knows them.
    """

    theta: np.ndarray
    at: Evaluation
    derivatives: list[np.ndarray]
    gradient: np.ndarray
    curvature: Curvature
    decrement: float
    boundary_slope: float
    evaluations: int
    is_tight: bool = False
    zeros: ZeroVariances | None = None
    bend: np.ndarray | None = None

    @property
    def converged(self) -> bool:
        """Whether no better point lies near: small Newton decrement, no descent at a bound."""
        is_level = self.boundary_slope >= -SLOPE or self.is_tight
        return self.decrement <= DECREMENT and is_level

    @property
    def point(self) -> Point:
        """The criterion there."""
        return Point(self.theta, self.at, self.derivatives, self.gradient)

    @property
    def is_inside(self) -> bool:
        """Whether no parameter is on a bound."""
        return self.curvature.free.size == self.theta.size

    @property
    def hessian(self) -> np.ndarray:
        """Curvature (t, t) by all parameters; one on its bound has that of a typical one."""
        free, inner = self.curvature.free, self.curvature.hessian
        typical = float(np.median(np.diagonal(inner))) if free.size else 1.0
        out = np.diag(np.full(self.theta.size, typical))
        out[np.ix_(free, free)] = inner
        return out


def polished(
    search: Search, point: Point, steps: int = MAX_NEWTON, curvature: Curvature | None = None
) -> Optimum:
    """Polish by damped Newton steps over the parameters that are not on a bound.

    Curvature is kept from step to step once a step gains so little that it hardly changes. What the
    criterion does not see, such as correlations of effects without variance, is left where it is.

    Parameters
    ----------
    search : Search
        Counts evaluations, and makes points.
    point : Point
        Where to begin.
    steps : int
        Steps at most.
    curvature : Curvature, optional
        What a descent foretold there; it is taken anew where its steps do not lead to an end.
    """
    before = np.inf
    for _ in range(steps):
        if curvature is None:
            curvature = curvature_at(search, point)
        step, gain = _step(search, point, curvature)
        size = np.maximum(np.abs(point.theta[curvature.free]), THETA_AT_BOUND)
        is_seen = np.diagonal(curvature.hessian) >= LEAST_SEEN
        is_rough = curvature.is_foretold and gain <= FORETOLD
        if is_rough and _boundary_slope(search, point) >= -SLOPE:
            break
        if gain <= FINE and (np.abs(step) <= THETA_CONVERGED * size)[is_seen].all():
            break
        moved = _line_search(search, point, curvature.free, step)
        if moved is None:
            break
        on_bound = search.diagonal & (moved.theta <= THETA_AT_BOUND)
        if on_bound[curvature.free].any():
            moved = search.point(np.where(on_bound, 0.0, moved.theta))
            curvature = None
        elif gain > ROUGH or gain > SLOW * before:
            curvature = None
        before = gain
        point = moved
    return certified(search, point, curvature)


def curvature_at(search: Search, point: Point) -> Curvature:
    """Differences of the gradient and of the fixed effects' covariance."""
    free = np.flatnonzero(~(search.diagonal & (point.theta <= THETA_AT_BOUND)))
    p = search.working.n_fixed
    hessian, spread = np.zeros((free.size, free.size)), np.zeros((free.size, p, p))
    here = point.at.sigma2 * fixed_covariance(point.at)
    places = {position: j for j, position in enumerate(free.tolist())}
    steps = relative_steps(point.theta, np.sqrt(search.rounding))  # truncation balances rounding
    for position in [position for position in search.order if position in places]:
        j, moved = places[position], point.theta.copy()
        moved[position] += steps[position]
        step = moved[position] - point.theta[position]
        end = search.point(moved)
        hessian[j] = (end.gradient - point.gradient)[free] / step
        spread[j] = (end.at.sigma2 * fixed_covariance(end.at) - here) / step
    return Curvature(point.theta, free, 0.5 * (hessian + hessian.T), spread)


def _step(search: Search, point: Point, curvature: Curvature) -> tuple[np.ndarray, float]:
    """Newton step (f,) over the free parameters, and its gain.

    Those at their end are left there; what runs off to infinity, as an exponential does whose
    curvature is in proportion to its slope, goes to its end at once.
    """
    free, hessian = curvature.free, curvature.hessian
    slope = point.gradient[free]
    runs = np.diagonal(hessian) <= OF_EXPONENTIALS * np.abs(slope)
    step = np.where(runs, search.way_to_end(point)[0][free], 0.0)
    moves = np.flatnonzero(~search.at_end(point)[free] & (step == 0.0))
    rest = float(np.abs(slope[step != 0.0]).sum())
    step[moves], gain = newton_step(hessian[np.ix_(moves, moves)], slope[moves])
    return step, gain + rest


def _line_search(search: Search, point: Point, free: np.ndarray, step) -> Point | None:
    rounding = search.rounding * abs(point.at.deviance)
    for halving in range(12):
        theta = point.theta.copy()
        theta[free] += step * 0.5**halving
        theta = np.where(search.diagonal, np.maximum(theta, 0.0), theta)
        theta = search.within_reach(point.theta, theta)
        try:
            moved = search.point(theta)
        except FitError:
            continue
        if moved.at.deviance <= point.at.deviance + rounding:
            return moved
    return None


def _stale(curvature: Curvature, theta: np.ndarray, on_bound: np.ndarray) -> bool:
    """Whether the curvature was taken over other parameters, or more than a few steps away."""
    if not np.array_equal(curvature.free, np.flatnonzero(~on_bound)):
        return True
    near = NEAR_FORETOLD if curvature.is_foretold else THETA_NEAR
    reach = near * np.maximum(np.abs(theta), 0.1)
    return bool((np.abs(theta - curvature.theta) > reach).any())


def certified(search: Search, point: Point, curvature: Curvature | None) -> Optimum:
    """A point with what certifies it; curvature that describes it no longer is taken anew.

    Parameters
    ----------
    search : Search
        Counts evaluations, and makes points.
    point : Point
        The point.
    curvature : Curvature or None
        Taken before, at or near the point.
    """
    on_bound = search.diagonal & (point.theta <= THETA_AT_BOUND)
    if curvature is None or _stale(curvature, point.theta, on_bound):
        curvature = curvature_at(search, point)
    decrement = _step(search, point, curvature)[1]
    return Optimum(
        point.theta,
        point.at,
        point.derivatives,
        point.gradient,
        curvature,
        decrement,
        _boundary_slope(search, point),
        search.count,
    )


def _boundary_slope(search: Search, point: Point) -> float:
    """Smallest eigenvalue of the derivatives by Omega; not below zero where no bound is reached."""
    lowest = min((float(np.linalg.eigvalsh(d).min()) for d in point.derivatives), default=0.0)
    on_bound = search.diagonal & (point.theta <= THETA_AT_BOUND)
    return lowest if on_bound.any() else max(lowest, 0.0)
