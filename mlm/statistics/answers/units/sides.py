"""Groups of units before places: above what is expected, below it, or not told from it."""

from __future__ import annotations

import numpy as np

from mlm.nouns.distributions import normal_tail

FAMILY_ERROR = 0.05  # chance that any unit is put on the wrong side


def sides(mean: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Which effects lie above zero (1) or below (-1), with a chance of error over all of them.

    The largest set of units, the clearest first, for which the chances of the single units to lie
    on the other side of zero add up to 5 % at most: so high is the chance that any of them does.

    Parameters
    ----------
    mean, error : ndarray (G,)
        Posterior means and their comparative errors.

    Returns
    -------
    ndarray of int (G,)
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        clear = np.where(error > 0.0, np.abs(mean) / error, 0.0)
    order = np.argsort(-clear, kind="stable")
    within = np.cumsum(normal_tail(clear[order])) <= FAMILY_ERROR
    out = np.zeros(mean.size, dtype=int)
    out[order[within]] = np.sign(mean[order[within]]).astype(int)
    return out
