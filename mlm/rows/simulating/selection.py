"""Drawing with unequal probabilities: how many of each stratum, with which chance, and which."""

from __future__ import annotations

import numpy as np

FEWEST_DRAWN = 2
"""Units of a stratum that are drawn at least, without which it has no variance."""


def allocated(sizes: np.ndarray, count: int) -> np.ndarray:
    """Numbers of units (S,) by stratum, near to proportional to the sizes of the strata.

    Parameters
    ----------
    sizes : ndarray (S,)
        Size of each stratum.
    count : int
        Units in all; twice the strata or more are drawn.
    """
    left = max(count - FEWEST_DRAWN * sizes.size, 0)
    share = np.maximum(sizes / sizes.sum() * count - FEWEST_DRAWN, 0.0)
    exact = share / max(share.sum(), 1e-12) * left
    whole = np.floor(exact + 1e-9).astype(int)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: left - whole.sum()]] += 1
    return FEWEST_DRAWN + whole


def chances(sizes: np.ndarray, count: int) -> np.ndarray:
    """Probabilities (n,) proportional to sizes, none above 1, that add to the number drawn.

    Parameters
    ----------
    sizes : ndarray (n,)
        Positive.
    count : int
        Units drawn, n at most.

    Source
    ------
    Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, section 3.6.2.
    """
    certain = np.zeros(sizes.size, dtype=bool)
    while True:
        left = count - int(certain.sum())
        total = sizes[~certain].sum()
        found = np.where(certain, 1.0, left * sizes / total if total else 1.0)
        more = ~certain & (found >= 1.0)
        if not more.any():
            return found
        certain |= more


def drawn(probabilities: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Places that a systematic drawing takes of an ordered list: one step apart, a random start.

    Parameters
    ----------
    probabilities : ndarray (n,)
        Probability of each, 1 at most; their sum is a whole number.
    random : Generator
        Gives the start.
    """
    ends = np.cumsum(probabilities)
    count = round(float(ends[-1]))
    points = random.random() + np.arange(count)
    return np.minimum(np.searchsorted(ends, points, side="right"), probabilities.size - 1)
