"""What each pattern lacks given what it has: regressions on predictors and residuals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.statistics.imputation.joint_model import Parameters
from mlm.statistics.imputation.pattern_table import PatternTable
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
        k, d, width = table.n_predictors, table.n_responses, table.width
        filling = np.zeros((len(table.observed), width, width))
        roots = np.zeros((len(table.observed), d, d))
        for p, there in enumerate(table.observed):
            seen, lacking = np.flatnonzero(there), np.flatnonzero(~there)
            known = np.r_[:k, k + seen]
            filling[p][known, known] = 1.0
            loads, root = regression(parameters, seen, lacking)
            filling[p][np.ix_(known, k + lacking)] = loads
            roots[p][np.ix_(lacking, lacking)] = root
        return cls(filling, roots)


def regression(
    parameters: Parameters, seen: np.ndarray, lacking: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Missing responses on the predictors and the other responses, effects taken off both.

    Parameters
    ----------
    parameters : Parameters
        The model.
    seen, lacking : ndarray of int (s,), (m,)
        Places of the responses that are there, and of those that are not.

    Returns
    -------
    loads : ndarray (k + s, m)
        Coefficients of the predictors, then of the responses that are there.
    root : ndarray (m, m)
        Symmetric root of the covariance of what is left.
    """
    within = parameters.residual[np.ix_(seen, seen)]
    across = parameters.residual[np.ix_(seen, lacking)]
    slopes = np.linalg.solve(within, across)
    b = parameters.coefficients
    left = parameters.residual[np.ix_(lacking, lacking)] - across.T @ slopes
    loads = np.vstack([b[:, lacking] - b[:, seen] @ slopes, slopes])
    return loads, symmetric_root(0.5 * (left + left.T))
