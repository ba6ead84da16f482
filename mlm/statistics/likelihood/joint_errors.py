"""Errors of many sums of effects: prepared once, then variances of all or covariances of some.

The covariance of K sums is a sum of products ``W M W'``, where W has a row a sum and M is one
matrix of all effects; the error of the fixed effects adds one such product more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.sparse import csr_array

AT_A_TIME = 500
"""Sums whose products with a dense matrix are made together."""

Rows = slice | np.ndarray
"""Places of some sums."""

ALL = slice(None)
"""All sums."""


class JointErrors(Protocol):
    """Errors of K sums of effects, over sigma^2."""

    def covariance(self, rows: Rows = ALL, with_fixed: bool = True) -> np.ndarray:
        """Covariance (k, k) of some sums, without or with the error of the fixed effects."""

    def variances(self, with_fixed: bool = True) -> np.ndarray:
        """Variances (K,) of all sums."""


@dataclass(frozen=True)
class ProductErrors:
    """Errors that are a sum of products.

    Attributes
    ----------
    parts : tuple of (csr_array (K, m), array (m, m))
        Weights of the sums, and the matrix that they belong to, sparse or dense.
    fixed : ndarray (K, p)
        Weights of the fixed effects.
    of_fixed : ndarray (p, p)
        Covariance of the fixed effects over sigma^2.
    """

    parts: tuple[tuple[csr_array, csr_array | np.ndarray], ...]
    fixed: np.ndarray
    of_fixed: np.ndarray

    def covariance(self, rows: Rows = ALL, with_fixed: bool = True) -> np.ndarray:
        """Covariance (k, k) of some sums, without or with the error of the fixed effects."""
        fixed = self.fixed[rows]
        out = fixed @ self.of_fixed @ fixed.T if with_fixed else np.zeros((len(fixed),) * 2)
        for weights, matrix in self.parts:
            own = weights[rows]
            found = own @ (own @ matrix).T
            out = out + (found if isinstance(found, np.ndarray) else found.toarray())
        return out

    def variances(self, with_fixed: bool = True) -> np.ndarray:
        """Variances (K,) of all sums."""
        out = np.zeros(len(self.fixed))
        if with_fixed:
            out += np.einsum("kp,kp->k", self.fixed @ self.of_fixed, self.fixed)
        for weights, matrix in self.parts:
            step = AT_A_TIME if isinstance(matrix, np.ndarray) else max(weights.shape[0], 1)
            for start in range(0, weights.shape[0], step):
                own = weights[start : start + step]
                out[start : start + step] += own.multiply(own @ matrix).sum(axis=1)
        return out
