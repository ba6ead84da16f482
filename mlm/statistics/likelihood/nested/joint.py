"""Covariance of sums of effects of several levels, the groups of all sums together.

The error of an effect is one of its own, with variance ``sigma^2 Q_g``, minus what passes inwards
from the errors of the levels around and of the fixed effects (``effects.py``). Taken the other way,
from the innermost level outwards, a sum with weights ``a_g`` has the part ``a_g e_g`` of its own
level, and weights ``-a_g Q_g Z_g' V^-1 [X Z_m]`` are added to those of the fixed effects and of the
levels m around.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csc_array, csr_array, eye_array, hstack

from mlm.statistics.likelihood.evaluation import fixed_covariance
from mlm.statistics.likelihood.joint_errors import ProductErrors
from mlm.statistics.likelihood.pooled.apart import LevelsApart
from mlm.statistics.likelihood.unit_shares import EffectWeights, SharedWeights, whole_weights


def joint(apart: LevelsApart, weights: EffectWeights) -> ProductErrors:
    """Errors over sigma^2 of K sums of effects.

    Of a level with more groups than are looked at together only the covariance of the sums is kept.

    Parameters
    ----------
    apart : LevelsApart
        The levels.
    weights : EffectWeights
        By level, those of its effects, column by column.
    """
    tree, p = apart.tree, apart.at.beta.size
    left = dict(weights)
    count = next(iter(weights.values())).shape[0]
    fixed, parts = np.zeros((count, p)), []
    for i in reversed(range(max(weights) + 1)):
        own = left.pop(i, None)
        if own is None:
            continue
        found = apart.weighed(i, own) if isinstance(own, SharedWeights) else None
        if found is not None:
            parts.append((eye_array(count, format="csr"), found.spread))
            fixed -= found.told[:, :p]
            for m, passed in enumerate(found.passed):
                left[m] = whole_weights(left[m]) - passed if m in left else -passed
            continue
        spread, columns = None, whole_weights(own).tocsc()
        for some in apart.of(i):
            of_some, gain = _columns(columns, some.groups, tree.sizes[i]), some.done.gain
            blocks, product = blocks_of_groups(gain), some.done.product
            if gain.shape[2] == tree.sizes[i]:
                parts.append((of_some, blocks))
            else:
                found = of_some @ blocks @ of_some.T
                spread = found if spread is None else spread + found
            fixed -= of_some @ product[:, :, :p].reshape(-1, p)
            for m, parent in enumerate(tree.parents[i]):
                across = product[:, :, tree.levels[m].columns]
                passed = of_some @ _passed(across, parent[some.groups], tree.sizes[m])
                left[m] = whole_weights(left[m]) - passed if m in left else -passed
        if spread is not None:
            parts.append((eye_array(count, format="csr"), csr_array(spread)))
    return ProductErrors(tuple(parts), fixed, fixed_covariance(apart.at))


def _columns(own: csc_array, groups: slice, size: int) -> csr_array:
    """Weights (K, q n) of the effects of some groups, from those (K, q G) of all."""
    if (groups.start, groups.stop) == (0, size):
        return csr_array(own)
    places = groups.start + size * np.arange(own.shape[1] // size)
    return csr_array(hstack([own[:, p : p + groups.stop - groups.start] for p in places]))


def blocks_of_groups(gain: np.ndarray) -> csr_array:
    """Gains (q, q, G) as one matrix of the effects, column by column."""
    q, _, size = gain.shape
    a, b, g = np.indices(gain.shape).reshape(3, -1)
    return coo_array((gain.ravel(), (a * size + g, b * size + g)), shape=(q * size,) * 2).tocsr()


def _passed(across: np.ndarray, parent: np.ndarray, outer: int) -> csr_array:
    """What passes from the effects of the groups around (r H) to those of a level (q G).

    ``across`` is (q, G, r), ``parent`` (G,) the group around of each, ``outer`` their number H.
    """
    q, size, r = across.shape
    a, g, b = np.indices(across.shape).reshape(3, -1)
    places = (a * size + g, b * outer + parent[g])
    return coo_array((across.ravel(), places), shape=(q * size, r * outer)).tocsr()
