"""Posterior means of the groups' effects, with the errors that comparing them needs.

From the outermost level inwards, given all effects u_m of the levels around a group,

    u_g = Q_g (Z_g' V^-1 (y - X b) - sum over m of Z_g' V^-1 Z_m u_m) + e_g,
    var(e_g) = sigma^2 Q_g,

so errors of outer effects (and, for comparative errors, of the fixed effects) pass inwards through
``Q_g Z_g' V^-1 [X Z_m]``. Only the sums that the likelihood left behind are used.
"""

from __future__ import annotations

import numpy as np

from mlm.statistics.likelihood.evaluation import Evaluation, fixed_covariance
from mlm.statistics.likelihood.working_tree import WorkingTree


def means(tree: WorkingTree, at: Evaluation, contrast: np.ndarray) -> list[np.ndarray]:
    """Working effects (G, q) of each level, outermost first; ``contrast`` (w,) makes y - X b."""
    found: list[np.ndarray] = []
    for i, done in enumerate(at.remains):
        left = (done.sums @ contrast).T
        for m, parent in enumerate(tree.parents[i]):
            cross = done.sums[:, :, tree.levels[m].columns]
            left = left - np.einsum("igj,gj->gi", cross, found[m][parent])
        found.append(np.einsum("ijg,gj->gi", done.gain, left))
    return found


def covariances(tree: WorkingTree, at: Evaluation, with_fixed: bool) -> list[np.ndarray]:
    """Covariance (G, q, q) over sigma^2 of each level's effects, outermost first.

    With ``with_fixed`` the error of the fixed effects is included.
    """
    start = fixed_covariance(at) if with_fixed else np.zeros((0, 0))
    path = [np.broadcast_to(start, (1, *start.shape))]  # joint covariance along the path to a group
    out: list[np.ndarray] = []
    for i, done in enumerate(at.remains):
        parent = tree.levels[i].parent if i else np.zeros(done.gain.shape[2], dtype=np.intp)
        columns = _path_columns(tree, i, len(start))
        pass_on = done.product[:, :, columns].transpose(1, 0, 2)
        around = path[-1][parent]
        shared = -pass_on @ around
        own = done.gain.transpose(2, 0, 1) - shared @ pass_on.transpose(0, 2, 1)
        out.append(own)
        if i + 1 < len(at.remains):
            side = shared.transpose(0, 2, 1)
            path.append(np.block([[around, side], [shared, own]]))
    return out


def _path_columns(tree: WorkingTree, i: int, n_fixed: int) -> np.ndarray:
    """Working columns of the first fixed effects and of the levels around level i."""
    parts = [np.arange(n_fixed)]
    parts += [tree.levels[m].columns for m in range(i)]
    return np.concatenate(parts)
