"""Decompositions of single small matrices, straight from LAPACK.

A chain takes a hundred of them in each iteration, for which the checks of NumPy and SciPy around
LAPACK would take most of the time.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import lapack


def cholesky(matrix: np.ndarray) -> np.ndarray:
    """Lower root (d, d) of a positive definite matrix (d, d), zero above its diagonal.

    Raises
    ------
    LinAlgError
        When the matrix is not positive definite.
    """
    if not matrix.size:
        return np.zeros(matrix.shape)
    root, info = lapack.dpotrf(matrix, lower=1, clean=1)
    if info:
        raise np.linalg.LinAlgError(f"leading minor of order {info} is not positive")
    return root


def root_inverse(root: np.ndarray) -> np.ndarray:
    """Inverse (d, d) of a lower root (d, d).

    Raises
    ------
    LinAlgError
        When it is singular.
    """
    if not root.size:
        return np.zeros(root.shape)
    found, info = lapack.dtrtri(root, lower=1)
    return _checked(found, info)


def inverse(matrix: np.ndarray) -> np.ndarray:
    """Inverse (d, d) of a positive definite matrix (d, d), symmetric to the last bit.

    Raises
    ------
    LinAlgError
        When the matrix is not positive definite.
    """
    half = root_inverse(cholesky(matrix))
    return half.T @ half


def block_inverses(matrix: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Inverses (P, d, d) of the blocks of a positive definite matrix (d, d), zero around them.

    Parameters
    ----------
    matrix : ndarray (d, d)
        The matrix.
    chosen : ndarray of bool (P, d)
        Rows and columns of each block.

    Raises
    ------
    LinAlgError
        When a block is not positive definite.
    """
    inside = chosen[:, :, None] & chosen[:, None, :]
    blocks = np.where(inside, matrix, np.eye(len(matrix)))
    half = np.linalg.inv(np.linalg.cholesky(blocks))
    return np.where(inside, half.transpose(0, 2, 1) @ half, 0.0)


def symmetric_places(size: int) -> np.ndarray:
    """Places (d, d) of the entries of a symmetric matrix among those on and above its diagonal."""
    out = np.zeros((size, size), dtype=int)
    rows, columns = np.triu_indices(size)
    out[rows, columns] = out[columns, rows] = np.arange(rows.size)
    return out


def solved(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solutions (d,) or (d, n) of a positive definite system, ``matrix x = right``.

    Raises
    ------
    LinAlgError
        When the matrix is not positive definite.
    """
    if not matrix.size:
        return np.zeros(right.shape)
    found, info = lapack.dpotrs(cholesky(matrix), right, lower=1)
    return _checked(found, info)


def forward(root: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solutions (d,) or (d, n) of ``root x = right``, the root lower triangular (d, d).

    Raises
    ------
    LinAlgError
        When the root is singular.
    """
    return _triangular(root, right, transposed=0)


def backward(root: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solutions (d,) or (d, n) of ``root' x = right``, the root lower triangular (d, d).

    Raises
    ------
    LinAlgError
        When the root is singular.
    """
    return _triangular(root, right, transposed=1)


def _triangular(root: np.ndarray, right: np.ndarray, transposed: int) -> np.ndarray:
    if not root.size:
        return np.zeros(right.shape)
    found, info = lapack.dtrtrs(root, right, lower=1, trans=transposed)
    return _checked(found, info)


def _checked(found: np.ndarray, info: int) -> np.ndarray:
    if info:
        raise np.linalg.LinAlgError(f"entry {info} of the diagonal is zero")
    return found
