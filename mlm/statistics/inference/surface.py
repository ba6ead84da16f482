"""The criterion as a function of standard deviations and correlations in the user's columns.

Coordinates are the lower triangles of each random term's relative Cholesky factor, column by
column, and the logarithm of the residual standard deviation (in working units). The columns of a
term may be reordered, so that the ones in question come first: then a standard deviation is one
coordinate times the residual one, and a correlation an angle between two coordinates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mlm.statistics.likelihood.covariance import (
    block_parts,
    level_matrices,
    outermost_first,
    semidefinite_root,
    theta_of,
    triangle,
)
from mlm.statistics.likelihood.criterion import evaluate, gradient
from mlm.statistics.likelihood.differences import jacobian, relative_steps
from mlm.statistics.likelihood.evaluation import Criterion
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.working import Working

CENTRAL_STEP = 1e-4  # relative, of central differences of the gradient


@dataclass(frozen=True)
class Surface:
    """The criterion of one model over the coordinates.

    Attributes
    ----------
    working : Working
        Statistics of the model.
    criterion : {"ML", "REML"}
        Which criterion.
    orders : tuple of tuple of int
        Order of the columns of each random term.
    scratch : Scratch
        Memory of the evaluations.
    """

    working: Working
    criterion: Criterion
    orders: tuple[tuple[int, ...], ...]
    scratch: Scratch = field(default_factory=Scratch, repr=False, compare=False)

    @property
    def starts(self) -> list[int]:
        """First coordinate of each random term."""
        sizes = [block.size * (block.size + 1) // 2 for block in self.working.blocks]
        return [0, *np.cumsum(sizes).tolist()][: len(sizes)]

    @property
    def is_bounded(self) -> np.ndarray:
        """Which coordinates are relative standard deviations, bounded by zero."""
        parts = [np.equal(*triangle(block.size)) for block in self.working.blocks]
        return np.concatenate([*parts, [False]])

    @property
    def is_signless(self) -> np.ndarray:
        """Coordinates with the same criterion at their negative: the only ones of their terms."""
        parts = [
            np.full(len(order) * (len(order) + 1) // 2, len(order) == 1) for order in self.orders
        ]
        return np.concatenate([*parts, [False]])

    @property
    def lowest(self) -> np.ndarray:
        """Lower bounds of the coordinates."""
        return np.where(self.is_bounded, 0.0, -np.inf)

    @property
    def highest(self) -> np.ndarray:
        """Upper bounds of the coordinates."""
        return np.full(self.is_bounded.size, np.inf)

    def coordinates(self, omegas: Sequence[np.ndarray], sigma: float) -> np.ndarray:
        """Coordinates of raw relative covariance matrices and a residual sd in working units."""
        parts = []
        for omega, order in zip(omegas, self.orders, strict=True):
            rows, columns = triangle(len(order))
            parts.append(semidefinite_root(omega[np.ix_(order, order)])[rows, columns])
        return np.concatenate([*parts, [np.log(sigma)]])

    def factors(self, x: np.ndarray) -> list[np.ndarray]:
        """Relative Cholesky factor of each random term, its columns in their order here."""
        out = []
        for start, order in zip(self.starts, self.orders, strict=True):
            rows, columns = triangle(len(order))
            factor = np.zeros((len(order),) * 2)
            factor[rows, columns] = x[start : start + rows.size]
            out.append(factor)
        return out

    def __call__(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """The criterion at some coordinates, and its gradient.

        The residual variance is a coordinate, not profiled out: with s2 its best value,
        ``D = D(s2) + m (s2 / sigma2 - 1 - log(s2 / sigma2))``, m the residual degrees of freedom.
        """
        blocks = self.working.blocks
        halves = []
        for factor, order, block in zip(self.factors(x), self.orders, blocks, strict=True):
            raw = np.empty_like(factor)
            raw[list(order)] = factor
            halves.append(block.transform @ raw)
        omegas = level_matrices(theta_of([half @ half.T for half in halves]), self.working)
        working = self.working.searched
        at = evaluate(working, omegas, self.criterion, self.scratch)
        sigma2 = float(np.exp(2.0 * x[-1]))
        held = replace(at, residual=sigma2 * at.degrees)
        parts = block_parts(gradient(working, held, self.criterion, self.scratch), blocks)
        slope = []
        for half, part, order, block in zip(halves, parts, self.orders, blocks, strict=True):
            by_factor = (2.0 * block.transform.T @ part @ half)[list(order)]
            slope.append(by_factor[triangle(len(order))])
        ratio = at.sigma2 / sigma2
        value = at.deviance + at.degrees * (ratio - 1.0 - np.log(ratio))
        return float(value), np.concatenate([*slope, [2.0 * at.degrees * (1.0 - ratio)]])

    def hessian(self, x: np.ndarray) -> np.ndarray:
        """Second derivatives by central differences of the gradient."""
        order = [*outermost_first(self.working.blocks).tolist(), x.size - 1]
        out = jacobian(lambda y: self(y)[1], x, relative_steps(x, CENTRAL_STEP), order)
        return 0.5 * (out + out.T)
