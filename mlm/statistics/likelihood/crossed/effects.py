"""Posterior means and covariances where factors are crossed with the one level of the tree.

The crossed effects w come first, then the groups of the tree given them; the same recursion as for
nested levels, with the dense root in the place of the levels around.
"""

from __future__ import annotations

import numpy as np

from mlm.statistics.likelihood.crossed.root import WorkingCrossing, tree_slope
from mlm.statistics.likelihood.evaluation import Evaluation, fixed_covariance


def means(crossing: WorkingCrossing, at: Evaluation, contrast: np.ndarray) -> list[np.ndarray]:
    """Working effects (G, q) of the tree's level, if any, and of each crossed factor.

    Parameters
    ----------
    contrast : ndarray (w,)
        Weights of the working columns that make ``y - X b``.
    """
    crossed = at.remains.root.applied((at.remains.root.sums @ contrast)[:, None])[:, 0]
    found = []
    for done in at.remains.tree:
        left = done.sums @ contrast - np.stack([link @ crossed for link in crossing.links])
        found.append(np.einsum("ijg,jg->gi", done.gain, left))
    for part, (q, size) in zip(crossing.parts, crossing.sizes, strict=True):
        found.append(crossed[part].reshape(q, size).T)
    return found


def covariances(crossing: WorkingCrossing, at: Evaluation, with_fixed: bool) -> list[np.ndarray]:
    """Covariance (G, q, q) over sigma^2 of the same effects, in the same order.

    With ``with_fixed`` the error of the fixed effects is included.
    """
    root, p = at.remains.root, at.beta.size
    fixed = fixed_covariance(at)
    pass_on = root.applied(root.sums[:, :p])
    out = []
    for done in at.remains.tree:
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
