"""Replicates without refits, from the scores of clusters at the full-sample estimates.

One Newton step from the estimates under the weights of a replicate leads to
``psi_r = psi + I^-1 S' (f_r - 1)``.
"""

from __future__ import annotations

import numpy as np

from mlm.statistics.fitting.design.sandwich import Strata, inverse


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
    return (factors - 1.0).T @ scores @ inverse(information)


def cluster_steps(scores: np.ndarray, information: np.ndarray, strata: Strata) -> np.ndarray:
    """What each cluster adds to the parameters beyond the mean of its stratum, to first order.

    Parameters
    ----------
    scores : ndarray (C, p)
        Score of each cluster at the estimates.
    information : ndarray (p, p)
        Observed information of all clusters together.
    strata : Strata
        In which clusters were drawn.

    Returns
    -------
    ndarray (C, p)
    """
    sums = np.zeros((strata.sizes.size, scores.shape[1]))
    np.add.at(sums, strata.codes, scores)
    apart = scores - (sums / strata.sizes[:, None])[strata.codes]
    return apart @ inverse(information)
