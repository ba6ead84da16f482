"""The search for the optimum of the criterion, from start to certificate.

The search runs over theta, where zero is always a stationary point; whether a boundary point is an
optimum is judged by the derivative D by Omega, which must be positive semidefinite there. A
direction with a negative slope is followed, so that no variance is declared zero while a better
point exists.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlm.errors import FitError
from mlm.nouns.model import INTERCEPT
from mlm.statistics.fitting.descent import DESCENT_GAIN, descend, descend_from
from mlm.statistics.fitting.leaving_bounds import MAX_DEPARTURES, THIN, near_start, off_the_bound
from mlm.statistics.fitting.newton import DECREMENT, ROUGH, SLOPE, Optimum, certified, polished
from mlm.statistics.fitting.over_covariances.descent import descend_over_covariances
from mlm.statistics.fitting.search import LIFT, Point, Search
from mlm.statistics.likelihood.covariance import (
    THETA_AT_BOUND,
    directions_without,
    factors,
    n_theta,
    theta_of,
)
from mlm.statistics.likelihood.evaluation import Criterion
from mlm.statistics.likelihood.threads import threads_for
from mlm.statistics.likelihood.working import Working

FIRST_SDS = (0.5, 0.1)  # relative sd of intercepts at the first start, and at the second at a bound
SMALLEST_SD = 1e-4  # relative sd at which the quasi-Newton search hands over a zero
LARGEST_LOG_SD = 12.0  # logarithm of the largest relative sd of that search
ON_IT = 1e-10  # change of theta to the bound nearby below which a search stands on it
BESIDE = 0.02  # change of theta within which two searches are taken to have one end
BESIDE_DEVIANCE = 0.5  # deviance above an optimum below which a search that is beside it is ended
ROUNDNESS = 1.25  # what the slope may foretell of the way there, over what it is
ROUND = 8  # Newton steps after which a bound nearby is tried
NEAR_END = 1e-9  # gain of a step from which that is where the search ends


def optimum(
    working: Working,
    criterion: Criterion,
    start: np.ndarray | None = None,
    hessian: np.ndarray | None = None,
    bend: np.ndarray | None = None,
) -> Optimum:
    """The optimum of the ML or REML criterion.

    Parameters
    ----------
    working : Working
        Statistics of the model.
    criterion : {"ML", "REML"}
        What is optimised.
    start : ndarray (t,), optional
        First theta to try, for example that of a neighbouring model.
    hessian : ndarray (t, t), optional
        Curvature near the start, roughly, from a fit that has its optimum there; NaN by the
        parameters of slopes that this fit lacks.
    bend : ndarray, optional
        Curvature by the entries of the covariances near the start, as an optimum has it.

    Returns
    -------
    Optimum

    Raises
    ------
    FitError
        When the criterion cannot be evaluated at any start.
    """
    search = Search(working, criterion)
    with threads_for(working.structure.n_dense):
        if n_theta(working.blocks) == 0:
            return certified(search, search.point(np.zeros(0)), None)
        is_known = hessian is not None or (start is not None and working.takes_long)
        best = _near(search, start, hessian, bend) if is_known else None
        is_near = best is not None
        if best is None:
            best = _climb(search, _default_start(working, FIRST_SDS[0]) if start is None else start)
        if (search.diagonal & (best.theta <= THETA_AT_BOUND)).any():
            again = _default_start(working, FIRST_SDS[1])
            if start is not None:  # all that is not on a bound is known well enough
                again = _raised(best.theta, again, working.blocks)
            if not is_near or search.value(again) <= best.at.deviance:
                best = _climb(search, again, best)
        return best


def _near(search: Search, start: np.ndarray, hessian, bend) -> Optimum | None:
    """The optimum near that of a similar model; None where a search has to look around for it."""
    if search.is_long or hessian is None:
        point, known = descend_over_covariances(search, start, DESCENT_GAIN, bend)
        bend = known.bend
    else:
        descent = near_start if np.isnan(hessian).any() else descend
        point = descent(search, start, hessian, NEAR_END if search.is_costly else DESCENT_GAIN)
    found = _off_bounds(search, _finished(search, _on_bound_nearby(search, point)))
    return replace(found, bend=bend) if found.converged else None


def _default_start(working: Working, scale: float) -> np.ndarray:
    """Uncorrelated effects; slopes of standardised columns are smaller than intercepts."""
    omegas = []
    for block in working.blocks:
        slopes = [name != INTERCEPT and block.size > 1 for name in block.names]
        omegas.append(np.diag([scale**2 * (0.1 if slope else 1.0) for slope in slopes]))
    return theta_of(omegas)


def _raised(theta: np.ndarray, other: np.ndarray, blocks) -> np.ndarray:
    """theta with some of the variance of another one in every direction in which it has none."""
    omegas = []
    for factor, more in zip(factors(theta, blocks), factors(other, blocks), strict=True):
        null = directions_without(factor @ factor.T)
        inside = null.T @ more @ more.T @ null
        omegas.append(factor @ factor.T + null @ inside @ null.T)
    return theta_of(omegas)


def _climb(search: Search, theta: np.ndarray, known: Optimum | None = None) -> Optimum:
    """Quasi-Newton search, Newton polish, and ways off bounds that are no optimum.

    A start on a bound comes from a neighbouring model; it is polished at once, unless the criterion
    falls from the bound. A search that leads to where another one has been is not polished again;
    the better of both is returned.
    """
    point = None
    if (search.diagonal & (theta <= THETA_AT_BOUND)).any():
        point = search.point(theta)
        theta, falls = _lifted(point, search.working.blocks)
        point = None if falls else point
    if point is None:
        point, bend = quasi_newton(search, theta, known)
        if search.is_costly:
            point = descend_from(search, point, bend, NEAR_END)
    if known is not None and _is_no_better(point, known):
        return known
    point = _on_bound_nearby(search, point)
    found = _off_bounds(search, _finished(search, point))
    return found if known is None or found.at.deviance < known.at.deviance else known


def _lifted(point: Point, blocks) -> tuple[np.ndarray, bool]:
    """A theta with some variance wherever the criterion falls from zero, and whether it does."""
    omegas, falls = [], False
    for factor, derivative in zip(factors(point.theta, blocks), point.derivatives, strict=True):
        omega = factor @ factor.T
        null = directions_without(omega)
        if null.size and np.linalg.eigvalsh(null.T @ derivative @ null).min() < -SLOPE:
            omega, falls = omega + LIFT * null @ null.T, True
        omegas.append(omega)
    return theta_of(omegas), falls


def _is_no_better(point: Point, known: Optimum) -> bool:
    """Whether a search ended at or beside a certified optimum, or clearly above it."""
    above = point.at.deviance - known.at.deviance
    return known.converged and (above > ROUGH or (above >= 0.0 and _is_beside(point, known)))


def _leads_to(point: Point, known: Optimum) -> bool:
    """Whether a search has come so near to a certified optimum that it will end there.

    On a round surface with its least point there the slope foretells twice what is left to fall; it
    foretells more where a lower point lies between.
    """
    above = point.at.deviance - known.at.deviance
    foretold = 0.5 * float(point.gradient @ (point.theta - known.theta))
    is_round = foretold <= ROUNDNESS * above
    return (
        known.converged
        and 0.0 <= above <= BESIDE_DEVIANCE
        and is_round
        and _is_beside(point, known)
    )


def _is_beside(point: Point, known: Optimum) -> bool:
    near = np.abs(point.theta - known.theta) <= BESIDE * np.maximum(np.abs(known.theta), 1.0)
    return bool(near.all())


def _on_bound_nearby(search: Search, point: Point) -> Point:
    """The point on the bound nearby, where a covariance matrix has nearly less than full rank."""
    blocks = search.working.blocks
    for i, factor in enumerate(factors(point.theta, blocks)):
        values = np.linalg.eigvalsh(factor @ factor.T)
        if len(values) > 1 and 0.0 < values[0] <= THIN * values[-1]:
            flat = _flat(search, point.theta, i)
            if np.allclose(flat, point.theta, rtol=0.0, atol=ON_IT):
                continue
            moved = search.point(flat)
            if moved.at.deviance <= point.at.deviance + ROUGH:
                point = moved
    return point


def _flat(search: Search, theta: np.ndarray, i: int) -> np.ndarray:
    """theta with the least variance of block i at zero."""
    omegas = [factor @ factor.T for factor in factors(theta, search.working.blocks)]
    values, vectors = np.linalg.eigh(omegas[i])
    values[0] = 0.0
    omegas[i] = (vectors * np.clip(values, 0.0, None)) @ vectors.T
    flat = theta_of(omegas)
    return np.where(search.diagonal & (flat <= THETA_AT_BOUND), 0.0, flat)


def _off_bounds(search: Search, found: Optimum) -> Optimum:
    """The end of a search after it left all bounds on which the criterion falls."""
    for _ in range(MAX_DEPARTURES):
        if found.boundary_slope >= -SLOPE or search.is_spent:
            break
        start = off_the_bound(search, found.point)
        if start is None:
            return replace(found, is_tight=True, evaluations=search.count)
        moved = _finished(search, quasi_newton(search, start)[0])
        if moved.at.deviance >= found.at.deviance:
            moved = _finished(search, search.point(start))
        found = moved
    return found


def _finished(search: Search, point: Point) -> Optimum:
    """The optimum near a point: by Newton steps there, or on a bound nearby.

    Next to a covariance matrix of less than full rank theta runs along a curved valley, in which
    Newton steps are short; on the bound itself the surface is round again.
    """
    found = polished(search, point, ROUND)
    if found.decrement <= DECREMENT:
        return found
    for i, block in enumerate(search.working.blocks):
        if block.size > 1:
            other = polished(search, search.point(_flat(search, found.theta, i)), ROUND)
            found = other if other.at.deviance < found.at.deviance else found
    if found.decrement <= DECREMENT or search.is_spent:
        return found
    return polished(search, found.point)


def quasi_newton(
    search: Search, theta: np.ndarray, known: Optimum | None = None
) -> tuple[Point, np.ndarray]:
    """L-BFGS over scaled parameters: logarithms on the diagonal, so that they stay positive.

    The scale of a parameter is the square root of its number of groups, to which the curvature of
    the criterion by a logarithm is proportional; the search then starts on a round surface.

    Parameters
    ----------
    search : Search
        Counts evaluations, and makes points.
    theta : ndarray (t,)
        Where to begin.
    known : Optimum, optional
        An optimum found before; the search is ended where it leads there.

    Returns
    -------
    Point
        Where it ends.
    ndarray (t, t)
        Curvature of the criterion by theta there, as the search knows it.

    Raises
    ------
    FitError
        When the criterion cannot be evaluated anywhere.
    """
    from scipy.optimize import minimize

    diagonal = search.diagonal
    scale, groups = search.scales(theta)
    best: Point | None = None

    def objective(free: np.ndarray) -> tuple[float, np.ndarray]:
        moved = free / scale
        moved = np.where(diagonal, np.exp(np.minimum(moved, LARGEST_LOG_SD)), moved)
        nonlocal best
        try:
            point = search.point(moved)
        except FitError:
            return 1e300, np.zeros_like(free)
        if best is None or point.at.deviance <= best.at.deviance:
            best = point
        slope = np.where(diagonal, point.gradient * moved, point.gradient) / scale
        return point.at.deviance / (4.0 * groups), slope / (4.0 * groups)

    def ended(intermediate_result) -> None:
        if known is not None and best is not None and _leads_to(best, known):
            raise StopIteration

    start = np.where(diagonal, np.log(np.maximum(theta, SMALLEST_SD)), theta) * scale
    low, high = np.log(SMALLEST_SD) * scale, LARGEST_LOG_SD * scale
    far = search.within_reach(theta, np.full(theta.size, np.inf)) * scale
    near = search.within_reach(theta, np.full(theta.size, -np.inf)) * scale
    low, high = np.where(diagonal, low, near), np.where(diagonal, high, far)
    bounds = list(zip(low.tolist(), high.tolist(), strict=True))
    tolerance = max(ROUGH / (2.0 * search.working.n_obs + 4.0 * groups), 1e-15)
    options = {"ftol": tolerance, "gtol": 0.0, "maxiter": 500, "maxcor": 20}
    ended_at = minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options=options,
        callback=ended,
    )
    if best is None:
        raise FitError("the criterion cannot be evaluated: the fixed effects are not identified.")
    change = np.where(diagonal, scale / np.maximum(best.theta, SMALLEST_SD), scale)
    bend = np.linalg.inv(ended_at.hess_inv.todense()) * np.outer(change, change) * 4.0 * groups
    is_small = diagonal & (best.theta <= 2.0 * SMALLEST_SD)
    if is_small.any():
        best = search.point(np.where(is_small, 0.0, best.theta))
    return best, bend
