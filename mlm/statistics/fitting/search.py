"""The criterion as a function of theta: what the search for its optimum evaluates."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from mlm.statistics.likelihood.covariance import (
    THETA_AT_BOUND,
    block_parts,
    factors,
    is_diagonal,
    level_matrices,
    n_theta,
    outermost_first,
    placed,
    raw_omega,
    theta_gradient,
    triangle,
)
from mlm.statistics.likelihood.criterion import evaluate, gradient
from mlm.statistics.likelihood.evaluation import Criterion, Evaluation
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.working import Block, Working

COSTLY = 1000  # crossed effects from which an evaluation takes long
LEAST, EACH = 500, 40  # evaluations, in all and for each parameter, after which searches end
LIFT = 0.02  # relative variance at which the search for one that leaves zero begins


@dataclass(frozen=True)
class Point:
    """The criterion, without what eliminations left behind, and its derivatives at one theta."""

    theta: np.ndarray
    at: Evaluation
    derivatives: list[np.ndarray]
    gradient: np.ndarray


@dataclass
class Search:
    """The criterion and its gradient as functions of theta, counting evaluations.

    Attributes
    ----------
    working : Working
        Statistics of the model.
    criterion : {"ML", "REML"}
        What is optimised.
    count : int
        Evaluations so far.
    scratch : Scratch
        Memory of the evaluations.
    """

    working: Working
    criterion: Criterion
    count: int = 0
    scratch: Scratch = field(default_factory=Scratch, repr=False)
    rounding: ClassVar[float] = 1e-14  # relative, of the criterion

    @cached_property
    def diagonal(self) -> np.ndarray:
        """Which entries of theta are bounded by zero, shape (t,)."""
        return is_diagonal(self.working.blocks)

    @property
    def order(self) -> list[int]:
        """Positions in theta, those of outer levels first."""
        return outermost_first(self.working.blocks).tolist()

    def scales(self, theta: np.ndarray) -> tuple[np.ndarray, float]:
        """Scale of each parameter, and the largest number of groups.

        The curvature of the criterion by the logarithm of a standard deviation is proportional to
        the number of groups, of which the scale is the square root.
        """
        groups = np.array(self.working.structure.sizes, dtype=float)
        blocks, parts = self.working.blocks, []
        for block, factor in zip(blocks, factors(theta, blocks), strict=True):
            rows, columns = triangle(block.size)
            size = np.sqrt(groups[block.level] / groups.max())
            sd = np.maximum(np.diagonal(factor)[rows], 0.01)
            parts.append(np.where(rows == columns, size, size / sd))
        return np.concatenate(parts), float(groups.max())

    @cached_property
    def group_counts(self) -> np.ndarray:
        """Groups that each parameter (t,) is of."""
        sizes, parts = self.working.structure.sizes, self.parts(self.diagonal)
        found = [np.full(own.size, sizes[block.level]) for block, own in parts]
        return np.concatenate([np.zeros(0, dtype=int), *found])

    def off_zero(self, theta: np.ndarray) -> np.ndarray:
        """Parameters with some variance where a term without a form had none: new slopes.

        At zero the criterion is level, so that no search leaves it.
        """
        is_free = [np.full(own.size, block.form is None) for block, own in self.parts(theta)]
        is_zero = np.concatenate(is_free) & self.diagonal & (theta <= THETA_AT_BOUND)
        return np.where(is_zero, math.sqrt(LIFT), theta)

    def slopes_by_variance(self, point: Point) -> np.ndarray:
        """Derivative (t,) by what the square of each bounded parameter adds to its variance.

        NaN by parameters without bound, and by those of terms that have a form.

        Parameters
        ----------
        point : Point
            Where the criterion is known.
        """
        parts = [np.zeros(0)]
        for (block, own), slope in zip(self.parts(point.theta), point.derivatives, strict=True):
            found = np.full(own.size, np.nan)
            if block.form is None:
                rows, columns = triangle(block.size)
                found = np.where(rows == columns, np.diagonal(slope)[rows], np.nan)
            parts.append(found)
        return np.concatenate(parts)

    @property
    def is_long(self) -> bool:
        """Whether an evaluation takes long, of which searches over covariances take few."""
        return self.working.takes_long and any(b.size > 1 for b in self.working.blocks)

    @property
    def is_spent(self) -> bool:
        """Whether so many evaluations were made that no search is begun anew."""
        return self.count > max(LEAST, EACH * self.diagonal.size)

    @property
    def is_costly(self) -> bool:
        """Whether curvature, which takes an evaluation a parameter, is taken at the end alone."""
        return self.working.structure.n_dense >= COSTLY

    def at_end(self, point: Point) -> np.ndarray:
        """Which parameters (t,) without bounds are as good as at infinity, where the search ends.

        Parameters
        ----------
        point : Point
            Where the criterion is known.
        """
        return np.zeros(point.theta.size, dtype=bool)

    def way_to_end(self, point: Point) -> tuple[np.ndarray, float]:
        """Steps (t,) of parameters that run off to infinity, to where they end; what is gained.

        Parameters
        ----------
        point : Point
            Where the criterion is known.
        """
        return np.zeros(point.theta.size), 0.0

    def within_reach(self, theta: np.ndarray, moved: np.ndarray) -> np.ndarray:
        """As much of a step (t,) as may be made at once: it leads to where the criterion is seen.

        Parameters
        ----------
        theta, moved : ndarray (t,)
            Where the step begins, and where it would end.
        """
        return moved

    def rise_to_end(self, point: Point) -> np.ndarray:
        """What the criterion rises (t,) towards where parameters are as good as at infinity.

        Parameters
        ----------
        point : Point
            Where the criterion is known.
        """
        return np.zeros(point.theta.size)

    def inside(self, point: Point) -> np.ndarray | None:
        """Parameters (t,) to search from again, where a search ended at an end that may be false.

        Parameters
        ----------
        point : Point
            Where it ended.

        Returns
        -------
        ndarray (t,) or None
            None where nothing speaks for another optimum.
        """
        return None

    def point(self, theta: np.ndarray) -> Point:
        """The criterion and its derivatives at one theta."""
        return self.seen(theta)[0]

    def seen(self, theta: np.ndarray) -> tuple[Point, Evaluation]:
        """The same with the evaluation, which holds until the next one."""
        self.count += 1
        at = self._evaluated(theta)
        found = gradient(self.working.searched, at, self.criterion, self.scratch)
        parts = block_parts(found, self.working.blocks)
        point = Point(theta, replace(at, remains=None), parts, self.slopes(theta, found))
        return point, at

    def relative(self, theta: np.ndarray) -> list[np.ndarray]:
        """Covariance (q, q) of each random term, relative to one scale for all.

        In the working basis; of terms that have a form of the effects of the raw columns.
        """
        return [factor @ factor.T for factor in factors(theta, self.working.blocks)]

    def at_relative(self, covariances: list[np.ndarray]) -> tuple[Evaluation, list[np.ndarray]]:
        """The criterion at such covariances, and its derivative by each (q, q).

        Without what eliminations left behind.
        """
        self.count += 1
        working, omegas = self.working.searched, placed(covariances, self.working)
        at = evaluate(working, omegas, self.criterion, self.scratch)
        found = gradient(working, at, self.criterion, self.scratch)
        return replace(at, remains=None), block_parts(found, self.working.blocks)

    def point_of(self, theta: np.ndarray, at: Evaluation, slopes: list[np.ndarray]) -> Point:
        """The point of parameters (t,) whose covariances ``at_relative`` was asked for.

        Parameters
        ----------
        theta : ndarray (t,)
            The parameters.
        at : Evaluation
            The criterion there,
        slopes : list of ndarray (q, q)
            and its derivative by the covariance of each random term.
        """
        return Point(theta, at, self._of_free(slopes), self.slopes_along(theta, slopes))

    def _of_free(self, slopes: list[np.ndarray]) -> list[np.ndarray]:
        """Derivatives (q, q) by the covariances of terms that have no form: of all."""
        return slopes

    def slopes_along(self, theta: np.ndarray, derivatives: list[np.ndarray]) -> np.ndarray:
        """Derivative (t,) by theta from that by each of these covariances."""
        return theta_gradient(theta, derivatives, self.working.blocks)

    def parts(self, theta: np.ndarray) -> Iterator[tuple[Block, np.ndarray]]:
        """Each random term with its parameters."""
        first = 0
        for block in self.working.blocks:
            count = n_theta([block])
            yield block, theta[first : first + count]
            first += count

    def slopes(self, theta: np.ndarray, found: list[np.ndarray]) -> np.ndarray:
        """Derivative by theta (t,) from that by each relative covariance matrix."""
        parts = block_parts(found, self.working.blocks)
        return theta_gradient(theta, parts, self.working.blocks)

    def omegas(self, theta: np.ndarray) -> list[np.ndarray]:
        """Omega (q, q) of each place of the structure."""
        return level_matrices(theta, self.working)

    def working_at(self, theta: np.ndarray) -> Working:
        """The working statistics at a point."""
        return self.working

    def share(self, theta: np.ndarray) -> float:
        """Residual variance over the squared scale that covariances are relative to."""
        return 1.0

    def holding(self, theta: np.ndarray) -> Search:
        """The same, the share held that it has at some parameters: here it is one at all."""
        return self

    def ratios(self, theta: np.ndarray) -> np.ndarray:
        """Residual variance over its mean: one for all rows."""
        return np.ones(1)

    def further(self, at: Evaluation, directions: np.ndarray) -> np.ndarray:
        """Derivative by parameters that are not of the random terms: none."""
        return np.zeros(0)

    def value(self, theta: np.ndarray) -> float:
        """The criterion alone."""
        self.count += 1
        return self._evaluated(theta).deviance

    def covariances(self, theta: np.ndarray) -> list[np.ndarray]:
        """Covariance of the raw effects of each random term, relative to one scale for all.

        That scale is the residual variance, or the first variance of the term in its place.
        """
        blocks = self.working.blocks
        halves = zip(factors(theta, blocks), blocks, strict=True)
        return [raw_omega(half @ half.T, block) for half, block in halves]

    def _evaluated(self, theta: np.ndarray) -> Evaluation:
        working, omegas = self.working.searched, self.omegas(theta)
        return evaluate(working, omegas, self.criterion, self.scratch)
