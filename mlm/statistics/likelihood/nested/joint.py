"""Covariance of sums of effects of several levels, the groups of all sums together.

The error of an effect is one of its own, with variance ``sigma^2 Q_g``, minus what passes inwards
from the errors of the levels around and of the fixed effects (``effects.py``). Taken the other way,
from the innermost level outwards, a sum with weights ``a_g`` has the part ``a_g e_g`` of its own
level, and weights ``-a_g Q_g Z_g' V^-1 [X Z_m]`` are added to those of the fixed effects and of the
levels m around.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.sparse import coo_array, csr_array

from mlm.statistics.likelihood.evaluation import Evaluation, fixed_covariance
from mlm.statistics.likelihood.joint_errors import ProductErrors
from mlm.statistics.likelihood.working_tree import WorkingTree


def joint(tree: WorkingTree, at: Evaluation, weights: Mapping[int, csr_array]) -> ProductErrors:
    """Errors over sigma^2 of K sums of effects.

    Parameters
    ----------
    tree : WorkingTree
        The levels.
    at : Evaluation
        What elimination left behind.
    weights : mapping of int to csr_array (K, q G)
        By level, those of its effects, column by column.
    """
    p = at.beta.size
    left = dict(weights)
    fixed = np.zeros((next(iter(weights.values())).shape[0], p))
    parts = []
    for i in reversed(range(max(weights) + 1)):
        own = left.pop(i, None)
        if own is None:
            continue
        done = at.remains[i]
        parts.append((own, blocks_of_groups(done.gain)))
        fixed -= own @ done.product[:, :, :p].reshape(-1, p)
        for m, parent in enumerate(tree.parents[i]):
            across = done.product[:, :, tree.levels[m].columns]
            passed = own @ _passed(across, parent, tree.levels[m].parent.size)
            left[m] = left[m] - passed if m in left else -passed
    return ProductErrors(tuple(parts), fixed, fixed_covariance(at))


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
