"""Posterior means of the groups' effects, with the errors that comparing them needs.

From the outermost level inwards, given all effects u_m of the levels around a group,

    u_g = Q_g (Z_g' V^-1 (y - X b) - sum over m of Z_g' V^-1 Z_m u_m) + e_g,
    var(e_g) = sigma^2 Q_g,

so errors of outer effects (and, for comparative errors, of the fixed effects) pass inwards through
``Q_g Z_g' V^-1 [X Z_m]``. Only the sums that the likelihood left behind are used.
"""

from __future__ import annotations

import numpy as np

from mlm.statistics.likelihood.evaluation import fixed_covariance
from mlm.statistics.likelihood.pooled.apart import LevelsApart
from mlm.statistics.likelihood.unit_shares import EffectWeights, SharedWeights, whole_weights
from mlm.statistics.likelihood.working_tree import WorkingTree


def means(apart: LevelsApart, contrast: np.ndarray, deepest: int | None = None) -> list[np.ndarray]:
    """Working effects (G, q) of each level, outermost first.

    Parameters
    ----------
    apart : LevelsApart
        The levels.
    contrast : ndarray (w,)
        Makes y - X b of the working columns.
    deepest : int, optional
        The last level that is asked for; default: all.
    """
    tree, found = apart.tree, []
    for i in range(len(tree.levels) if deepest is None else deepest + 1):
        own = np.empty((tree.sizes[i], tree.widths[i]))
        for some in apart.of(i):
            left = (some.done.sums @ contrast).T
            for m, parent in enumerate(tree.parents[i]):
                cross = some.done.sums[:, :, tree.levels[m].columns]
                left = left - np.einsum("igj,gj->gi", cross, found[m][parent[some.groups]])
            own[some.groups] = np.einsum("ijg,gj->gi", some.done.gain, left)
        found.append(own)
    return found


def sums_of_means(apart: LevelsApart, contrast: np.ndarray, weights: EffectWeights) -> np.ndarray:
    """Sums (K,) of working effects.

    Parameters
    ----------
    apart : LevelsApart
        The levels.
    contrast : ndarray (w,)
        Makes y - X b of the working columns.
    weights : EffectWeights
        By level, those of its effects, column by column.
    """
    shared = {
        i: apart.weighed(i, own) for i, own in weights.items() if isinstance(own, SharedWeights)
    }
    deepest = max(i - 1 if shared.get(i) is not None else i for i in weights)
    found, out = means(apart, contrast, deepest), 0.0
    for i, own in weights.items():
        if shared.get(i) is None:
            out = out + whole_weights(own) @ found[i].T.ravel()
            continue
        out = out + shared[i].told @ contrast
        for passed, around in zip(shared[i].passed, found, strict=False):
            out = out - passed @ around.T.ravel()
    return out


def covariances(apart: LevelsApart, with_fixed: bool) -> list[np.ndarray]:
    """Covariance (G, q, q) over sigma^2 of each level's effects, outermost first.

    With ``with_fixed`` the error of the fixed effects is included.
    """
    tree = apart.tree
    start = fixed_covariance(apart.at) if with_fixed else np.zeros((0, 0))
    path = np.broadcast_to(start, (1, *start.shape))  # joint covariance along the path to a group
    out: list[np.ndarray] = []
    for i, (level, size, width) in enumerate(
        zip(tree.levels, tree.sizes, tree.widths, strict=True)
    ):
        parent = level.parent if i else np.zeros(size, dtype=np.intp)
        columns, is_last = _path_columns(tree, i, len(start)), i + 1 == len(tree.levels)
        found, paths = np.empty((size, width, width)), []
        for some in apart.of(i):
            pass_on = some.done.product[:, :, columns].transpose(1, 0, 2)
            around = path[parent[some.groups]]
            shared = -pass_on @ around
            own = some.done.gain.transpose(2, 0, 1) - shared @ pass_on.transpose(0, 2, 1)
            found[some.groups] = own
            if not is_last:
                side = shared.transpose(0, 2, 1)
                paths.append(np.block([[around, side], [shared, own]]))
        out.append(found)
        if not is_last:
            path = np.concatenate(paths)
    return out


def _path_columns(tree: WorkingTree, i: int, n_fixed: int) -> np.ndarray:
    """Working columns of the first fixed effects and of the levels around level i."""
    parts = [np.arange(n_fixed)]
    parts += [tree.levels[m].columns for m in range(i)]
    return np.concatenate(parts)
