"""Derivative of the criterion by the relative covariance matrices, where factors are crossed."""

from __future__ import annotations

import numpy as np

from mlm.statistics.likelihood.crossed.root import Root, WorkingCrossing, tree_slope
from mlm.statistics.likelihood.evaluation import Evaluation
from mlm.statistics.likelihood.nested.gradient import omega_derivative

# relative sd below which dividing by its square would lose more than six digits
FLAT_SD = 1e-3


def gradient(crossing: WorkingCrossing, at: Evaluation, directions: np.ndarray) -> list[np.ndarray]:
    """Derivatives by the Omega of the tree's level, if there is one, and of each crossed factor.

    Parameters
    ----------
    crossing : WorkingCrossing
        The crossed factors.
    at : Evaluation
        What elimination left behind.
    directions : ndarray (w, f)
        F with ``d criterion = trace(F F' dA)``.
    """
    root, tree = at.remains.root, at.remains.tree
    crossed, inside = _root_gradient(crossing, root, at.omegas[len(tree) :], directions)
    if not tree:
        return crossed
    (done,) = tree
    seen = np.tensordot(directions.T, done.wide, axes=1)
    seen += np.stack([(link @ inside).T for link in crossing.links], axis=1)
    slope = -np.einsum("fig,fjg->ijg", seen, seen, optimize=True)
    slope -= tree_slope(crossing, root)
    return [omega_derivative(done, slope, 1.0), *crossed]


def _root_gradient(crossing: WorkingCrossing, root: Root, omegas, directions: np.ndarray):
    """Derivatives by the crossed Omegas, and the directions of the crossed effects.

    Parameters
    ----------
    omegas : list of ndarray (q, q)
        Relative covariance of each factor.
    directions : ndarray (w, f)
        F with ``d criterion = trace(F F' dA)``.

    Returns
    -------
    list of ndarray (q, q)
        One a factor.
    ndarray (W, f)
        Rows of F for the crossed effects: ``-(A_ww + Omega^-1)^-1 A_wv F``.
    """
    seen = root.sums @ directions
    crossed = -root.gain @ seen
    left = seen + root.square @ crossed
    derivatives = []
    for part, (q, size), omega in zip(crossing.parts, crossing.sizes, omegas, strict=True):
        r = left[part].reshape(q, size, -1)
        value = _precision(root, part, q, size, omega) - np.einsum("ajf,bjf->ab", r, r)
        derivatives.append(0.5 * (value + value.T))
    return derivatives, crossed


def _precision(root: Root, part: slice, q: int, size: int, omega: np.ndarray) -> np.ndarray:
    """Sum over the groups of a factor of the diagonal blocks of ``A_ww - A_ww Q A_ww``, (q, q).

    ``L' (A - A Q A) L = I - N^-1``, so N^-1 gives the blocks in the directions of Omega in which L
    can be inverted without loss of digits; the rows of A give them in the others.
    """
    values, vectors = np.linalg.eigh(omega)
    scale = np.sqrt(np.clip(values, 0.0, None))
    flat, safe = scale <= FLAT_SD, np.where(scale > FLAT_SD, scale, 1.0)
    own = root.inverse[part, part].reshape(q, size, q, size)
    inside = size * np.eye(q) - vectors.T @ np.einsum("ajbj->ab", own) @ vectors
    blocks = inside / np.outer(safe, safe)
    for a in np.flatnonzero(flat):
        rows = np.tensordot(vectors[:, a], root.square[part].reshape(q, size, -1), axes=1)
        left = rows[:, part] - rows @ root.gain @ root.square[:, part]
        blocks[a] = np.einsum("jbj->b", left.reshape(size, q, size)) @ vectors
        blocks[:, a] = blocks[a]
    return vectors @ blocks @ vectors.T
