"""The search for the optimum of the criterion, and the certificate that it is one.

The search runs over theta, where zero is always a stationary point; whether a boundary point is an
optimum is judged by the derivative D by Omega, which must be positive semidefinite there. A
direction with a negative slope is followed, so that no variance is declared zero while a better
point exists.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.errors import FitError
from mlm.model import INTERCEPT
from mlm.statistics.covariance import (
    block_parts,
    factors,
    is_diagonal,
    level_matrices,
    n_theta,
    theta_gradient,
    theta_of,
    triangle,
)
from mlm.statistics.escape import escape
from mlm.statistics.gradient import gradient
from mlm.statistics.likelihood import Evaluation, evaluate, fixed_covariance
from mlm.statistics.working import Working

BOUND = 1e-5  # theta below this counts as on its bound (lme4 uses 1e-4)
DECREMENT = 1e-8  # deviance that a Newton step could still gain at a converged fit
FINE = 1e-13  # gain in deviance below which a Newton step is the last one
SLOPE = 1e-4  # deviance per unit of Omega below which a bound's slope counts as level
STEP = 1e-4  # step of central differences, relative to theta (or to 0.1)
NEAR = 1.0  # such steps away from which curvature still describes the optimum
ROUGH = 1e-3  # gain of a step below which curvature is kept from step to step
STARTS = (0.5, 0.1)  # relative sd of intercepts at the first start, and at the second at a bound
SMALL = 1e-4  # relative sd at which the quasi-Newton search hands over a zero
LARGE = 12.0  # logarithm of the largest relative sd of that search
SLOW = 0.1  # share of the last step's gain above which kept curvature is taken anew
MAX_NEWTON = 25
MAX_ESCAPES = 8


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
    """

    theta: np.ndarray
    free: np.ndarray
    hessian: np.ndarray
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
        Differences at the optimum or less than a Newton step of 1e-4 away from it.
    decrement : float
        Deviance that a Newton step over the free parameters could still gain.
    boundary_slope : float
        Smallest eigenvalue of the derivatives by Omega: negative where a bound should be left.
    evaluations : int
        Number of evaluations of the criterion.
    """

    theta: np.ndarray
    at: Evaluation
    derivatives: list[np.ndarray]
    gradient: np.ndarray
    curvature: Curvature
    decrement: float
    boundary_slope: float
    evaluations: int

    @property
    def converged(self) -> bool:
        """Whether no better point lies near: small Newton decrement, no descent at a bound."""
        return self.decrement <= DECREMENT and self.boundary_slope >= -SLOPE


@dataclass(frozen=True)
class _Point:
    """The criterion and its derivatives at one theta."""

    theta: np.ndarray
    at: Evaluation
    derivatives: list[np.ndarray]
    gradient: np.ndarray


@dataclass
class _Search:
    """The criterion and its gradient as functions of theta, counting evaluations."""

    working: Working
    reml: bool
    count: int = 0

    @property
    def diagonal(self) -> np.ndarray:
        return is_diagonal(self.working.blocks)

    def point(self, theta: np.ndarray) -> _Point:
        self.count += 1
        at = evaluate(self.working, level_matrices(theta, self.working), self.reml)
        blocks = self.working.blocks
        parts = block_parts(gradient(self.working, at, self.reml), blocks)
        return _Point(theta, at, parts, theta_gradient(theta, parts, blocks))

    def value(self, theta: np.ndarray) -> float:
        self.count += 1
        return evaluate(self.working, level_matrices(theta, self.working), self.reml).deviance


def optimum(working: Working, reml: bool, start: np.ndarray | None = None) -> Optimum:
    """The optimum of the ML or REML criterion.

    Parameters
    ----------
    working : Working
        Statistics of the model.
    reml : bool
        REML instead of ML.
    start : ndarray (t,), optional
        First theta to try, for example that of a neighbouring model.

    Returns
    -------
    Optimum

    Raises
    ------
    FitError
        When the criterion cannot be evaluated at any start.
    """
    search = _Search(working, reml)
    if n_theta(working.blocks) == 0:
        return _certified(search, search.point(np.zeros(0)), None)
    best = _climb(search, _default_start(working, STARTS[0]) if start is None else start)
    if (search.diagonal & (best.theta <= BOUND)).any():
        other = _climb(search, _default_start(working, STARTS[1]))
        best = min(best, other, key=lambda found: found.at.deviance)
    return best


def _default_start(working: Working, scale: float) -> np.ndarray:
    """Uncorrelated effects; slopes of standardised columns are smaller than intercepts."""
    omegas = []
    for block in working.blocks:
        slopes = [name != INTERCEPT and block.size > 1 for name in block.names]
        omegas.append(np.diag([scale**2 * (0.1 if slope else 1.0) for slope in slopes]))
    return theta_of(omegas)


def _climb(search: _Search, theta: np.ndarray) -> Optimum:
    """Quasi-Newton search, Newton polish, and escapes from bounds that are no optimum."""
    found = _newton(search, _quasi_newton(search, theta))
    for _ in range(MAX_ESCAPES):
        if found.boundary_slope >= -SLOPE:
            break
        escaped = escape(
            found.theta, found.derivatives, found.at.deviance, search.working.blocks, search.value
        )
        if escaped is None:
            break
        found = _newton(search, _quasi_newton(search, escaped))
    return found


def _quasi_newton(search: _Search, theta: np.ndarray) -> np.ndarray:
    """L-BFGS over scaled parameters: logarithms on the diagonal, so that they stay positive.

    The scale of a parameter is the square root of its number of groups, to which the curvature of
    the criterion by a logarithm is proportional; the search then starts on a round surface.
    """
    from scipy.optimize import minimize

    diagonal = search.diagonal
    scale, groups = _scales(search.working, theta)

    def objective(free: np.ndarray) -> tuple[float, np.ndarray]:
        moved = free / scale
        moved = np.where(diagonal, np.exp(np.minimum(moved, LARGE)), moved)
        try:
            point = search.point(moved)
        except FitError:
            return 1e300, np.zeros_like(free)
        slope = np.where(diagonal, point.gradient * moved, point.gradient) / scale
        return point.at.deviance / (4.0 * groups), slope / (4.0 * groups)

    start = np.where(diagonal, np.log(np.maximum(theta, SMALL)), theta) * scale
    low, high = np.log(SMALL) * scale, LARGE * scale
    bounds = [(a, b) if d else (None, None) for a, b, d in zip(low, high, diagonal, strict=True)]
    tolerance = max(ROUGH / (2.0 * search.working.n_obs + 4.0 * groups), 1e-15)
    options = {"ftol": tolerance, "gtol": 0.0, "maxiter": 500, "maxcor": 20}
    result = minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    if result.fun >= 1e300:
        raise FitError("the criterion cannot be evaluated: the fixed effects are not identified.")
    found = result.x / scale
    found = np.where(diagonal, np.exp(found), found)
    return np.where(diagonal & (found <= 2.0 * SMALL), 0.0, found)


def _scales(working: Working, theta: np.ndarray) -> tuple[np.ndarray, float]:
    """Scale of each parameter, and the largest number of groups."""
    groups = np.array(working.group_sizes, dtype=float)
    parts = []
    for block, factor in zip(working.blocks, factors(theta, working.blocks), strict=True):
        rows, columns = triangle(block.size)
        size = np.sqrt(groups[block.level] / groups.max())
        sd = np.maximum(np.diagonal(factor)[rows], 0.01)
        parts.append(np.where(rows == columns, size, size / sd))
    return np.concatenate(parts), float(groups.max())


def _curvature(search: _Search, theta: np.ndarray) -> Curvature:
    """Central differences of the gradient and of the fixed effects' covariance."""
    free = np.flatnonzero(~(search.diagonal & (theta <= BOUND)))
    p = search.working.n_fixed
    hessian, spread = np.zeros((free.size, free.size)), np.zeros((free.size, p, p))
    for j, position in enumerate(free):
        step = STEP * max(abs(theta[position]), 0.1)
        ends = []
        for sign in (1.0, -1.0):
            moved = theta.copy()
            moved[position] += sign * step
            ends.append(search.point(moved))
        hessian[j] = (ends[0].gradient - ends[1].gradient)[free] / (2.0 * step)
        covariances = [end.at.sigma2 * fixed_covariance(end.at) for end in ends]
        spread[j] = (covariances[0] - covariances[1]) / (2.0 * step)
    return Curvature(theta, free, 0.5 * (hessian + hessian.T), spread)


def _newton(search: _Search, theta: np.ndarray) -> Optimum:
    """Polish by damped Newton steps over the parameters that are not on a bound.

    Curvature is kept from step to step once a step gains so little that it hardly changes.
    """
    point = search.point(np.where(search.diagonal & (theta <= BOUND), 0.0, theta))
    curvature: Curvature | None = None
    before = np.inf
    for _ in range(MAX_NEWTON):
        if curvature is None:
            curvature = _curvature(search, point.theta)
        step, gain = _newton_step(curvature.hessian, point.gradient[curvature.free])
        if gain == 0.0:
            break
        moved = _line_search(search, point, curvature.free, step)
        if moved is None:
            break
        on_bound = search.diagonal & (moved.theta <= BOUND)
        if on_bound[curvature.free].any():
            moved = search.point(np.where(on_bound, 0.0, moved.theta))
            curvature = None
        elif gain > ROUGH or gain > SLOW * before:
            curvature = None
        before = gain
        point = moved
        if gain <= FINE:
            break
    return _certified(search, point, curvature)


def _newton_step(hessian: np.ndarray, slope: np.ndarray) -> tuple[np.ndarray, float]:
    """Newton step with curvature made positive, and the deviance it is expected to gain."""
    if slope.size == 0:
        return slope, 0.0
    values, vectors = np.linalg.eigh(hessian)
    floor = 1e-10 * max(np.abs(values).max(), 1e-10)
    inside = vectors.T @ slope
    step = -vectors @ (inside / np.maximum(np.abs(values), floor))
    return step, float(0.5 * np.sum(inside**2 / np.maximum(np.abs(values), floor)))


def _line_search(search: _Search, point: _Point, free: np.ndarray, step) -> _Point | None:
    rounding = 1e-14 * abs(point.at.deviance)
    for halving in range(12):
        theta = point.theta.copy()
        theta[free] += step * 0.5**halving
        theta = np.where(search.diagonal, np.maximum(theta, 0.0), theta)
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
    steps = STEP * np.maximum(np.abs(theta), 0.1)
    return bool((np.abs(theta - curvature.theta) > NEAR * steps).any())


def _certified(search: _Search, point: _Point, curvature: Curvature | None) -> Optimum:
    on_bound = search.diagonal & (point.theta <= BOUND)
    if curvature is None or _stale(curvature, point.theta, on_bound):
        curvature = _curvature(search, point.theta)
    decrement = _newton_step(curvature.hessian, point.gradient[curvature.free])[1]
    lowest = min((float(np.linalg.eigvalsh(d).min()) for d in point.derivatives), default=0.0)
    return Optimum(
        point.theta,
        point.at,
        point.derivatives,
        point.gradient,
        curvature,
        decrement,
        lowest if on_bound.any() else max(lowest, 0.0),
        search.count,
    )
