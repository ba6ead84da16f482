"""Symmetric roots of positive semidefinite matrices.

There is one such root, whatever signs and order a decomposition gives to eigenvectors. Normal
numbers that are multiplied by it are therefore the same on every processor, up to rounding.
"""

from __future__ import annotations

import numpy as np


def symmetric_root(matrix: np.ndarray) -> np.ndarray:
    """The symmetric R with ``R R`` = the matrix; eigenvalues that are rounding count as zero.

    Parameters
    ----------
    matrix : ndarray (..., n, n)
        Positive semidefinite.

    Returns
    -------
    ndarray (..., n, n)

    Source
    ------
    Higham (2008), Functions of Matrices, theorem 1.29.
    """
    values, vectors = np.linalg.eigh(matrix)
    largest = np.max(np.abs(values), axis=-1, keepdims=True, initial=0.0)
    rounding = values.shape[-1] * np.finfo(float).eps * largest
    return _with_values(vectors, np.sqrt(np.where(values > rounding, values, 0.0)))


def scaled_root(matrix: np.ndarray, scale: np.ndarray, smallest: float) -> tuple:
    """A root of a matrix through the symmetric root of the matrix in units of ``scale``.

    Parameters
    ----------
    matrix : ndarray (..., n, n)
        Positive semidefinite.
    scale : ndarray (..., n)
        Unit of each row and column.
    smallest : float
        Eigenvalues, in these units, up to which they count as zero.

    Returns
    -------
    root : ndarray (..., n, n)
        R with ``R' R`` = the matrix.
    projector : ndarray (..., n, n)
        On the space of the eigenvalues that count: ``P R = R``.
    """
    values, vectors = np.linalg.eigh(matrix / (scale[..., :, None] * scale[..., None, :]))
    kept = values > smallest
    root = _with_values(vectors, np.sqrt(np.where(kept, values, 0.0)))
    return root * scale[..., None, :], _with_values(vectors, kept.astype(float))


def scaled_inverse_roots(matrices: np.ndarray, scale: np.ndarray, smallest: float) -> tuple:
    """Roots of the inverses of matrices, through those of the matrices in units of ``scale``.

    Parameters
    ----------
    matrices : ndarray (G, n, n)
        Positive semidefinite.
    scale : ndarray (G, n)
        Unit of each row and column.
    smallest : float
        Eigenvalues, in these units, up to which they count as zero.

    Returns
    -------
    roots : ndarray (G, n, n)
        H with ``H' H`` = a generalised inverse of the matrix.
    projectors : ndarray (G, n, n)
        On the space of the eigenvalues that count: ``P H = H``.
    """
    inner = matrices / (scale[:, :, None] * scale[:, None, :])
    values, vectors = np.linalg.eigh(0.5 * (inner + inner.transpose(0, 2, 1)))
    kept = values > smallest
    inverse = np.where(kept, 1.0 / np.sqrt(np.where(kept, values, 1.0)), 0.0)
    roots = _with_values(vectors, inverse) / scale[:, None, :]
    return roots, _with_values(vectors, kept.astype(float))


def _with_values(vectors: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Symmetric matrices (..., n, n) with these eigenvectors, in columns, and eigenvalues."""
    return (vectors * values[..., None, :]) @ np.swapaxes(vectors, -1, -2)
