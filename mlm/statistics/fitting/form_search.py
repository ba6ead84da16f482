"""The search where a random term has a form: over the parameters of the form instead of theta.

A term that takes the residual's place has the covariance ``sigma^2 S``, its first standard
deviation ``sigma``. The criterion needs a residual: with any share d below the least eigenvalue of
S, ``V = sigma^2 d (I + Z (S / d - I) Z' + ... / d)``, and the criterion does not depend on d. All
other covariances are relative to ``sigma^2``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from mlm.errors import FitError
from mlm.statistics.fitting.descent import DESCENT_GAIN, descend
from mlm.statistics.fitting.leaving_bounds import (
    DEPARTURE_GAIN,
    beyond_bounds,
    has_unseen,
    near_start,
)
from mlm.statistics.fitting.newton import Optimum, polished
from mlm.statistics.fitting.optimise import FIRST_SDS, quasi_newton
from mlm.statistics.fitting.over_covariances.curvature import optimum_over_covariances
from mlm.statistics.fitting.search import Point, Search
from mlm.statistics.fitting.starts import n_parameters
from mlm.statistics.fitting.told_forms import not_told
from mlm.statistics.likelihood.covariance import (
    THETA_AT_BOUND,
    block_parts,
    is_diagonal,
    placed,
    raw_derivative,
    raw_omega,
    theta_gradient,
    triangle,
)
from mlm.statistics.likelihood.covariance import factors as factors_of
from mlm.statistics.likelihood.criterion import evaluate, gradient
from mlm.statistics.likelihood.evaluation import Criterion, Evaluation
from mlm.statistics.likelihood.over_waves.forms import FORMS
from mlm.statistics.likelihood.threads import threads_for
from mlm.statistics.likelihood.working import Block, Working

KEPT_SHARE = 0.5  # d over the least eigenvalue of S
LEAST_CURVATURE = 1e-7  # of a scaled Hessian, below which parameters are not told apart
LEAST_BEND = 1e-4  # second derivative by one of them, below which it is not seen
SATURATED = 5.0  # parameter of a correlation of 0.9999
END_SLOPE = 1e-5  # deviance that it may still gain there on its way to infinity
ONE = 40.0  # parameter of a correlation of one, to rounding


class FormSearch(Search):
    """The criterion and its gradient as functions of the parameters of all random terms.

    Terms without a form have their part of theta, in the working basis.
    """

    rounding: ClassVar[float] = 1e-12  # the share d is inverted
    held: float | None = None
    """The share d where it is held, for derivatives at one scale; None: that of each point."""

    @cached_property
    def diagonal(self) -> np.ndarray:
        """Which parameters are bounded by zero, (m,)."""
        parts = [
            is_diagonal([block])
            if block.form is None
            else FORMS[block.form].bounded(block.size, block.is_residual)
            for block in self.working.blocks
        ]
        return np.concatenate(parts)

    @property
    def order(self) -> list[int]:
        """All parameters."""
        return list(range(self.diagonal.size))

    def scales(self, theta: np.ndarray) -> tuple[np.ndarray, float]:
        """Scale of each parameter, and the largest number of groups.

        As for theta; correlations count as logarithms of standard deviations do.
        """
        groups = np.array(self.working.structure.sizes, dtype=float)
        parts = []
        for block, own in self.parts(theta):
            size = np.sqrt(groups[block.level] / groups.max())
            if block.form is not None and FORMS[block.form].correlations is not None:
                parts.append(np.full(own.size, size))
                continue
            rows, columns = triangle(block.size)
            left = rows.size - own.size  # the first is the scale of the others
            factor = np.ones((block.size, block.size))
            factor[rows[left:], columns[left:]] = own
            sd = np.maximum(np.diagonal(factor)[rows], 0.01)
            parts.append(np.where(rows == columns, size, size / sd)[left:])
        return np.concatenate(parts), float(groups.max())

    def start(self) -> np.ndarray:
        """Parameters to begin with."""
        parts = [
            np.where(is_diagonal([block]), FIRST_SDS[0], 0.0)
            if block.form is None
            else FORMS[block.form].start(block.size, block.is_residual)
            for block in self.working.blocks
        ]
        return np.concatenate(parts)

    @cached_property
    def is_correlation(self) -> np.ndarray:
        """Which parameters are those of correlations, which have no bounds, (m,)."""
        known = [
            block.form is not None and FORMS[block.form].correlations is not None
            for block, own in self.parts(self.diagonal)
            for _ in own
        ]
        return np.array(known, dtype=bool) & ~self.diagonal

    def at_end(self, point: Point) -> np.ndarray:
        """Correlations next to their limit where the criterion is level: steps would never end."""
        is_far = self.is_correlation & (np.abs(point.theta) >= SATURATED)
        return is_far & (np.abs(point.gradient) <= END_SLOPE)

    def way_to_end(self, point: Point) -> tuple[np.ndarray, float]:
        """The same of correlations, by which the criterion nears its limit as ``exp(-theta)``."""
        falls = point.theta * point.gradient < 0.0
        is_far = self.is_correlation & (np.abs(point.theta) >= SATURATED) & falls
        way = np.where(is_far, np.sign(point.theta) * ONE - point.theta, 0.0)
        return way, float(np.abs(point.gradient[is_far]).sum())

    def within_reach(self, theta: np.ndarray, moved: np.ndarray) -> np.ndarray:
        """A correlation gets next to its limit at most, from where it is seen which way to go."""
        most = np.where(self.is_correlation, np.maximum(SATURATED, np.abs(theta)), np.inf)
        is_inside = self.is_correlation & (np.abs(theta) < SATURATED)
        return np.where(is_inside, np.clip(moved, -most, most), moved)

    def rise_to_end(self, point: Point) -> np.ndarray:
        """What the criterion rises (m,) by correlations at a limit, a unit; 0 where it falls there.

        It is level there by the parameters, whichever way it goes.
        """
        is_far = self.is_correlation & (np.abs(point.theta) >= SATURATED)
        if not is_far.any():
            return np.zeros(point.theta.size)
        sign = np.sign(point.theta)
        back = self.point(np.where(is_far, sign * SATURATED, point.theta))
        rises = is_far & (sign * back.gradient > END_SLOPE)
        return np.where(rises, sign * back.gradient, 0.0) * np.cosh(SATURATED) ** 2

    def inside(self, point: Point) -> np.ndarray | None:
        """Parameters with moderate correlations where one is at a false end, or an sd is zero.

        By the correlations of other waves the criterion may rise from an sd of zero though it falls
        further on. Such an sd begins as large as the others of its term.
        """
        rises, start = self.rise_to_end(point) > 0.0, self.start()
        is_zero, out, first = self.diagonal & (point.theta <= THETA_AT_BOUND), point.theta.copy(), 0
        for block, own in self.parts(point.theta):
            some = slice(first, first + own.size)
            first += own.size
            zero = is_zero[some]
            is_plain = block.form is None or FORMS[block.form].correlations is None
            if is_plain or not (zero | rises[some]).any():
                continue
            sds = own[self.diagonal[some] & ~zero]
            typical = float(sds.mean()) if sds.size else FIRST_SDS[0]
            again = np.where(self.is_correlation[some], start[some], own)
            out[some] = np.where(zero, typical, again)
        return None if np.array_equal(out, point.theta) else out

    def seen(self, theta: np.ndarray) -> tuple[Point, Evaluation]:
        """The criterion and its derivatives, and the evaluation."""
        self.count += 1
        share, omegas = self._omegas(theta)
        at = evaluate(self.working.searched, omegas, self.criterion, self.scratch)
        found = gradient(self.working.searched, at, self.criterion, self.scratch)
        derivatives = [
            part / share if block.form is None else np.zeros((1, 1))
            for block, part in zip(
                self.working.blocks, block_parts(found, self.working.blocks), strict=True
            )
        ]
        slopes = self.slopes_along(theta, self._by_relative(found)) / share
        return Point(theta, replace(at, remains=None), derivatives, slopes), at

    def slopes(self, theta: np.ndarray, found: list[np.ndarray]) -> np.ndarray:
        """Derivative by the parameters (m,) from that by each relative covariance matrix."""
        return self.slopes_along(theta, self._by_relative(found)) / self._omegas(theta)[0]

    def slopes_along(self, theta: np.ndarray, derivatives: list[np.ndarray]) -> np.ndarray:
        """Derivative (m,) by the parameters from that by each covariance."""
        slopes = []
        for (block, own), part in zip(self.parts(theta), derivatives, strict=True):
            if block.form is None:
                slopes.append(theta_gradient(own, [part], [block]))
                continue
            along = FORMS[block.form].derivatives(own, block.size, block.is_residual)
            slopes.append(np.einsum("mab,ab->m", along, part))
        return np.concatenate(slopes)

    def relative(self, theta: np.ndarray) -> list[np.ndarray]:
        """Covariance (q, q) of each random term, relative to one scale for all."""
        out = []
        for block, own in self.parts(theta):
            if block.form is None:
                (factor,) = factors_of(own, [block])
                out.append(factor @ factor.T)
            else:
                out.append(FORMS[block.form].matrix(own, block.size, block.is_residual))
        return out

    def at_relative(self, covariances: list[np.ndarray]) -> tuple[Evaluation, list[np.ndarray]]:
        """The criterion at such covariances, and its derivative by each (q, q)."""
        self.count += 1
        share, omegas = self._placed(covariances)
        at = evaluate(self.working.searched, omegas, self.criterion, self.scratch)
        found = gradient(self.working.searched, at, self.criterion, self.scratch)
        return replace(at, remains=None), [part / share for part in self._by_relative(found)]

    def _of_free(self, slopes: list[np.ndarray]) -> list[np.ndarray]:
        """Derivatives (q, q) by the covariances of terms that have no form."""
        pairs = zip(self.working.blocks, slopes, strict=True)
        return [np.zeros((1, 1)) if block.form is not None else own for block, own in pairs]

    def _by_relative(self, found: list[np.ndarray]) -> list[np.ndarray]:
        """Derivative by each covariance, but for the share d, from that by each place's."""
        blocks = self.working.blocks
        pairs = zip(blocks, block_parts(found, blocks), strict=True)
        return [part if b.form is None else raw_derivative(part, b) for b, part in pairs]

    def share(self, theta: np.ndarray) -> float:
        """The residual's share d of the squared scale."""
        return self._omegas(theta)[0]

    def holding(self, theta: np.ndarray) -> FormSearch:
        """The same, with the share d that it has at some parameters, which others near them allow.

        With it the residual variance of an evaluation stays in proportion to the scale.
        """
        made = FormSearch(self.working, self.criterion)
        made.held = self.share(theta)
        return made

    def omegas(self, theta: np.ndarray) -> list[np.ndarray]:
        """Omega (q, q) of each place of the structure."""
        return self._omegas(theta)[1]

    def covariances(self, theta: np.ndarray) -> list[np.ndarray]:
        """Covariance of the raw effects of each random term, relative to one scale for all."""
        out = []
        for block, own in self.parts(theta):
            if block.form is None:
                (factor,) = factors_of(own, [block])
                out.append(raw_omega(factor @ factor.T, block))
            else:
                out.append(FORMS[block.form].matrix(own, block.size, block.is_residual))
        return out

    def parts(self, theta: np.ndarray) -> Iterator[tuple[Block, np.ndarray]]:
        """Each random term with its parameters."""
        first = 0
        for block in self.working.blocks:
            count = n_parameters(block)
            yield block, theta[first : first + count]
            first += count

    def _omegas(self, theta: np.ndarray) -> tuple[float, list[np.ndarray]]:
        """The residual's share d, and Omega (q, q) of each place of the structure over it."""
        return self._placed(self.relative(theta))

    def _placed(self, covariances: list[np.ndarray]) -> tuple[float, list[np.ndarray]]:
        """The same from the covariance of each random term."""
        share, blocks = 1.0, self.working.blocks
        for block, covariance in zip(blocks, covariances, strict=True):
            if block.is_residual:
                share = KEPT_SHARE * float(np.linalg.eigvalsh(covariance)[0])
                if not share > 0.0:
                    raise FitError("the covariance in the residual's place has not full rank.")
                share = share if self.held is None else self.held
        omegas = []
        for block, covariance in zip(blocks, covariances, strict=True):
            omega = covariance / share
            if block.form is not None:
                omega = omega - np.eye(block.size) if block.is_residual else omega
                omega = block.transform @ omega @ block.transform.T
            omegas.append(omega)
        return share, placed(omegas, self.working)


def search_of_terms(working: Working, criterion: Criterion) -> Search:
    """The search over the random terms' parameters, whether they have forms or not."""
    has_forms = any(block.form is not None for block in working.blocks)
    return (FormSearch if has_forms else Search)(working, criterion)


def optimum_of_forms(
    working: Working,
    criterion: Criterion,
    start: np.ndarray | None = None,
    hessian: np.ndarray | None = None,
    frame: bool = False,
    bend: np.ndarray | None = None,
    foretold: bool = False,
) -> Optimum:
    """The optimum of a model in which some random term has a form, once its terms are told apart.

    Parameters
    ----------
    working : Working
        Statistics of the model.
    criterion : {"ML", "REML"}
        What is optimised.
    start : ndarray (m,), optional
        First parameters to try.
    hessian : ndarray (m, m), optional
        Curvature near the start, roughly, from a fit with this random part; NaN by the parameters
        of slopes that it lacks.
    frame : bool
        Whether parameters that are not told apart at the optimum are no error.
    bend : ndarray, optional
        Curvature by the entries of the covariances near the start, as an optimum has it.
    foretold : bool
        As for ``optimum_over_covariances``, where evaluations take long.

    Returns
    -------
    Optimum
        ``theta`` holds the parameters of the forms.

    Raises
    ------
    FitError
        When the criterion cannot be evaluated at the start.
    FormsNotIdentified
        When the data do not tell the parameters apart.
    """
    search = FormSearch(working, criterion)
    with threads_for(working.structure.n_dense):
        best = None if start is None else _near(search, start, hessian, bend, foretold)
        if best is None:
            first = search.start() if start is None else search.off_zero(start)
            point, hessian = quasi_newton(search, first)
            best = polished(search, descend(search, point.theta, hessian, DESCENT_GAIN))
        point = best.point
        left = beyond_bounds(search, point, best.hessian, DESCENT_GAIN)
        best = best if left is point else polished(search, left)
        best = _searched_inside(search, best, foretold)
    if not frame:
        _check_told_apart(working, best)
    return best


def _searched_inside(search: FormSearch, best: Optimum, foretold: bool) -> Optimum:
    """The better of an optimum and one inside, where it lies at an end that may be false.

    One at a false end, with nothing better inside, is none.
    """
    again = None if search.is_spent else search.inside(best.point)
    if again is not None:
        if search.is_long and best.bend is not None:
            other = optimum_over_covariances(search, again, best.bend, foretold)
        else:
            point, hessian = quasi_newton(search, again)
            other = polished(search, descend(search, point.theta, hessian, DESCENT_GAIN))
        is_better = other.at.deviance < best.at.deviance - DEPARTURE_GAIN
        best = replace(other if is_better else best, evaluations=search.count)
    rise = float(search.rise_to_end(best.point).max(initial=0.0))
    return replace(best, boundary_slope=min(best.boundary_slope, -rise)) if rise else best


def _near(search: FormSearch, start: np.ndarray, hessian, bend, foretold: bool) -> Optimum | None:
    """The optimum near a start; None where a search has to look around for it."""
    if search.is_long:
        best = optimum_over_covariances(search, start, bend, foretold)
        return best if best.converged else None
    if hessian is not None and not np.isnan(hessian).any():
        return polished(search, descend(search, start, hessian, DESCENT_GAIN))
    known = np.full((start.size,) * 2, np.nan) if hessian is None else hessian
    if search.is_costly and has_unseen(search, start, known):
        return None
    best = polished(search, near_start(search, start, known, DESCENT_GAIN))
    return best if best.converged else None


def _check_told_apart(working: Working, best: Optimum) -> None:
    """Refuse parameters that the criterion does not see, alone or in a combination.

    A correlation near one bends the criterion little in its parameter without bound.
    """
    hessian = best.curvature.hessian
    bend = np.diagonal(hessian)
    inside = np.abs(best.theta[best.curvature.free]) < SATURATED
    scale = np.sqrt(np.clip(bend, LEAST_BEND, None))
    least = np.linalg.eigvalsh(hessian / np.outer(scale, scale)).min(initial=1.0)
    if (inside & (bend < LEAST_BEND)).any() or (inside.all() and least < LEAST_CURVATURE):
        raise not_told(working)
