"""Covariance of sums of effects of the tree's level and of crossed factors, all sums together.

The error of a group of the tree's level is one of its own minus what passes from those of the fixed
and the crossed effects; these have the dense gain of the root and pass on the error of the fixed.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.sparse import csr_array, hstack

from mlm.statistics.likelihood.crossed.root import WorkingCrossing
from mlm.statistics.likelihood.evaluation import Evaluation, fixed_covariance
from mlm.statistics.likelihood.joint_errors import ProductErrors
from mlm.statistics.likelihood.nested.joint import blocks_of_groups


def joint(
    crossing: WorkingCrossing, at: Evaluation, weights: Mapping[int, csr_array]
) -> ProductErrors:
    """Errors over sigma^2 of K sums of effects.

    Parameters
    ----------
    crossing : WorkingCrossing
        The crossed factors.
    at : Evaluation
        What elimination left behind.
    weights : mapping of int to csr_array (K, q G)
        By place, of the tree's level and then the factors, those of its effects, column by column.
    """
    root, p, trees = at.remains.root, at.beta.size, len(at.remains.tree)
    count = next(iter(weights.values())).shape[0]
    parts = [
        weights.get(trees + i, csr_array((count, q * size)))
        for i, (q, size) in enumerate(crossing.sizes)
    ]
    crossed, fixed = csr_array(hstack(parts)), np.zeros((count, p))
    apart = []
    if trees and 0 in weights:
        done = at.remains.tree[0]
        apart.append((weights[0], blocks_of_groups(done.gain)))
        for i, link in enumerate(crossing.links):
            pulled = _pulled(weights[0], done.gain[:, i])
            fixed -= pulled @ done.sums[i, :, :p]
            crossed = crossed - pulled @ link
    if p:
        fixed -= crossed @ root.applied(root.sums[:, :p])
    whole = (*apart, (csr_array(crossed), root.gain))
    return ProductErrors(whole, fixed, fixed_covariance(at))


def _column(weights: csr_array, i: int, q: int) -> csr_array:
    """Weights (K, G) of column i of a place with q columns."""
    size = weights.shape[1] // q
    return weights[:, i * size : (i + 1) * size]


def _pulled(weights: csr_array, gain: np.ndarray) -> csr_array:
    """Weights (K, q G) times one column (q, G) of the gains of the groups, (K, G)."""
    q = len(gain)
    parts = [_column(weights, a, q).multiply(own[None, :]) for a, own in enumerate(gain)]
    return csr_array(sum(parts[1:], start=parts[0]))
