"""The covariance of the effects of a level, moved with these effects integrated out.

Where groups tell little of their effects, a small variance and effects of that size hold each
other fast, whichever is drawn given the other. What lies inside the groups tells of the covariance
whatever the effects are: lengths and directions of the rows of its root are moved by that, and
effects are drawn afterwards.
"""

from __future__ import annotations

import numpy as np

from mlm.statistics.imputation.effect_covariance import MixedPrior
from mlm.statistics.imputation.small_matrices import cholesky
from mlm.statistics.imputation.tree_effects import LevelMessage
from mlm.statistics.likelihood import batched

LENGTH_STEPS = 0.1, 0.5, 2.0  # of the logarithm of a standard deviation, one of them by lot
TURN_STEPS = 0.05, 0.3, 1.5  # of the direction of a row of the root, one of them by lot
MANY_TO_MOVE = 1000  # groups, above which one row is moved, the less often the more they are


def moved_covariance(
    covariance: np.ndarray,
    message: LevelMessage,
    around: np.ndarray,
    prior: MixedPrior,
    rng: np.random.Generator,
) -> np.ndarray:
    """The covariance (D, D), moved or as it was; the effects are to be drawn afterwards.

    Where groups are many a move costs much, and draws given effects do as well: one row of the root
    is moved, now and then.

    Parameters
    ----------
    covariance : ndarray (D, D)
        Before.
    message : LevelMessage
        What the groups tell.
    around : ndarray (D, G)
        Effects of the levels around.
    prior : MixedPrior
        Of the covariance.
    rng : Generator
        Random numbers.

    Source
    ------
    van Dyk & Park (2008), J. Am. Stat. Assoc. 103, 790-796, for drawing with some unknowns
    integrated out.
    """
    size, rows = message.linear.shape[1], len(covariance)
    if size > MANY_TO_MOVE:
        rows = 1
        if rng.random() * size > MANY_TO_MOVE:
            return covariance
    linear = message.linear - np.einsum("ijg,jg->ig", message.precision, around)
    root = before = cholesky(covariance)
    told = _density(root, message.precision, linear, prior)
    for i in rng.permutation(len(root))[:rows].tolist():
        for kind in range(2 if i else 1):
            row, by = root[i, : i + 1], 0.0
            if kind:
                row = turned(row, rng)
            else:
                by = rng.choice(LENGTH_STEPS) * rng.standard_normal()
                row = np.exp(by) * row
            moved = root.copy()
            moved[i, : i + 1] = row
            after = _density(moved, message.precision, linear, prior)
            if np.log(rng.random()) < after - told + (i + 1.0) * by:
                root, told = moved, after
    return covariance if root is before else root @ root.T


def turned(row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A row of a root (i,), proposed with the same length in another direction."""
    length = np.sqrt(row @ row)
    step = rng.choice(TURN_STEPS) * length / np.sqrt(row.size)
    moved = row + step * rng.standard_normal(row.size)
    return moved * (length / np.sqrt(moved @ moved))


def _density(
    root: np.ndarray, precision: np.ndarray, linear: np.ndarray, prior: MixedPrior
) -> float:
    """Logarithm of the density of a root, effects integrated out, but for a constant."""
    d, size = linear.shape
    half = (root.T @ precision.reshape(d, -1)).reshape(d, d, size)
    inner = (root.T @ half.transpose(1, 0, 2).reshape(d, -1)).reshape(d, d, size)
    inner[np.arange(d), np.arange(d)] += 1.0
    edge = batched.cholesky(inner)
    solved = batched.forward_solve(edge, (root.T @ linear)[:, None])
    told = 0.5 * np.sum(solved**2) - np.log(edge[np.arange(d), np.arange(d)]).sum()
    return float(told) + prior.log_density(root)
