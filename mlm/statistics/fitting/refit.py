"""A model fitted again to responses drawn from a fit of it: the optimum alone, begun there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.fitting.descent import descend, endless
from mlm.statistics.fitting.fit import Fit
from mlm.statistics.fitting.form_search import FormSearch, search_of_terms
from mlm.statistics.fitting.newton import Optimum, certified, polished
from mlm.statistics.fitting.optimise import optimum, quasi_newton
from mlm.statistics.fitting.search import Point, Search
from mlm.statistics.fitting.starts import Start, start_from
from mlm.statistics.fitting.zero_variances import zero_variances
from mlm.statistics.likelihood.covariance import THETA_AT_BOUND
from mlm.statistics.likelihood.evaluation import Criterion
from mlm.statistics.likelihood.making import redrawn
from mlm.statistics.likelihood.working import Working

# deviance that a further step could gain, at which a search among draws ends
NEAR_AMONG_DRAWS = 1e-6
NEARER_AMONG_DRAWS = 1e-9  # the same where p-values are taken there: a 30,000th of an error away
START_AT_ZERO = 0.1  # relative sd at which the search for one that was estimated as zero begins
COUNTS_AS_ZERO = 1e-4  # sd over the largest, below which it counts as zero


def refitted(
    fit: Fit,
    working: Working,
    sample: CrossProducts,
    criterion: Criterion,
    hessian: np.ndarray | None = None,
) -> Optimum:
    """The optimum of the model of a fit on another sample of the same design.

    Parameters
    ----------
    fit : Fit
        A fit whose variances the search begins with; those at zero begin beside it.
    working : Working
        The model's statistics on the sample.
    sample : CrossProducts
        The sample.
    criterion : {"ML", "REML"}
        What is optimised.
    hessian : ndarray (t, t), optional
        Curvature of the criterion at the fit, or on a sample before.

    Raises
    ------
    FitError
        When the criterion cannot be evaluated.
    """
    if all(block.form is None for block in working.blocks):
        first = None if fit.is_singular else _parameters(fit, working, sample)
        return optimum(working, criterion, first)
    search = FormSearch(working, criterion)  # a correlation beside a variance of zero is no matter
    first = _beside_zero(search, _parameters(fit, working, sample))
    point = None if hessian is None else _descended(search, first, hessian, NEARER_AMONG_DRAWS)
    if point is not None:
        return certified(search, point, None)
    return polished(search, quasi_newton(search, first)[0])


def lowest(
    start: Start,
    working: Working,
    sample: CrossProducts,
    fit: Fit,
    hessian: np.ndarray | None,
    near: float = NEAR_AMONG_DRAWS,
) -> tuple[float, np.ndarray, Start]:
    """The ML deviance at the optimum of a model on another sample, its curvature, and where it is.

    Where the curvature on a sample before is known, the search descends from the start with it.

    Parameters
    ----------
    start : Start
        Covariances to descend from.
    working : Working
        The model's statistics on the sample.
    sample : CrossProducts
        The sample.
    fit : Fit
        With what a search begins where no descent leads to an optimum, as for ``refitted``.
    hessian : ndarray (t, t) or None
        The curvature on a sample before.
    near : float
        Deviance that a further step could gain, at which a descent ends.
    """
    search = FormSearch(working, "ML")
    if hessian is not None:
        found = descended(start, working, "ML", hessian, near)
        if found is not None:
            point, search = found
            return point.at.deviance, hessian, _start_at(search, point.theta)
    best = refitted(fit, working, sample, "ML")
    return best.at.deviance, best.hessian, _start_at(search, best.theta)


def _start_at(search: Search, theta: np.ndarray) -> Start:
    return Start(tuple(search.covariances(theta)), 1.0)


def descended(
    start: Start,
    working: Working,
    criterion: Criterion,
    hessian: np.ndarray,
    gain: float,
    is_enough: Callable[[float, float], bool] = endless,
) -> tuple[Point, Search] | None:
    """The optimum of a model, by a descent with a curvature that is known.

    Parameters
    ----------
    start : Start
        Covariances to begin with; where they are zero the descent begins beside it.
    working : Working
        The model's statistics.
    criterion : {"ML", "REML"}
        What is optimised.
    hessian : ndarray (t, t)
        Curvature near the start, roughly.
    gain : float
        Deviance that a further step could gain, at which the descent ends.
    is_enough : callable
        As for ``descend``: whether it may end before.

    Returns
    -------
    tuple of (Point, Search) or None
        None where a variance ends at zero, or a correlation at one, though the criterion falls from
        there.
    """
    search = search_of_terms(working, criterion)
    first = _beside_zero(search, start.parameters(working))
    point = _descended(search, first, hessian, gain, is_enough)
    return None if point is None else (point, search)


def _parameters(fit: Fit, working: Working, sample: CrossProducts) -> np.ndarray | None:
    return start_from(fit, working.model, working, sample).parameters(working)


def _beside_zero(search: Search, first: np.ndarray | None) -> np.ndarray:
    """Parameters to begin with, none at zero: there the slope by a standard deviation is zero."""
    if first is None:
        return search.start()
    is_zero = search.diagonal & (first <= COUNTS_AS_ZERO * max(float(first.max(initial=0.0)), 1.0))
    return np.where(is_zero, START_AT_ZERO, first)


def _descended(
    search: Search,
    first: np.ndarray,
    hessian: np.ndarray,
    gain: float,
    is_enough: Callable[[float, float], bool] = endless,
) -> Point | None:
    """Where a descent ends; None at no variance or full correlation where that is no optimum."""
    point = descend(search, first, hessian, gain, is_enough)
    if search.rise_to_end(point).any():
        return None
    for place in np.flatnonzero(search.diagonal & (point.theta <= THETA_AT_BOUND)):
        moved = point.theta.copy()
        moved[place] = START_AT_ZERO
        if search.value(moved) < point.at.deviance:
            return None
    return point


def refitted_with_zeros(
    fit: Fit, known: Working, sample: CrossProducts, hessian: np.ndarray | None = None
) -> Optimum:
    """The same by REML, with what degrees of freedom need of variances at zero.

    Parameters
    ----------
    fit : Fit
        A fit by REML.
    known : Working
        Its statistics.
    sample : CrossProducts
        Its sample with another response.
    hessian : ndarray (t, t), optional
        Curvature of the criterion at the fit.
    """
    working = redrawn(known, sample)
    best = refitted(fit, working, sample, "REML", hessian)
    return replace(best, zeros=zero_variances(search_of_terms(working, "REML"), best))
