"""What the data say of variances that are estimated as zero: information that does not vanish.

By a standard deviation the criterion is flat at zero, and its curvature there is no information; by
the variance itself it is not. Derivatives are taken from the one side that is admissible.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from mlm.errors import FitError
from mlm.statistics.fitting.newton import Optimum, ZeroVariances
from mlm.statistics.fitting.search import Search
from mlm.statistics.likelihood.covariance import factors, triangle
from mlm.statistics.likelihood.criterion import directions_of, evaluate
from mlm.statistics.likelihood.evaluation import fixed_covariance, n_integrated
from mlm.statistics.likelihood.refusals import NotWhereCrossed
from mlm.statistics.likelihood.working import Block

STEP_SHARE = 1e-4  # of a change of a group's effects by their whole size: the step of a variance
NEAR_ZERO = 0.1  # parameter of a form above which its variance is not next to zero
LEVEL_WITHIN = 0.5  # standard errors of a slope within which the criterion counts as level
NO_CHANGE = 1e-9  # relative change of a covariance that counts as none


@dataclass(frozen=True)
class _Slopes:
    """First derivatives at one point: of the criterion, and of its part that has no data.

    ``free`` (f,) and ``zero`` (z,) are by the parameters off their bounds and by the variances at
    zero; the last one is the fixed effects' covariance (p, p).
    """

    free: np.ndarray
    zero: np.ndarray
    free_without: np.ndarray
    zero_without: np.ndarray
    fixed: np.ndarray

    def parts(self) -> tuple[np.ndarray, ...]:
        """All of them."""
        return self.free, self.zero, self.free_without, self.zero_without, self.fixed


def zero_variances(search: Search, best: Optimum) -> ZeroVariances | None:
    """What is known of the variances that are zero at an optimum.

    Second derivatives are those of the criterion where the criterion is level at zero, so that
    nothing jumps when an estimate leaves zero; they are their expectation where the criterion rises
    by more than half the standard error of its slope, and between the two in between. (With data
    that speak against any variance the criterion's own may vanish.)

    Parameters
    ----------
    search : Search
        The criterion.
    best : Optimum
        The optimum.

    Returns
    -------
    ZeroVariances or None
        None where no variance is zero, or none could be moved alone.
    """
    gone, directions = _zeros(search, best)
    if not directions:
        return None
    theta = np.where(gone, 0.0, best.theta)
    free = ~gone[best.curvature.free]
    around = _Around(search, theta, best.curvature.free[free], tuple(directions))
    try:
        start = around.slopes(search.omegas(theta))
        changes = [around.change(direction, start) for direction in directions]
    except (FitError, NotWhereCrossed):
        return None
    return _joined(free, start, changes, best.at.degrees)


def _joined(free: np.ndarray, start: _Slopes, changes, degrees: int) -> ZeroVariances:
    """Second derivatives, and their expectations, from the changes of the first ones."""
    by_free, by_zero, free_without, zero_without, spread = map(np.array, zip(*changes, strict=True))
    without = start.zero_without / degrees
    expected = -zero_without - np.outer(without, start.zero_without)
    expected_mixed = -free_without - np.outer(without, start.free_without)
    error = np.sqrt(2.0 * np.clip(np.diagonal(expected), 1e-300, None))
    trust = np.clip(1.0 - start.zero / (LEVEL_WITHIN * error), 0.0, 1.0)
    own = expected + np.outer(trust, trust) * (by_zero - expected)
    mixed = expected_mixed + trust[:, None] * (by_free - expected_mixed)
    surplus = (1.0 - trust) * start.zero / degrees  # with which sigma^2 falls less than expected
    spread = spread - surplus[:, None, None] * start.fixed
    return ZeroVariances(free, mixed, 0.5 * (own + own.T), spread)


def _zeros(search: Search, best: Optimum) -> tuple[np.ndarray, list[list[np.ndarray]]]:
    """Which parameters (t,) are zero or next to it, and the variances that they leave at zero.

    Next to zero is a variance that changes the effects of no group much: the criterion is flat
    there by its standard deviation, so that a search ends before zero.
    """
    theta = best.theta
    gone, found, first = np.zeros(theta.size, dtype=bool), [], 0
    for (block, own), derivative in zip(search.parts(theta), best.derivatives, strict=True):
        places = np.arange(first, first + own.size)
        first += own.size
        if block.form is None:
            left, directions = _of_factor(search, block, own, derivative)
            gone[places[left]] = True
            found += directions
            continue
        for k in places[search.diagonal[places] & (own <= NEAR_ZERO)]:
            direction = _of_square(search, theta, k)
            if direction is not None and theta[k] ** 2 * _reach(search, direction) <= STEP_SHARE:
                gone[k] = True
                found.append(direction)
    return gone, found


def _of_factor(search: Search, block: Block, theta: np.ndarray, derivative: np.ndarray):
    """The parameters (t,) of columns of Lambda next to zero, and variances outside the others.

    The first of these to leave zero does so along an eigenvector of the derivative D by Omega.
    """
    (factor,) = factors(theta, [block])
    rows, columns = triangle(block.size)
    parts = [_placed(search, block, np.outer(column, column)) for column in factor.T]
    small = np.array([_reach(search, part) <= STEP_SHARE for part in parts])
    left = np.where(small, 0.0, factor)
    values, vectors = np.linalg.eigh(left @ left.T)
    null = vectors[:, values <= NO_CHANGE * values[-1]]
    null = null @ np.linalg.eigh(null.T @ derivative @ null)[1]
    directions = [_placed(search, block, np.outer(vector, vector)) for vector in null.T]
    return small[columns], directions


def _placed(search: Search, block: Block, change: np.ndarray) -> list[np.ndarray]:
    """Change of all Omegas with that of one random term."""
    out = [np.zeros((size, size)) for size in search.working.structure.widths]
    part = slice(block.start, block.start + block.size)
    out[block.level][part, part] = change
    return out


def _of_square(search: Search, theta: np.ndarray, k: int) -> list[np.ndarray] | None:
    """Change of all Omegas with the square of a parameter at zero; None where it has no such."""
    ends = []
    for size in (0.0, 1.0, 2.0):
        moved = theta.copy()
        moved[k] = size
        ends.append(search.omegas(moved))
    here, one, two = ends
    out = [b - a for a, b in zip(here, one, strict=True)]
    largest = max(float(np.abs(d).max(initial=0.0)) for d in out)
    triples = zip(here, two, out, strict=True)
    missed = max(float(np.abs(c - a - 4.0 * d).max(initial=0.0)) for a, c, d in triples)
    return out if largest > 0.0 and missed <= NO_CHANGE * largest else None


def _reach(search: Search, direction: list[np.ndarray]) -> float:
    """How much a change of the Omegas changes the effects of a group, at most."""
    structure, largest = search.working.structure, 0.0
    for level, change in enumerate(direction):
        if change.any():
            own = np.abs(np.einsum("aag->ga", structure.inner(level)))
            largest = max(largest, float((own @ np.abs(np.diagonal(change))).max(initial=0.0)))
    return largest


@dataclass(frozen=True)
class _Around:
    """Slopes around a point, by the parameters off their bounds and along some directions."""

    search: Search
    theta: np.ndarray
    free: np.ndarray
    directions: tuple[list[np.ndarray], ...]

    def change(self, direction: list[np.ndarray], start: _Slopes) -> tuple[np.ndarray, ...]:
        """Derivatives of all slopes along a direction, from its one side."""
        step, ends = STEP_SHARE / max(_reach(self.search, direction), 1.0), []
        here = self.search.omegas(self.theta)
        for share in (1.0, 2.0):
            moved = [o + share * step * d for o, d in zip(here, direction, strict=True)]
            ends.append(self.slopes(moved))
        triples = zip(start.parts(), ends[0].parts(), ends[1].parts(), strict=True)
        return tuple((-3.0 * a + 4.0 * b - c) / (2.0 * step) for a, b, c in triples)

    def slopes(self, omegas: list[np.ndarray]) -> _Slopes:
        """First derivatives at some Omegas."""
        working, criterion = self.search.working.searched, self.search.criterion
        scratch = self.search.scratch
        at = evaluate(working, omegas, criterion, scratch)
        integrated = n_integrated(criterion, working.n_fixed)
        held = np.zeros((len(working.total), integrated))
        if integrated:
            held[:integrated] = solve_triangular(at.fixed_root, np.eye(integrated))
        without = working.structure.gradient(at, held, scratch)
        further = self.search.further(at, held)
        directions = directions_of(working, at, criterion)
        found = working.structure.gradient(at, directions, scratch)
        fixed = at.sigma2 * fixed_covariance(at)
        by_data = self._along(found, self.search.further(at, directions))
        return _Slopes(*by_data, *self._along(without, further), fixed)

    def _along(self, found: list[np.ndarray], further: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """By the free parameters and along the directions, from derivatives by all Omegas."""
        zero = [
            sum(float(np.sum(own * change)) for own, change in zip(found, each, strict=True))
            for each in self.directions
        ]
        slopes = np.append(self.search.slopes(self.theta, found), further)
        return slopes[self.free], np.array(zero)
