"""Two evaluations of the criterion that share nothing with the package but the formula.

``dense_deviance`` writes down V. ``Henderson`` solves the mixed-model equations on dense
cross-products of all random columns at once; it has a gradient and a search from many starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import cho_factor, cho_solve, solve_triangular
from scipy.optimize import minimize


@dataclass(frozen=True)
class Part:
    """One random term: the group of each row, and the columns that vary over the groups."""

    group: np.ndarray
    columns: np.ndarray  # (n, q)

    @property
    def dense(self) -> np.ndarray:
        """Z (n, G q), the q columns of a group side by side."""
        n, q = self.columns.shape
        z = np.zeros((n, self.group.max() + 1, q))
        z[np.arange(n), self.group] = self.columns
        return z.reshape(n, -1)


def part(frame: pd.DataFrame, ids: Sequence[str], *columns: np.ndarray) -> Part:
    """A random term over the groups that some id columns make together, an intercept first."""
    first, *others = (frame[name] for name in ids)
    label = first.str.cat(others, sep=":") if others else first
    group = np.unique(label, return_inverse=True)[1].reshape(-1)
    return Part(group, np.column_stack([np.ones(len(frame)), *columns]))


def dense_deviance(
    y: np.ndarray, x: np.ndarray, parts: Sequence[Part], omegas: Sequence[np.ndarray], reml: bool
) -> float:
    """The criterion from V itself, sigma^2 at its best.

    Parameters
    ----------
    y, x : ndarray (n,), (n, p)
        Response and fixed columns.
    parts, omegas : sequence of Part, of ndarray (q, q)
        Random terms and their covariances over sigma^2.
    """
    v = np.eye(y.size)
    for each, omega in zip(parts, omegas, strict=True):
        same = each.group[:, None] == each.group[None, :]
        v += np.where(same, each.columns @ omega @ each.columns.T, 0.0)
    inverse = np.linalg.inv(v)
    inner = x.T @ inverse @ x
    beta = np.linalg.solve(inner, x.T @ inverse @ y)
    left = y - x @ beta
    degrees = y.size - (x.shape[1] if reml else 0)
    sigma2 = left @ inverse @ left / degrees
    value = degrees * (1.0 + np.log(2.0 * np.pi * sigma2)) + np.linalg.slogdet(v)[1]
    return float(value + (np.linalg.slogdet(inner)[1] if reml else 0.0))


class Henderson:
    """The criterion and its gradient by theta, from dense cross-products of [Z X y]."""

    def __init__(self, y: np.ndarray, x: np.ndarray, parts: Sequence[Part], reml: bool):
        blocks = [each.dense for each in parts]
        joint = np.column_stack([*blocks, x, y])
        self.cross = joint.T @ joint
        self.sizes = [each.columns.shape[1] for each in parts]
        self.widths = [block.shape[1] for block in blocks]
        self.q, self.p, self.n, self.reml = sum(self.widths), x.shape[1], y.size, reml
        self.rows = [np.tril_indices(size) for size in self.sizes]

    @property
    def n_theta(self) -> int:
        """Entries of all lower triangles, row by row."""
        return sum(rows.size for rows, _ in self.rows)

    def factors(self, theta: np.ndarray) -> list[np.ndarray]:
        """Lambda of each term."""
        out, start = [], 0
        for size, (rows, columns) in zip(self.sizes, self.rows, strict=True):
            factor = np.zeros((size, size))
            factor[rows, columns] = theta[start : start + rows.size]
            start += rows.size
            out.append(factor)
        return out

    def value_and_gradient(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """The criterion and its derivative by theta."""
        value, slopes = self.by_omega([f @ f.T for f in self.factors(theta)], theta)
        parts = [
            (2.0 * slope @ factor)[rows, columns]
            for slope, factor, (rows, columns) in zip(
                slopes, self.factors(theta), self.rows, strict=True
            )
        ]
        return value, np.concatenate(parts)

    def by_omega(self, omegas: Sequence[np.ndarray], theta: np.ndarray | None = None):
        """The criterion and its derivative by each term's Omega."""
        factors = (
            self.factors(theta) if theta is not None else [semidefinite_root(o) for o in omegas]
        )
        scaled = self._scaled(factors)
        middle = scaled[:, : self.q] @ self._lambda(factors) + np.eye(self.q)
        root = np.linalg.cholesky(0.5 * (middle + middle.T))
        half = solve_triangular(root, scaled, lower=True)
        after = self.cross - half.T @ half  # [Z X y]' V^-1 [Z X y]
        f = slice(self.q, self.q + self.p)
        chol = cho_factor(after[f, f])
        beta = cho_solve(chol, after[f, -1])
        residual = after[-1, -1] - after[f, -1] @ beta
        degrees = self.n - (self.p if self.reml else 0)
        value = 2.0 * np.log(np.diagonal(root)).sum()
        value += degrees * (1.0 + np.log(2.0 * np.pi * residual / degrees))
        if self.reml:
            value += 2.0 * np.log(np.diagonal(chol[0])).sum()
        score = (after[: self.q, -1] - after[: self.q, f] @ beta) / np.sqrt(residual / degrees)
        fixed = cho_solve(chol, after[f, : self.q])
        slopes, start = [], 0
        for size, width in zip(self.sizes, self.widths, strict=True):
            block = slice(start, start + width)
            own = after[block, block] - np.outer(score[block], score[block])
            if self.reml:
                own = own - after[block, f] @ fixed[:, block]
            slopes.append(_block_sum(own, size))
            start += width
        return float(value), slopes

    def _lambda(self, factors: Sequence[np.ndarray]) -> np.ndarray:
        full, start = np.zeros((self.q, self.q)), 0
        for factor, size, width in zip(factors, self.sizes, self.widths, strict=True):
            block = slice(start, start + width)
            full[block, block] = np.kron(np.eye(width // size), factor)
            start += width
        return full

    def _scaled(self, factors: Sequence[np.ndarray]) -> np.ndarray:
        """Lambda' Z' [Z X y]."""
        out, start = np.empty((self.q, self.cross.shape[0])), 0
        for factor, size, width in zip(factors, self.sizes, self.widths, strict=True):
            rows = self.cross[start : start + width].reshape(width // size, size, -1)
            out[start : start + width] = np.einsum("ij,gik->gjk", factor, rows).reshape(width, -1)
            start += width
        return out

    def best(self, starts: Sequence[np.ndarray]) -> tuple[float, np.ndarray]:
        """The lowest criterion that bounded searches from some starts find, and its theta."""
        bounds = []
        for rows, columns in self.rows:
            bounds += [(0.0, None) if bounded else (None, None) for bounded in rows == columns]
        found = [
            minimize(
                self.value_and_gradient,
                start,
                jac=True,
                method="L-BFGS-B",
                bounds=bounds,
                options={"ftol": 1e-14, "gtol": 1e-8, "maxiter": 300},
            )
            for start in starts
        ]
        lowest = min(found, key=lambda result: result.fun)
        return float(lowest.fun), lowest.x

    def starts(self, rng: np.random.Generator, number: int) -> list[np.ndarray]:
        """Diagonal factors of several sizes, then random ones."""
        diagonal = np.concatenate([rows == columns for rows, columns in self.rows])
        fixed = [np.where(diagonal, size, 0.0) for size in (1.0, 0.3, 0.05)]
        random = [
            np.where(
                diagonal,
                np.exp(rng.normal(-1.0, 1.5, self.n_theta)),
                rng.normal(scale=0.3, size=self.n_theta),
            )
            for _ in range(number - len(fixed))
        ]
        return (fixed + random)[:number]


def _block_sum(matrix: np.ndarray, size: int) -> np.ndarray:
    """Sum of the diagonal blocks (size, size) of a matrix."""
    groups = matrix.shape[0] // size
    shaped = matrix.reshape(groups, size, groups, size)
    return np.einsum("gigj->ij", shaped)


def semidefinite_root(omega: np.ndarray) -> np.ndarray:
    """A factor F with ``F F' = Omega``."""
    values, vectors = np.linalg.eigh(omega)
    return vectors * np.sqrt(np.clip(values, 0.0, None))
