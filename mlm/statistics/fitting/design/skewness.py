"""Intervals of variances and their shares that allow for a skew distribution of their errors.

A variance between clusters rests on squares, those of few clusters of large weight more than on
others. Where none of these was drawn both the estimate and its error are too small, so that an
interval by t, also one on the scale of logarithms or logits, ends too low more often than it says.
"""

from __future__ import annotations

import numpy as np

MOST_FOR_SKEWNESS = 1.25
"""How much farther an interval reaches for skewness at most: farther ends held no truth more."""


def skewness(steps: np.ndarray) -> np.ndarray:
    """Skewness (k,) of sums of what clusters add to estimates.

    Parameters
    ----------
    steps : ndarray (C, k)
        What each cluster adds to each of k estimates, about its mean; see ``cluster_steps``.
    """
    squares, cubes = np.sum(steps**2, axis=0), np.sum(steps**3, axis=0)
    below = np.where(squares > 0.0, squares, 1.0) ** 1.5
    return np.where(squares > 0.0, cubes / below, 0.0)


def skewed_reach(
    reach: np.ndarray | float, skew: np.ndarray | float, bound: float = MOST_FOR_SKEWNESS
) -> tuple:
    """How far an interval reaches below and above an estimate, in its standard errors.

    Parameters
    ----------
    reach : ndarray or float
        Quantile of t by which a symmetric interval reaches on both sides.
    skew : ndarray or float
        Skewness of the estimate, as ``skewness`` gives it.
    bound : float
        How much farther it reaches for skewness at most.

    Returns
    -------
    below, above : ndarray or float
        The same without skewness.

    Source
    ------
    Hall (1992), J. R. Statist. Soc. B 54, 221-228: the cubic transformation that takes the skewness
    of a studentised mean away, and has an inverse everywhere. It is flat at one place, beyond which
    an end would run away: the bound is a finding of simulations (``docs/simulation.md``).
    """
    most = bound * np.asarray(reach)
    below, above = _untransformed(reach, skew), -_untransformed(-np.asarray(reach), skew)
    return np.minimum(below, most), np.minimum(above, most)


def _untransformed(values: np.ndarray | float, skew: np.ndarray | float) -> np.ndarray:
    """Where ``t + a t^2 + a^2 t^3 / 3 + a / 2``, a being a third of the skewness, has a value."""
    a = np.asarray(skew, float) / 3.0
    flat = np.abs(a) < 1e-9
    safe = np.where(flat, 1.0, a)
    bent = (np.cbrt(1.0 + 3.0 * safe * (np.asarray(values) - 0.5 * a)) - 1.0) / safe
    return np.where(flat, values, bent)
