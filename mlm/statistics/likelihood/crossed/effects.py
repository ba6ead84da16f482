"""Posterior means and covariances where factors are crossed with the one level of the tree.

The crossed effects w come first, then the groups of the tree given them; the same recursion as for
nested levels, with the dense root in the place of the levels around.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from mlm.statistics.likelihood.criterion import Evaluation, fixed_covariance
from mlm.statistics.likelihood.crossed.elimination import tree_slope
from mlm.statistics.likelihood.working import Working


def crossed_means(working: Working, at: Evaluation, contrast: np.ndarray) -> list[np.ndarray]:
    """Working effects (G, q) of the tree's level, if any, and of each crossed factor.

    Parameters
    ----------
    contrast : ndarray (w,)
        Weights of the working columns that make ``y - X b``.
    """
    crossing = working.crossing
    crossed = at.root.applied((at.root.sums @ contrast)[:, None])[:, 0]
    means = []
    for done in at.eliminations:
        left = done.sums @ contrast - np.stack([link @ crossed for link in crossing.links])
        means.append(np.einsum("ijg,jg->gi", done.gain, left))
    for part, (q, size) in zip(crossing.parts, crossing.sizes, strict=True):
        means.append(crossed[part].reshape(q, size).T)
    return means


def crossed_covariances(working: Working, at: Evaluation, with_fixed: bool) -> list[np.ndarray]:
    """Covariance (G, q, q) over sigma^2 of the same effects, in the same order.

    With ``with_fixed`` the error of the fixed effects is included.
    """
    crossing, root, p = working.crossing, at.root, working.n_fixed
    fixed = fixed_covariance(at)
    pass_on = root.applied(root.sums[:, :p])
    out = []
    for done in at.eliminations:
        spread = tree_slope(crossing, root)
        if with_fixed and p:
            reach = done.sums[:, :, :p] - np.stack([link @ pass_on for link in crossing.links])
            spread = spread + np.einsum("igp,pr,jgr->ijg", reach, fixed, reach, optimize=True)
        shared = np.einsum("iag,abg,bjg->ijg", done.gain, spread, done.gain, optimize=True)
        out.append((done.gain + shared).transpose(2, 0, 1))
    for part, (q, size) in zip(crossing.parts, crossing.sizes, strict=True):
        own = np.einsum("ajbj->jab", root.gain[part, part].reshape(q, size, q, size)).copy()
        if with_fixed and p:
            reach = pass_on[part].reshape(q, size, p)
            own += np.einsum("ajp,pr,bjr->jab", reach, fixed, reach, optimize=True)
        out.append(own)
    return out


def crossed_joint(working: Working, at: Evaluation, i: int, weights: np.ndarray) -> np.ndarray:
    """Joint covariance (G, G) over sigma^2 of one combination of the effects of each group.

    ``i`` is the place of the level among the tree's and then the crossed factors; ``weights`` (q,)
    combine its effects. The error of the fixed effects is included.
    """
    crossing, root, p = working.crossing, at.root, working.n_fixed
    pass_on = root.applied(root.sums[:, :p])
    trees = len(working.levels)
    if i >= trees:
        part, (q, size) = crossing.parts[i - trees], crossing.sizes[i - trees]
        own = root.gain[part, part].reshape(q, size, q, size)
        out = np.einsum("a,ajbk,b->jk", weights, own, weights, optimize=True)
        reach = np.einsum("a,ajp->jp", weights, pass_on[part].reshape(q, size, p))
        return out + reach @ fixed_covariance(at) @ reach.T
    done = at.eliminations[i]
    held = np.einsum("i,ijg->jg", weights, done.gain)
    along = sum(
        link.multiply(h[:, None]).tocsr() for link, h in zip(crossing.links, held, strict=True)
    )
    left = done.sums[:, :, :p] - np.stack([link @ pass_on for link in crossing.links])
    reach = np.einsum("jg,jgp->gp", held, left)
    out = along @ (along @ root.gain).T + reach @ fixed_covariance(at) @ reach.T
    out[np.diag_indices_from(out)] += held.T @ weights
    return out


def crossed_spread(
    working: Working, at: Evaluation, place: int, own: np.ndarray, inside: dict
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
    crossing, root, p = working.crossing, at.root, working.n_fixed
    trees, size = len(working.levels), working.group_sizes[place]
    loads = np.zeros((size, root.square.shape[0]))
    start, each = crossing.parts[place - trees].start, np.arange(size)
    for a, weight in enumerate(own):
        loads[each, start + a * size + each] += weight
    fixed, variance = np.zeros((size, p)), np.zeros(size)
    for i, (to, unit, weight) in inside.items():
        if i >= trees:
            np.add.at(loads, (to, crossing.parts[i - trees].start + unit), weight)
            continue
        done = at.eliminations[i]
        held = csr_array((weight, (to, unit)), shape=(size, working.group_sizes[i]))
        variance += held.power(2) @ done.gain[0, 0]
        for gain, link, sums in zip(done.gain[0], crossing.links, done.sums, strict=True):
            passed = held.multiply(gain[None, :]).tocsr()
            loads -= (passed @ link).toarray()
            fixed -= passed @ sums[:, :p]
    fixed -= loads @ root.applied(root.sums[:, :p])
    variance += np.einsum("gw,gw->g", loads @ root.gain, loads)
    return variance + np.einsum("gi,ij,gj->g", fixed, fixed_covariance(at), fixed)
