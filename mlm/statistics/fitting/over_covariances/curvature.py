"""Curvature by parameters from that by covariances, without the sample.

A descent over covariances ends with a quadratic that foretold its last steps. Its slopes along the
parameters of the random terms bend as those of the criterion do, where these are a few steps away.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlm.statistics.fitting.descent import DESCENT_GAIN
from mlm.statistics.fitting.newton import Curvature, Optimum, polished
from mlm.statistics.fitting.over_covariances.descent import descend_over_covariances
from mlm.statistics.fitting.over_covariances.quadratic import Quadratic, entries_of, matrices
from mlm.statistics.fitting.search import Point, Search
from mlm.statistics.likelihood.covariance import THETA_AT_BOUND
from mlm.statistics.likelihood.differences import jacobian, relative_steps

ALONG = 1e-5  # relative, of differences of the quadratic's slopes


def optimum_over_covariances(
    search: Search, start: np.ndarray, bend: np.ndarray | None, foretold: bool
) -> Optimum:
    """Where a descent over covariances ends, with what certifies it.

    Parameters
    ----------
    search : Search
        Counts evaluations, and makes points.
    start : ndarray (t,)
        Where to begin.
    bend : ndarray (m, m) or None
        Second derivatives by the entries of the covariances near there, if they are known.
    foretold : bool
        Whether curvature that the descent foretells is enough, where it leads to the optimum.
    """
    point, near = descend_over_covariances(search, start, DESCENT_GAIN, bend)
    known = foretold_curvature(search, point, near) if foretold else None
    best = polished(search, point, curvature=known)
    if foretold and not best.converged:
        best = polished(search, best.point)
    return replace(best, bend=near.bend)


def foretold_curvature(search: Search, point: Point, near: Quadratic) -> Curvature:
    """The curvature that a quadratic foretells, over the parameters that are not on a bound.

    Parameters
    ----------
    search : Search
        What parameters are those of; it is not evaluated.
    point : Point
        Where the descent ended.
    near : Quadratic
        The criterion by the covariances near there.

    Returns
    -------
    Curvature
        Without derivatives of the fixed effects' covariance, which are NaN.
    """
    sizes = [len(own) for own in search.relative(point.theta)]

    def slopes(theta: np.ndarray) -> np.ndarray:
        found = near.change(entries_of(search.relative(theta)))[1]
        return search.slopes_along(theta, matrices(found, sizes))

    free = np.flatnonzero(~(search.diagonal & (point.theta <= THETA_AT_BOUND)))
    found = jacobian(slopes, point.theta, relative_steps(point.theta, ALONG))[np.ix_(free, free)]
    p = search.working.n_fixed
    unknown = np.full((free.size, p, p), np.nan)
    return Curvature(point.theta, free, 0.5 * (found + found.T), unknown, is_foretold=True)
