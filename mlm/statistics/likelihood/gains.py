"""The gains of an elimination: what the sums of a group's effects are multiplied by.

With C the cross-products of a group's random columns, all that lies inside it eliminated, and Omega
the covariance of its effects over sigma^2,

    Q = (Omega^-1 + C)^-1 = Omega H,   H = (I + C Omega)^-1,   log|I + C Omega|,

from the Cholesky factor of ``I + F' C F``, with ``Omega = F F'``. Along a direction of the
variances all three are series; effects of any size have ``Q = C^-``. Letters: q random columns, G
groups.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mlm.errors import FitError
from mlm.statistics.likelihood import batched
from mlm.statistics.likelihood.series import ORDERS, Series, times
from mlm.statistics.likelihood.symmetric_root import scaled_inverse_roots

# share of a column's square, beyond the columns before it, that counts as rounding
DEPENDENT_SHARE = 1e-10


@dataclass(frozen=True)
class Gains:
    """Gains of all groups of a level.

    Attributes
    ----------
    gain : list of ndarray (q, q, G)
        Q.
    solver : list of ndarray (q, q, G)
        What takes sums S to ``S+ = H S``; of effects of any size a root, which takes them to sums
        whose squares are ``S' Q S``.
    covariance : list of ndarray (q, q)
        Omega, with ``S' Q S = S' Omega S+``; the identity between the roots.
    logdet : list of ndarray (G,)
        ``log|I + C Omega|``; none for effects of any size.
    space : ndarray (G, q, q) or None
        For effects of any size, projectors on those that C tells of.
    """

    gain: Series
    solver: Series
    covariance: Series
    logdet: Series
    space: np.ndarray | None = None


def gains(inner: Series, covariance: Series) -> Gains:
    """Gains at given variances, or along a direction of them.

    Parameters
    ----------
    inner : list of ndarray (q, q, G)
        C, positive semidefinite.
    covariance : list of ndarray (q, q)
        Omega, positive semidefinite; may be singular.
    """
    gain, held, logdet = values(inner[0], covariance[0])
    if len(inner) == len(covariance) == 1:
        return Gains([gain], [held], covariance, [logdet])
    spread = [part[:, :, None] for part in covariance]
    solver, logs = solver_series(times(inner, spread, batched.multiply), batched.multiply)
    gain = [gain, *times(spread, solver, batched.multiply)[1:]]
    return Gains(gain, solver, covariance, [logdet, *logs])


def values(inner: np.ndarray, omega: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """``Q``, ``H`` and ``log|I + C Omega|`` of each group at given variances.

    Parameters
    ----------
    inner : ndarray (q, q, G)
        C, positive semidefinite.
    omega : ndarray (q, q)
        Covariance over sigma^2, positive semidefinite; may be singular.

    Returns
    -------
    gain, held : ndarray (q, q, G)
    logdet : ndarray (G,)

    Raises
    ------
    FitError
        When rounding leaves no positive definite matrix.
    """
    if omega.shape[0] == 1:
        scale = 1.0 + omega[0, 0] * inner[0, 0]
        held = (1.0 / scale)[None, None]
        return omega[0, 0] * held, held, np.log(scale)
    factor = _upper_root(omega)[:, :, None]
    gain, held, logdet = np.empty(inner.shape), np.empty(inner.shape), np.empty(inner.shape[2])
    for groups in batched.portions(4 * omega.size, inner.shape[2]):
        with np.errstate(invalid="ignore", divide="ignore"):  # at large variances, by rounding
            found = _with_factor(inner[:, :, groups], factor)
        gain[:, :, groups], held[:, :, groups], logdet[groups] = found
    if not np.isfinite(logdet).all():
        raise FitError("effects cannot be told apart at variances this large.")
    return gain, held, logdet


def _with_factor(
    inner: np.ndarray, factor: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same of several columns, from F (q, q, 1)."""
    columns = range(len(factor))
    middle = batched.multiply(batched.transpose(factor), batched.multiply(inner, factor))
    for i in columns:
        middle[i, i] += 1.0
    root = batched.cholesky(middle)
    logdet = np.log(root[0, 0])
    for i in columns[1:]:
        logdet += np.log(root[i, i])
    half = batched.forward_solve(root, batched.transpose(factor))
    gain = batched.multiply(batched.transpose(half), half)
    held = -batched.multiply(inner, gain)
    for i in columns:
        held[i, i] += 1.0
    return gain, held, 2.0 * logdet


def _upper_root(omega: np.ndarray) -> np.ndarray:
    """Upper triangular F with ``F F' = Omega``, singular matrices included."""
    turned = omega[::-1, ::-1]
    try:
        return np.linalg.cholesky(turned)[::-1, ::-1]
    except np.linalg.LinAlgError:
        eigenvalues, vectors = np.linalg.eigh(turned)
    half = vectors * np.sqrt(np.clip(eigenvalues, 0.0, None))
    return np.linalg.qr(half.T, mode="r").T[::-1, ::-1]


def solver_series(around: Series, multiply: Callable) -> tuple[Series, Series]:
    """Series of ``H = (I + M)^-1``, and the first and second coefficients of ``log|I + M|``.

    H is inverted directly: where M is large, ``I - C Q`` has lost the digits that its derivatives
    are made of.

    Parameters
    ----------
    around : list of ndarray (q, q, G)
        ``M = C Omega``, not its value alone.
    multiply : callable
        Product of two such matrices; of single ones (q, q), ``np.matmul``.
    """
    held = _inverse_beside_identity(around[0])
    ratios = [multiply(held, part) for part in around[1:]]
    found = [held]
    for k in range(1, ORDERS):
        found.append(-sum(multiply(r, found[k - 1 - i]) for i, r in enumerate(ratios[:k])))
    second = -0.5 * np.trace(multiply(ratios[0], ratios[0]))
    if len(ratios) > 1:
        second = second + np.trace(ratios[1])
    return found, [np.trace(ratios[0]), second]


def _inverse_beside_identity(around: np.ndarray) -> np.ndarray:
    """``(I + M)^-1`` of matrices (q, q, G), or of one (q, q)."""
    if around.ndim == 2:
        return np.linalg.inv(np.eye(len(around)) + around)
    if len(around) == 1:
        return 1.0 / (1.0 + around)
    return np.linalg.inv(np.eye(len(around)) + around.transpose(2, 0, 1)).transpose(1, 2, 0)


def unbounded_gains(inner: np.ndarray, squares: np.ndarray) -> Gains:
    """Gains of effects of any size: what is left of the rows is orthogonal to their columns.

    Parameters
    ----------
    inner : ndarray (q, q, G)
        C.
    squares : ndarray (q, q, G)
        The same before anything was eliminated, against which rounding is told.
    """
    diagonal = np.einsum("aag->ga", squares)
    scale = np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))
    smallest = 10.0 * DEPENDENT_SHARE
    roots, space = scaled_inverse_roots(inner.transpose(2, 0, 1), scale, smallest)
    solver = np.ascontiguousarray(roots.transpose(1, 2, 0))
    gain = batched.multiply(batched.transpose(solver), solver)
    return Gains([gain], [solver], [np.eye(len(inner))], [], space)
