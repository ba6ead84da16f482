"""The elimination of all levels under many weightings of the outermost units at once.

Each of R replicates multiplies the weights of outermost units by factors of its own, and has random
effects of its own covariance. The sums of the lowest groups are the same in all, so that what these
take from the cross-products is one product of matrices for all replicates. Letters: w working
columns, q random columns of a level, G groups.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.statistics.likelihood import batched
from mlm.statistics.likelihood.working_tree import WorkingTree

PRODUCTS_KEPT = 1 << 20  # numbers of the products of single groups that are made at a time
FEW_REPLICATES = 4  # replicates for which these do not pay

CACHED = 1 << 15  # numbers of an array (256 KB) that are worked on while they are in the cache


def eliminated_under(
    tree: WorkingTree, omegas: Sequence[np.ndarray], factors: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What all levels take from the cross-products of each replicate, and ``log|V|``.

    Parameters
    ----------
    tree : WorkingTree
        The levels, none pooled.
    omegas : sequence of ndarray (R, q, q)
        Relative covariance of each level in each replicate, outermost level first.
    factors : ndarray (R, G)
        What multiplies the weight of each outermost group.

    Returns
    -------
    gone : ndarray (R, w, w)
    logdet : ndarray (R,)

    Source
    ------
    Rabe-Hesketh and Skrondal (2006), J. R. Statist. Soc. A 169, 805-827, eq. 3, level by level.
    """
    count, w = len(factors), tree.levels[0].wide.shape[0]
    gone, logdet = np.zeros((count, w, w)), np.zeros(count)
    explained: dict[int, np.ndarray] = {}
    for i in range(len(tree.levels) - 1, -1, -1):
        level = tree.levels[i]
        own = level.wide[None]  # (1 or R, w, q, G)
        if explained:
            own = own - np.stack([explained[c] for c in level.columns.tolist()], axis=2)
        gain, logs = _gains(own[:, level.columns], omegas[i])
        weights = _overall(tree, i, factors)
        gone += _taken(own, gain, weights)
        logdet += np.einsum("rg,rg->r", logs, weights)
        if i:
            explained = _passed_on(tree, i, own, gain, explained)
    return gone, logdet


def _overall(tree: WorkingTree, i: int, factors: np.ndarray) -> np.ndarray:
    """Overall weight (R, G) of the groups of a level in each replicate."""
    top = np.arange(tree.levels[0].parent.size)
    for level in tree.levels[1 : i + 1]:
        top = top[level.parent]
    weights = tree.overall[i]
    return factors[:, top] if weights is None else factors[:, top] * weights


def _gains(inner: np.ndarray, omega: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``Q`` (R, q, q, G) and ``log|I + C Omega|`` (R, G), C (1 or R, q, q, G)."""
    if len(omega[0]) == 1:
        scale = 1.0 + inner[:, 0, 0] * omega[:, 0]
        return (omega[:, 0] / scale)[:, None, None], np.log(scale)
    q, count, size = omega.shape[1], len(omega), inner.shape[-1]
    root = _roots(omega).transpose(1, 2, 0)[..., None]  # (q, q, R, 1)
    own = inner.transpose(1, 2, 0, 3)
    gain, logs = np.empty((q, q, count, size)), np.empty((count, size))
    step = max(CACHED // count, 1)
    for start in range(0, size, step):
        part = slice(start, start + step)
        gain[..., part], logs[:, part] = _gains_of(own[..., part], root)
    return gain.transpose(2, 0, 1, 3), logs


def _gains_of(inner: np.ndarray, root: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same of few groups, C (q, q, 1 or R, G), from roots (q, q, R, 1) of Omega."""
    q, count, size = len(root), root.shape[2], inner.shape[-1]
    middle = np.empty((q, q, count, size))
    for j in range(q):
        along = [sum(inner[i, k] * root[k, j] for k in range(q)) for i in range(q)]
        for i in range(q):
            middle[i, j] = sum(root[k, i] * along[k] for k in range(q))
        middle[j, j] += 1.0
    lower = batched.cholesky(middle.reshape(q, q, -1))
    right = np.broadcast_to(root.transpose(1, 0, 2, 3), middle.shape).reshape(q, q, -1)
    half = batched.forward_solve(lower, right)
    gain = batched.multiply(batched.transpose(half), half).reshape(middle.shape)
    return gain, 2.0 * sum(np.log(lower[i, i]) for i in range(q)).reshape(count, size)


def _roots(omega: np.ndarray) -> np.ndarray:
    """F (R, q, q) with ``F F' = Omega``, singular matrices included."""
    values, vectors = np.linalg.eigh(omega)
    return vectors * np.sqrt(np.clip(values, 0.0, None))[:, None, :]


def _taken(own: np.ndarray, gain: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """``sum_g W_g S_g' Q_g S_g`` (R, w, w)."""
    count, (w, q, size) = len(weights), own.shape[1:]
    if len(own) == 1 and count > FEW_REPLICATES:
        return _taken_from_same(own[0], gain, weights)
    out = np.empty((count, w, w))
    for r in range(count):
        s = own[min(r, len(own) - 1)]
        product = np.einsum("ijg,wjg->wig", gain[r] * weights[r], s)
        out[r] = product.reshape(w, q * size) @ s.reshape(w, q * size).T
    return out


def _taken_from_same(own: np.ndarray, gain: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The same where all replicates have the sums (w, q, G): products of groups are made once."""
    w, q, size = own.shape
    rows, columns = np.tril_indices(w)
    out = np.zeros((len(weights), rows.size))
    step = max(PRODUCTS_KEPT // rows.size, 1)
    for start in range(0, size, step):
        part = slice(start, start + step)
        for i in range(q):
            for j in range(i + 1):
                pair = own[rows, i, part] * own[columns, j, part]
                if i != j:
                    pair += own[rows, j, part] * own[columns, i, part]
                out += (gain[:, i, j, part] * weights[:, part]) @ pair.T
    full = np.empty((len(weights), w, w))
    full[:, rows, columns] = full[:, columns, rows] = out
    return full


def _passed_on(
    tree: WorkingTree,
    i: int,
    own: np.ndarray,
    gain: np.ndarray,
    explained: dict[int, np.ndarray],
) -> dict[int, np.ndarray]:
    """What the levels inside take from the sums (R, w, G) of each random column further out."""
    level = tree.levels[i]
    starts = np.flatnonzero(np.diff(level.parent, prepend=-1))
    outer = sorted({int(c) for each in tree.levels[:i] for c in each.columns})
    found = {}
    for column in outer:
        along = np.einsum("rig,rijg->rjg", own[:, column], gain)
        taken = np.einsum("rjg,rwjg->rwg", along, own)
        if column in explained:
            taken = taken + explained[column]
        if level.weights is not None:
            taken = taken * level.weights
        found[column] = np.add.reduceat(taken, starts, axis=2)
    return found
