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
from mlm.statistics.covariance import (
    block_parts,
    factors,
    is_diagonal,
    level_matrices,
    n_theta,
    theta_gradient,
    theta_of,
)
from mlm.statistics.likelihood import Evaluation, evaluate, gradient
from mlm.statistics.working import Working

BOUND = 1e-5  # theta below this counts as on its bound (lme4 uses 1e-4)
DECREMENT = 1e-8  # deviance that a Newton step could still gain at a converged fit
SLOPE = 1e-4  # deviance per unit of Omega below which a bound's slope counts as level
MAX_NEWTON = 25
MAX_ESCAPES = 8


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
    hessian : ndarray (t, t)
        Second derivatives by theta, from differences of the gradient.
    decrement : float
        Deviance that a Newton step over the free parameters could still gain.
    boundary_slope : float
        Smallest eigenvalue of the derivatives by Omega: negative where a bound should be left.
    evaluations : int
        Number of evaluations of the criterion with its gradient.
    """

    theta: np.ndarray
    at: Evaluation
    derivatives: list[np.ndarray]
    gradient: np.ndarray
    hessian: np.ndarray
    decrement: float
    boundary_slope: float
    evaluations: int

    @property
    def converged(self) -> bool:
        """Whether no better point lies near: small Newton decrement, no descent at a bound."""
        return self.decrement <= DECREMENT and self.boundary_slope >= -SLOPE


@dataclass
class _Search:
    """The criterion and its gradient as functions of theta, counting evaluations."""

    working: Working
    reml: bool
    count: int = 0

    def point(self, theta: np.ndarray):
        self.count += 1
        at = evaluate(self.working, level_matrices(theta, self.working), self.reml)
        blocks = self.working.blocks
        parts = block_parts(gradient(self.working, at, self.reml), blocks)
        return at, parts, theta_gradient(theta, parts, blocks)

    def value(self, theta: np.ndarray) -> float:
        self.count += 1
        return evaluate(self.working, level_matrices(theta, self.working), self.reml).deviance

    def objective(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        try:
            at, _, slope = self.point(theta)
        except FitError:
            return 1e300, np.zeros_like(theta)
        return at.deviance, slope


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
        return _certified(search, np.zeros(0))
    best = _climb(search, _default_start(working, 0.5) if start is None else start)
    if _on_bound(best, working).any():
        other = _climb(search, _default_start(working, 0.1))
        best = min(best, other, key=lambda found: found.at.deviance)
    return best


def _default_start(working: Working, scale: float) -> np.ndarray:
    return theta_of([scale**2 * np.eye(block.size) for block in working.blocks])


def _climb(search: _Search, theta: np.ndarray) -> Optimum:
    """Quasi-Newton search, Newton polish, and escapes from bounds that are no optimum."""
    theta = _newton(search, _quasi_newton(search, theta))
    found = _certified(search, theta)
    for _ in range(MAX_ESCAPES):
        if found.boundary_slope >= -SLOPE:
            break
        escaped = _escape(search, found)
        if escaped is None:
            break
        found = _certified(search, _newton(search, _quasi_newton(search, escaped)))
    return found


def _quasi_newton(search: _Search, theta: np.ndarray) -> np.ndarray:
    from scipy.optimize import minimize

    diagonal = is_diagonal(search.working.blocks)
    bounds = [(0.0, None) if bounded else (None, None) for bounded in diagonal]
    result = minimize(
        search.objective,
        theta,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"ftol": 1e-13, "gtol": 1e-6, "maxiter": 500, "maxcor": 20},
    )
    if result.fun >= 1e300:
        raise FitError("the criterion cannot be evaluated: the fixed effects are not identified.")
    return np.asarray(result.x)


def _hessian(search: _Search, theta: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Second derivatives over the free parameters from central differences of the gradient."""
    t = theta.size
    hessian = np.zeros((t, t))
    for j in np.flatnonzero(free):
        step = 1e-4 * max(abs(theta[j]), 0.1)
        ahead, behind = theta.copy(), theta.copy()
        ahead[j] += step
        behind[j] -= step
        hessian[j] = (search.point(ahead)[2] - search.point(behind)[2]) / (2.0 * step)
    return 0.5 * (hessian + hessian.T)


def _free(theta: np.ndarray, slope: np.ndarray, diagonal: np.ndarray) -> np.ndarray:
    return ~(diagonal & (theta <= BOUND))


def _newton(search: _Search, theta: np.ndarray) -> np.ndarray:
    """Polish by damped Newton steps over the parameters that are not on a bound."""
    diagonal = is_diagonal(search.working.blocks)
    theta = np.where(diagonal & (theta <= BOUND), 0.0, theta)
    at, _, slope = search.point(theta)
    for _ in range(MAX_NEWTON):
        free = _free(theta, slope, diagonal)
        if not free.any():
            break
        hessian = _hessian(search, theta, free)[np.ix_(free, free)]
        step, gain = _newton_step(hessian, slope[free])
        if gain <= 0.01 * DECREMENT:
            break
        moved = _line_search(search, theta, free, step, at.deviance, diagonal)
        if moved is None:
            break
        theta = moved
        at, _, slope = search.point(theta)
    return theta


def _newton_step(hessian: np.ndarray, slope: np.ndarray) -> tuple[np.ndarray, float]:
    """Newton step with curvature made positive, and the deviance it is expected to gain."""
    values, vectors = np.linalg.eigh(hessian)
    floor = 1e-10 * max(np.abs(values).max(), 1e-10)
    inside = vectors.T @ slope
    step = -vectors @ (inside / np.maximum(np.abs(values), floor))
    return step, float(0.5 * np.sum(inside**2 / np.maximum(np.abs(values), floor)))


def _line_search(search, theta, free, step, deviance, diagonal) -> np.ndarray | None:
    for halving in range(12):
        moved = theta.copy()
        moved[free] += step * 0.5**halving
        moved = np.where(diagonal, np.maximum(moved, 0.0), moved)
        try:
            if search.value(moved) < deviance:
                return moved
        except FitError:
            continue
    return None


def _escape(search: _Search, found: Optimum) -> np.ndarray | None:
    """A better theta in the direction of Omega in which the criterion falls, if there is one."""
    blocks = search.working.blocks
    omegas = [factor @ factor.T for factor in factors(found.theta, blocks)]
    worst = int(np.argmin([np.linalg.eigvalsh(d).min() for d in found.derivatives]))
    _, vectors = np.linalg.eigh(found.derivatives[worst])
    ray = np.outer(vectors[:, 0], vectors[:, 0])
    for size in 10.0 ** np.arange(0, -9, -1):
        trial = [omega + (size * ray if i == worst else 0.0) for i, omega in enumerate(omegas)]
        theta = theta_of(trial)
        if search.value(theta) < found.at.deviance - 1e-10:
            return theta
    return None


def _on_bound(found: Optimum, working: Working) -> np.ndarray:
    return is_diagonal(working.blocks) & (found.theta <= BOUND)


def _certified(search: _Search, theta: np.ndarray) -> Optimum:
    at, parts, slope = search.point(theta)
    diagonal = is_diagonal(search.working.blocks)
    free = _free(theta, slope, diagonal)
    hessian = _hessian(search, theta, free) if free.any() else np.zeros((theta.size,) * 2)
    gain = 0.0
    if free.any():
        gain = _newton_step(hessian[np.ix_(free, free)], slope[free])[1]
    lowest = min((float(np.linalg.eigvalsh(d).min()) for d in parts), default=0.0)
    if not _singular(theta, search.working):
        lowest = max(lowest, 0.0)
    return Optimum(theta, at, parts, slope, hessian, gain, lowest, search.count)


def _singular(theta: np.ndarray, working: Working) -> bool:
    return bool((theta[is_diagonal(working.blocks)] <= BOUND).any())
