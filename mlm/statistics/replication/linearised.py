"""Replicate errors without refits, from the scores of clusters at the full-sample estimates.

One Newton step from the estimates under the weights of a replicate leads to
``psi_r = psi + I^-1 S' (f_r - 1)``: with D the design's form over clusters, the covariance is
``I^-1 S' D S I^-1``.
"""

from __future__ import annotations

import numpy as np


def replicate_steps(scores: np.ndarray, information: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """What each replicate adds to the parameters, to first order.

    Parameters
    ----------
    scores : ndarray (C, p)
        Score of each cluster at the estimates.
    information : ndarray (p, p)
        Observed information of all clusters together.
    factors : ndarray (C, R)
        What multiplies the weights of each cluster in each replicate.

    Returns
    -------
    ndarray (R, p)
    """
    return np.linalg.solve(information, scores.T @ (factors - 1.0)).T


def replicate_form(factors: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """The form D (C, C) of a design: the covariance of a sum over clusters z is ``z' D z``.

    Parameters
    ----------
    factors : ndarray (C, R)
        What multiplies the weights of each cluster in each replicate.
    scale : ndarray (R,)
        What each replicate counts for.
    """
    apart = factors - 1.0
    return (apart * scale) @ apart.T
