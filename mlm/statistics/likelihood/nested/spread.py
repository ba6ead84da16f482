"""Sums over units with the errors of effects, levels nested."""

from __future__ import annotations

import numpy as np

from mlm.statistics.likelihood.evaluation import Evaluation, fixed_covariance
from mlm.statistics.likelihood.working_tree import WorkingTree


def variance_of_sums(
    tree: WorkingTree, at: Evaluation, place: int, own: np.ndarray, inside: dict
) -> np.ndarray:
    """Variance over sigma^2 of sums of effects, one for each group of a level.

    The error of the fixed effects is included.

    Parameters
    ----------
    place : int
        Place of the level.
    own : ndarray (q,)
        Weights of the group's own effects.
    inside : mapping of int to tuple of ndarray (n,)
        By place of a level inside, with one effect a group: for each part of a sum, the group of
        the outer level, the group of the inner one, and its weight.

    Notes
    -----
    The errors of a level are its own, independent ones minus what it takes over from those of the
    fixed effects and of the levels around it: loads are passed outwards, level by level.
    """
    loads = [np.zeros(shape) for shape in zip(tree.sizes, tree.widths, strict=True)]
    loads[place] += own
    for i, (_, unit, weight) in inside.items():
        loads[i][unit, 0] += weight
    n_groups = tree.sizes[place]
    fixed = np.zeros((n_groups, at.beta.size))
    loads[:place] = [np.zeros((n_groups, tree.widths[m])) for m in range(place)]
    variance = np.zeros(n_groups)
    for i in range(len(loads) - 1, -1, -1):
        done = at.remains[i]
        mine = tree.parents[place][i] if i < place else slice(None)
        to = tree.parents[i][place] if i > place else np.arange(n_groups)
        own = np.einsum("gi,ijg,gj->g", loads[i], done.gain[:, :, mine], loads[i])
        variance += np.bincount(to, own, minlength=n_groups)
        down = np.einsum("gi,igc->gc", loads[i], done.product[:, mine])
        np.add.at(fixed, to, -down[:, : at.beta.size])
        for m in range(i):
            target = tree.parents[i][m] if m >= place else to
            np.add.at(loads[m], target, -down[:, tree.levels[m].columns])
    return variance + np.einsum("gi,ij,gj->g", fixed, fixed_covariance(at), fixed)


def unit_sums(tree: WorkingTree, at: Evaluation) -> tuple[np.ndarray, np.ndarray]:
    """``z' V^-1`` times the working columns (w, G), and times z (G,), z an outermost unit."""
    done = at.remains[0]
    sums = done.wide[:, 0, :] * (1.0 - done.inner[0, 0] * done.gain[0, 0])
    return sums, sums[int(tree.levels[0].columns[0])]
