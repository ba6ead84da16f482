"""The search for the optimum of the criterion, from start to certificate.

The search runs over theta, where zero is always a stationary point; whether a boundary point is an
optimum is judged by the derivative D by Omega, which must be positive semidefinite there. A
direction with a negative slope is followed, so that no variance is declared zero while a better
point exists.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import numpy as np

from mlm.errors import FitError
from mlm.model import INTERCEPT
from mlm.statistics.covariance import factors, n_theta, theta_of, triangle
from mlm.statistics.escape import escape
from mlm.statistics.newton import BOUND, ROUGH, SLOPE, Optimum, certified, polished
from mlm.statistics.search import Point, Search
from mlm.statistics.threads import one_thread
from mlm.statistics.working import Working

STARTS = (0.5, 0.1)  # relative sd of intercepts at the first start, and at the second at a bound
SMALL = 1e-4  # relative sd at which the quasi-Newton search hands over a zero
LARGE = 12.0  # logarithm of the largest relative sd of that search
LIFT = 0.02  # relative variance at which the search for one that leaves zero begins
BESIDE = 0.02  # change of theta within which two searches are taken to have one end
MAX_ESCAPES = 8


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
    search = Search(working, reml)
    with nullcontext() if working.crossing else one_thread():
        if n_theta(working.blocks) == 0:
            return certified(search, search.point(np.zeros(0)), None)
        best = _climb(search, _default_start(working, STARTS[0]) if start is None else start)
        if (search.diagonal & (best.theta <= BOUND)).any():
            best = _climb(search, _default_start(working, STARTS[1]), best)
        return best


def _default_start(working: Working, scale: float) -> np.ndarray:
    """Uncorrelated effects; slopes of standardised columns are smaller than intercepts."""
    omegas = []
    for block in working.blocks:
        slopes = [name != INTERCEPT and block.size > 1 for name in block.names]
        omegas.append(np.diag([scale**2 * (0.1 if slope else 1.0) for slope in slopes]))
    return theta_of(omegas)


def _climb(search: Search, theta: np.ndarray, known: Optimum | None = None) -> Optimum:
    """Quasi-Newton search, Newton polish, and escapes from bounds that are no optimum.

    A start on a bound comes from a neighbouring model; it is polished at once, unless the criterion
    falls from the bound. A search that leads to where another one has been is not polished again;
    the better of both is returned.
    """
    point = None
    if (search.diagonal & (theta <= BOUND)).any():
        point = search.point(theta)
        theta, falls = _lifted(point, search.working.blocks)
        point = None if falls else point
    if point is None:
        point = _quasi_newton(search, theta)
    if known is not None and _leads_to(point, known):
        return known
    found = _escaped(search, _flattened(search, polished(search, point)))
    return found if known is None or found.at.deviance < known.at.deviance else known


def _lifted(point: Point, blocks) -> tuple[np.ndarray, bool]:
    """A theta with some variance wherever the criterion falls from zero, and whether it does."""
    omegas, falls = [], False
    for factor, derivative in zip(factors(point.theta, blocks), point.derivatives, strict=True):
        omega = factor @ factor.T
        values, vectors = np.linalg.eigh(omega)
        null = vectors[:, values <= BOUND**2]
        if null.size and np.linalg.eigvalsh(null.T @ derivative @ null).min() < -SLOPE:
            omega, falls = omega + LIFT * null @ null.T, True
        omegas.append(omega)
    return theta_of(omegas), falls


def _leads_to(point: Point, known: Optimum) -> bool:
    """Whether a search ended beside an optimum that is known and certified, and no better."""
    near = np.abs(point.theta - known.theta) <= BESIDE * np.maximum(np.abs(known.theta), 1.0)
    return known.converged and bool(near.all()) and point.at.deviance >= known.at.deviance


def _escaped(search: Search, found: Optimum) -> Optimum:
    """The end of a search after all escapes from bounds on which the criterion falls."""
    for _ in range(MAX_ESCAPES):
        if found.boundary_slope >= -SLOPE:
            break
        escaped = escape(
            found.theta, found.derivatives, found.at.deviance, search.working.blocks, search.value
        )
        if escaped is None:
            return replace(found, is_tight=True, evaluations=search.count)
        moved = polished(search, _quasi_newton(search, escaped))
        if moved.at.deviance >= found.at.deviance:
            moved = polished(search, search.point(escaped))
        found = _flattened(search, moved)
    return found


def _flattened(search: Search, found: Optimum) -> Optimum:
    """The end of a search on the bound nearby, where that is better than a search that got stuck.

    Next to a covariance matrix of less than full rank theta runs along a curved valley, in which
    Newton steps are short; on the bound itself the surface is round again.
    """
    if found.converged:
        return found
    blocks = search.working.blocks
    for i, factor in enumerate(factors(found.theta, blocks)):
        if factor.shape[0] == 1:
            continue
        values, vectors = np.linalg.eigh(factor @ factor.T)
        values[0] = 0.0
        omegas = [f @ f.T for f in factors(found.theta, blocks)]
        omegas[i] = (vectors * values) @ vectors.T
        theta = theta_of(omegas)
        on_bound = search.diagonal & (theta <= BOUND)
        other = polished(search, search.point(np.where(on_bound, 0.0, theta)))
        if other.at.deviance < found.at.deviance:
            found = other
    return found


def _quasi_newton(search: Search, theta: np.ndarray) -> Point:
    """L-BFGS over scaled parameters: logarithms on the diagonal, so that they stay positive.

    The scale of a parameter is the square root of its number of groups, to which the curvature of
    the criterion by a logarithm is proportional; the search then starts on a round surface.
    """
    from scipy.optimize import minimize

    diagonal = search.diagonal
    scale, groups = _scales(search.working, theta)
    best: Point | None = None

    def objective(free: np.ndarray) -> tuple[float, np.ndarray]:
        moved = free / scale
        moved = np.where(diagonal, np.exp(np.minimum(moved, LARGE)), moved)
        nonlocal best
        try:
            point = search.point(moved)
        except FitError:
            return 1e300, np.zeros_like(free)
        if best is None or point.at.deviance <= best.at.deviance:
            best = point
        slope = np.where(diagonal, point.gradient * moved, point.gradient) / scale
        return point.at.deviance / (4.0 * groups), slope / (4.0 * groups)

    start = np.where(diagonal, np.log(np.maximum(theta, SMALL)), theta) * scale
    low, high = np.log(SMALL) * scale, LARGE * scale
    bounds = [(a, b) if d else (None, None) for a, b, d in zip(low, high, diagonal, strict=True)]
    tolerance = max(ROUGH / (2.0 * search.working.n_obs + 4.0 * groups), 1e-15)
    options = {"ftol": tolerance, "gtol": 0.0, "maxiter": 500, "maxcor": 20}
    minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    if best is None:
        raise FitError("the criterion cannot be evaluated: the fixed effects are not identified.")
    is_small = diagonal & (best.theta <= 2.0 * SMALL)
    return search.point(np.where(is_small, 0.0, best.theta)) if is_small.any() else best


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
