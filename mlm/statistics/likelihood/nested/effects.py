"""Posterior means of the groups' effects, with the errors that comparing them needs.

From the outermost level inwards, given all effects u_m of the levels around a group,

    u_g = Q_g (Z_g' V^-1 (y - X b) - sum over m of Z_g' V^-1 Z_m u_m) + e_g,
    var(e_g) = sigma^2 Q_g,

so errors of outer effects (and, for comparative errors, of the fixed effects) pass inwards through
``Q_g Z_g' V^-1 [X Z_m]``. Only the sums that the likelihood left behind are used.
"""

from __future__ import annotations

import numpy as np

from mlm.statistics.likelihood.elimination import EliminatedLevel
from mlm.statistics.likelihood.evaluation import fixed_covariance
from mlm.statistics.likelihood.pooled.apart import GroupsApart, LevelsApart
from mlm.statistics.likelihood.posterior import EffectPosterior
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
            own[some.groups] = _means(tree, i, some, contrast, found)
        found.append(own)
    return found


def _means(
    tree: WorkingTree, i: int, some: GroupsApart, contrast: np.ndarray, around: list[np.ndarray]
) -> np.ndarray:
    """Effects (n, q) of some groups of level i, from those (G, r) of the levels around."""
    left = (some.done.sums @ contrast).T
    for m, parent in enumerate(tree.parents[i]):
        cross = some.done.sums[:, :, tree.levels[m].columns]
        left = left - np.einsum("igj,gj->gi", cross, around[m][parent[some.groups]])
    return np.einsum("ijg,gj->gi", some.done.gain, left)


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


def posterior(apart: LevelsApart, contrast: np.ndarray) -> EffectPosterior:
    """Working effects of each level with their covariances, outermost first.

    Parameters
    ----------
    apart : LevelsApart
        The levels, whose groups are looked at once.
    contrast : ndarray (w,)
        Makes y - X b of the working columns.
    """
    tree, fixed = apart.tree, fixed_covariance(apart.at)
    starts = [np.zeros((0, 0)), fixed]
    paths = [np.broadcast_to(start, (1, *start.shape)) for start in starts]
    out = EffectPosterior([], [], [])
    for i, (level, size, width) in enumerate(
        zip(tree.levels, tree.sizes, tree.widths, strict=True)
    ):
        parent, is_last = level.parent, i + 1 == len(tree.levels)
        parent = parent if i else np.zeros(size, dtype=np.intp)
        columns = [_path_columns(tree, i, len(start)) for start in starts]
        mean, errors = np.empty((size, width)), [np.empty((size, width, width)) for _ in starts]
        further: list[list[np.ndarray]] = [[] for _ in starts]
        for some in apart.of(i):
            mean[some.groups] = _means(tree, i, some, contrast, out.means)
            for found, path, own, more in zip(errors, paths, columns, further, strict=True):
                around = path[parent[some.groups]]
                shared, found[some.groups] = _errors(some.done, around, own)
                if not is_last:
                    side = shared.transpose(0, 2, 1)
                    more.append(np.block([[around, side], [shared, found[some.groups]]]))
        for to, found in zip((out.means, out.given, out.compared), (mean, *errors), strict=True):
            to.append(found)
        paths = paths if is_last else [np.concatenate(more) for more in further]
    return out


def _errors(
    done: EliminatedLevel, around: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Covariance (n, q, a) of effects with those around them (n, a, a), and their own (n, q, q)."""
    pass_on = done.product[:, :, columns].transpose(1, 0, 2)
    shared = -pass_on @ around
    return shared, done.gain.transpose(2, 0, 1) - shared @ pass_on.transpose(0, 2, 1)


def _path_columns(tree: WorkingTree, i: int, n_fixed: int) -> np.ndarray:
    """Working columns of the first fixed effects and of the levels around level i."""
    parts = [np.arange(n_fixed)]
    parts += [tree.levels[m].columns for m in range(i)]
    return np.concatenate(parts)
