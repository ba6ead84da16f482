"""Wishart, inverse Wishart and matrix normal draws, from Cholesky roots alone."""

from __future__ import annotations

import numpy as np

from mlm.statistics.imputation.small_matrices import backward, cholesky, forward


def wishart(degrees: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """A Wishart matrix (d, d) with the identity as scale; of fewer degrees than d it is singular.

    Parameters
    ----------
    degrees : int
        Degrees of freedom, 0 or more.
    size : int
        d.
    rng : Generator
        Random numbers.

    Source
    ------
    Bartlett (1933), Proc. R. Soc. Edinburgh 53, 260-283.
    """
    if degrees < size:
        rows = rng.standard_normal((max(degrees, 0), size))
        return rows.T @ rows
    root = bartlett(degrees, size, rng)
    return root @ root.T


def wisharts(degrees: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Independent Wishart matrices (P, d, d) with the identity as scale.

    Parameters
    ----------
    degrees : ndarray of int (P,)
        Degrees of freedom, 0 or more.
    size : int
        d.
    rng : Generator
        Random numbers.
    """
    roots = np.tril(rng.standard_normal((degrees.size, size, size)), -1)
    many = np.flatnonzero(degrees >= size)
    at = np.arange(size)
    roots[many[:, None], at, at] = np.sqrt(rng.chisquare(degrees[many, None] - at))
    out = roots @ roots.transpose(0, 2, 1)
    for p in np.flatnonzero(degrees < size).tolist():
        out[p] = wishart(int(degrees[p]), size, rng)
    return out


def bartlett(degrees: float, size: int, rng: np.random.Generator) -> np.ndarray:
    """Lower triangular root (d, d) of a Wishart matrix with the identity as scale.

    Parameters
    ----------
    degrees : float
        Degrees of freedom, more than d - 1.
    size : int
        d.
    rng : Generator
        Random numbers.
    """
    root = np.tril(rng.standard_normal((size, size)), -1)
    root[np.diag_indices(size)] = np.sqrt(rng.chisquare(degrees - np.arange(size)))
    return root


def inverse_wishart(degrees: float, scale: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A draw whose inverse is Wishart with these degrees and the inverse of the scale.

    Parameters
    ----------
    degrees : float
        Degrees of freedom, more than d - 1.
    scale : ndarray (d, d)
        Scale, positive definite.
    rng : Generator
        Random numbers.
    """
    root = cholesky(scale)
    own = forward(bartlett(degrees, len(scale), rng), root.T)
    return own.T @ own


def matrix_normal(
    mean: np.ndarray, precision: np.ndarray, covariance: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """A draw (k, d) with independent mean, the rows' precision (k, k), columns' covariance (d, d).

    Parameters
    ----------
    mean : ndarray (k, d)
        Expectation.
    precision : ndarray (k, k)
        Inverse of the covariance of the rows.
    covariance : ndarray (d, d)
        Covariance of the columns.
    rng : Generator
        Random numbers.
    """
    numbers = rng.standard_normal(mean.shape) @ cholesky(covariance).T
    return mean + backward(cholesky(precision), numbers)
