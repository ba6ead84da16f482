"""What each pattern lacks given what it has: regressions on predictors and residuals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.statistics.imputation.joint_model import Parameters
from mlm.statistics.imputation.pattern_table import PatternTable
from mlm.statistics.imputation.small_matrices import block_inverses, solved
from mlm.statistics.likelihood.symmetric_root import symmetric_root


@dataclass(frozen=True)
class Conditionals:
    """Missing responses given the predictors q and what is left of the others, r = x - effects.

    Attributes
    ----------
    filling : ndarray (P, k + d, k + d)
        Maps (q, r) with the observed entries of r to (q, r) with the expected missing ones: what
        is there is kept, and the columns of missing responses hold their regressions.
    roots : ndarray (P, d, d)
        Symmetric roots of the covariance of the missing responses given the others, zero elsewhere.
    """

    filling: np.ndarray
    roots: np.ndarray

    @classmethod
    def of(cls, table: PatternTable, parameters: Parameters) -> Conditionals:
        """The conditional distributions of all patterns.

        Source
        ------
        Little & Rubin (2002), Statistical Analysis with Missing Data, section 11.2.
        """
        b, residual, there = parameters.all_coefficients, parameters.residual, table.observed
        k, d = b.shape
        slopes = block_inverses(residual, there) @ residual
        lacking = ~there[:, :, None] & ~there[:, None, :]
        left = np.where(lacking, residual - residual @ slopes, 0.0)
        filling = np.zeros((len(there), k + d, k + d))
        filling[:, :k, k:] = np.where(there[:, None], 0.0, b - b @ slopes)
        filling[:, k:, k:] = np.where(there[:, None], np.eye(d) * there[:, :, None], slopes)
        filling[:, np.arange(k), np.arange(k)] = 1.0
        return cls(filling, symmetric_root(0.5 * (left + left.transpose(0, 2, 1))))


def regression(
    coefficients: np.ndarray, residual: np.ndarray, seen: np.ndarray, lacking: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Missing responses on the predictors and the other responses, effects taken off both.

    Parameters
    ----------
    coefficients : ndarray (k, d)
        Of the predictors.
    residual : ndarray (d, d)
        Covariance of the rows' residuals.
    seen, lacking : ndarray of int (s,), (m,)
        Places of the responses that are there, and of those that are not.

    Returns
    -------
    loads : ndarray (k + s, m)
        Coefficients of the predictors, then of the responses that are there.
    root : ndarray (m, m)
        Symmetric root of the covariance of what is left.
    """
    within = residual[seen[:, None], seen]
    across = residual[seen[:, None], lacking]
    slopes = solved(within, across)
    b = coefficients
    left = residual[lacking[:, None], lacking] - across.T @ slopes
    loads = np.vstack([b[:, lacking] - b[:, seen] @ slopes, slopes])
    return loads, symmetric_root(0.5 * (left + left.T))
