"""Sums over units with the errors of effects, where factors are crossed."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from mlm.statistics.likelihood.crossed.root import WorkingCrossing
from mlm.statistics.likelihood.evaluation import Evaluation, fixed_covariance


def variance_of_sums(
    crossing: WorkingCrossing, at: Evaluation, place: int, own: np.ndarray, inside: dict
) -> np.ndarray:
    """Variance over sigma^2 of sums of effects, one for each group of a crossed factor.

    The error of the fixed effects is included.

    Parameters
    ----------
    place : int
        Place of the factor among the tree's levels and then the crossed factors.
    own : ndarray (q,)
        Weights of the group's own effects.
    inside : mapping of int to tuple of ndarray (n,)
        By place of another level or factor with one effect a group: for each part of a sum, the
        group of the factor, the group of the level, and its weight.
    """
    root, p = at.remains.root, at.beta.size
    trees = len(at.remains.tree)
    size = crossing.sizes[place - trees][1]
    loads = np.zeros((size, root.square.shape[0]))
    start, each = crossing.parts[place - trees].start, np.arange(size)
    for a, weight in enumerate(own):
        loads[each, start + a * size + each] += weight
    fixed, variance = np.zeros((size, p)), np.zeros(size)
    for i, (to, unit, weight) in inside.items():
        if i >= trees:
            np.add.at(loads, (to, crossing.parts[i - trees].start + unit), weight)
            continue
        done = at.remains.tree[i]
        held = csr_array((weight, (to, unit)), shape=(size, done.gain.shape[2]))
        variance += held.power(2) @ done.gain[0, 0]
        for gain, link, sums in zip(done.gain[0], crossing.links, done.sums, strict=True):
            passed = held.multiply(gain[None, :]).tocsr()
            loads -= (passed @ link).toarray()
            fixed -= passed @ sums[:, :p]
    fixed -= loads @ root.applied(root.sums[:, :p])
    variance += np.einsum("gw,gw->g", loads @ root.gain, loads)
    return variance + np.einsum("gi,ij,gj->g", fixed, fixed_covariance(at), fixed)


def unit_sums(crossing: WorkingCrossing, at: Evaluation) -> tuple[np.ndarray, np.ndarray]:
    """``z' V^-1`` times the working columns (w, G), and times z (G,), z a unit of the first factor.

    ``A - A (A + Omega^-1)^-1 A`` in the rows of the factor.
    """
    root, size = at.remains.root, crossing.sizes[0][1]
    rows = root.square[:size]
    sums = root.sums[:size] - rows @ root.applied(root.sums)
    own = np.diagonal(rows) - np.einsum("gw,wg->g", rows, root.applied(rows.T))
    return sums.T, own
