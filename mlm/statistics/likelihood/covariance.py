"""Relative Cholesky factors theta, and the covariance matrices that they stand for.

theta holds, block after block, the lower triangle of Lambda column by column, as lme4 does, with
``Omega = Lambda Lambda'``. Here in the working basis; ``raw_omega`` leads to the user's columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from mlm.statistics.likelihood.working import Block, Working

# theta below this counts as on its bound (lme4 uses 1e-4)
THETA_AT_BOUND = 1e-5


@cache
def triangle(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of a lower triangle, column by column."""
    columns, rows = np.triu_indices(size)
    return rows, columns


def n_theta(blocks: Sequence[Block]) -> int:
    """Number of covariance parameters of some blocks."""
    return sum(block.size * (block.size + 1) // 2 for block in blocks)


def is_diagonal(blocks: Sequence[Block]) -> np.ndarray:
    """Which entries of theta lie on a diagonal and so are bounded by zero, shape (t,)."""
    parts = [np.equal(*triangle(block.size)) for block in blocks]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=bool)


def outermost_first(blocks: Sequence[Block]) -> np.ndarray:
    """Positions in theta, those of outer levels first.

    Evaluations in this order, each with one entry moved, share what they eliminate inside.
    """
    sizes = [block.size * (block.size + 1) // 2 for block in blocks]
    return np.argsort(np.repeat([block.level for block in blocks], sizes), kind="stable")


def factors(theta: np.ndarray, blocks: Sequence[Block]) -> list[np.ndarray]:
    """Lambda (q, q) of each block."""
    out, start = [], 0
    for block in blocks:
        rows, columns = triangle(block.size)
        matrix = np.zeros((block.size, block.size))
        matrix[rows, columns] = theta[start : start + rows.size]
        start += rows.size
        out.append(matrix)
    return out


def theta_of(omegas: Sequence[np.ndarray]) -> np.ndarray:
    """theta of each block's Omega, positive semidefinite ones included."""
    parts = []
    for omega in omegas:
        rows, columns = triangle(omega.shape[0])
        parts.append(semidefinite_root(omega)[rows, columns])
    return np.concatenate(parts) if parts else np.zeros(0)


def directions_without(omega: np.ndarray, most: float = THETA_AT_BOUND**2) -> np.ndarray:
    """Orthonormal directions (q, m) in which effects with a covariance (q, q) vary by no more."""
    values, vectors = np.linalg.eigh(omega)
    return vectors[:, values <= most]


def working_theta(omegas: Sequence[np.ndarray], blocks: Sequence[Block]) -> np.ndarray:
    """theta in the working basis of each random term's covariance in the user's columns."""
    pairs = zip(omegas, blocks, strict=True)
    return theta_of([block.transform @ omega @ block.transform.T for omega, block in pairs])


def semidefinite_root(omega: np.ndarray) -> np.ndarray:
    """Lower triangular Lambda with non-negative diagonal and ``Lambda Lambda' = Omega``."""
    values, vectors = np.linalg.eigh(omega)
    half = vectors * np.sqrt(np.clip(values, 0.0, None))
    upper = np.linalg.qr(half.T, mode="r")
    signs = np.where(np.diagonal(upper) < 0.0, -1.0, 1.0)
    return (upper * signs[:, None]).T


def level_matrices(theta: np.ndarray, working: Working) -> list[np.ndarray]:
    """Omega (q, q) of each level and crossed factor, block diagonal over its random terms."""
    return placed([factor @ factor.T for factor in factors(theta, working.blocks)], working)


def placed(omegas: Sequence[np.ndarray], working: Working) -> list[np.ndarray]:
    """The same from Omega of each random term."""
    out = [np.zeros((size, size)) for size in working.structure.widths]
    for block, omega in zip(working.blocks, omegas, strict=True):
        part = slice(block.start, block.start + block.size)
        out[block.level][part, part] = omega
    return out


def block_parts(matrices: Sequence[np.ndarray], blocks: Sequence[Block]) -> list[np.ndarray]:
    """The diagonal blocks of the levels' matrices that belong to each random term."""
    parts = []
    for block in blocks:
        part = slice(block.start, block.start + block.size)
        parts.append(matrices[block.level][part, part])
    return parts


def theta_gradient(
    theta: np.ndarray, derivatives: Sequence[np.ndarray], blocks: Sequence[Block]
) -> np.ndarray:
    """Gradient by theta from the derivative by each block's Omega: ``2 D Lambda``."""
    parts = []
    for factor, derivative in zip(factors(theta, blocks), derivatives, strict=True):
        rows, columns = triangle(factor.shape[0])
        parts.append((2.0 * derivative @ factor)[rows, columns])
    return np.concatenate(parts) if parts else np.zeros(0)


def raw_omega(omega: np.ndarray, block: Block) -> np.ndarray:
    """Relative covariance of the effects of the raw columns: ``T^-1 Omega T^-T``."""
    half = np.linalg.solve(block.transform, omega)
    raw = np.linalg.solve(block.transform, half.T)
    return 0.5 * (raw + raw.T)


def relative_to(covariances: Sequence[np.ndarray], blocks: Sequence[Block]) -> list[np.ndarray]:
    """Covariances of effects of raw columns in the working basis, but of terms that have a form."""
    pairs = zip(covariances, blocks, strict=True)
    return [c if b.form is not None else b.transform @ c @ b.transform.T for c, b in pairs]


def raw_derivative(derivative: np.ndarray, block: Block) -> np.ndarray:
    """Derivative by the raw Omega from that by the working Omega: ``T' D T``."""
    return block.transform.T @ derivative @ block.transform
