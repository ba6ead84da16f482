"""From the working columns of single rows to their residuals, where factors are crossed.

The group g of the tree's level is eliminated first, then all crossed effects w together:

    v <- v - z' Q_g S_g,   z_w <- z_w - z' Q_g L_g,   v <- v - z_w' (A_ww + Omega^-1)^-1 A_wv,

with z and z_w the entries of the row that the effects of its group and of its crossed groups
multiply, and L_g the links of the group. The squares ``z' Q_g z`` and those of what is left of z_w
add up to the leverage.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from mlm.statistics.likelihood.crossed.root import WorkingCrossing, tree_slope
from mlm.statistics.likelihood.evaluation import Evaluation
from mlm.statistics.likelihood.working_tree import WorkingTree


class RowEffects:
    """Takes what all random effects explain from the working columns of rows.

    Parameters
    ----------
    tree : WorkingTree
        One level or none.
    crossing : WorkingCrossing
        The crossed factors of a model.
    at : Evaluation
        Its optimum.
    """

    def __init__(self, tree: WorkingTree, crossing: WorkingCrossing, at: Evaluation):
        self._crossing, self._root = crossing, at.remains.root
        self._tree = tree.levels[0].columns if tree.levels else None
        self._done = at.remains.tree[0] if tree.levels else None

    @cached_property
    def _pass_on(self) -> np.ndarray:
        """``(A_ww + Omega^-1)^-1 A_wv``, shape (W, w)."""
        return self._root.applied(self._root.sums)

    @cached_property
    def _reach(self) -> np.ndarray:
        """``Q S`` of the tree's groups with the crossed effects eliminated too, (q, G, w)."""
        links = np.stack([link @ self._pass_on for link in self._crossing.links])
        return np.einsum("ijg,jgw->igw", self._done.gain, self._done.sums - links)

    @cached_property
    def _slope(self) -> np.ndarray:
        """``L_g (A_ww + Omega^-1)^-1 L_g'`` of the tree's groups, shape (q, q, G)."""
        return tree_slope(self._crossing, self._root)

    def eliminate(self, rows: np.ndarray, groups: Sequence[np.ndarray]) -> np.ndarray:
        """Change the rows in place.

        Parameters
        ----------
        rows : ndarray (w, n)
            Working columns.
        groups : sequence of ndarray of int (n,)
            Position of each row's group: of the tree's level, if any, and of each crossed factor.

        Returns
        -------
        ndarray (n,)
            ``z' Q z`` over all random effects of a row.
        """
        trees = 0 if self._tree is None else 1
        places, values = self._entries(rows, groups[trees:])
        gain = self._root.gain
        square = np.zeros(rows.shape[1])
        for a, x in zip(places, values, strict=True):
            for b, y in zip(places, values, strict=True):
                square += x * y * gain[a, b]
        taken = sum(x * self._pass_on[a].T for a, x in zip(places, values, strict=True))
        if trees:
            own, z = groups[0], rows[self._tree]
            pulled = np.einsum("ijn,jn->in", self._done.gain[:, :, own], z)
            square += np.einsum("in,in->n", z, pulled)
            square += np.einsum("in,ijn,jn->n", pulled, self._slope[:, :, own], pulled)
            square -= 2.0 * self._shared(own, pulled, places, values)
            taken = taken + sum(z[i] * self._reach[i, own].T for i in range(len(z)))
        rows -= taken
        return square

    def _entries(self, rows: np.ndarray, groups: Sequence[np.ndarray]):
        """Each crossed column of the rows: which of all crossed effects it multiplies, and by what.

        Lists of ndarray (n,), one a column.
        """
        crossing = self._crossing
        places, values = [], []
        for part, (q, size), columns, own in zip(
            crossing.parts, crossing.sizes, crossing.columns, groups, strict=True
        ):
            places += [part.start + a * size + own for a in range(q)]
            values += [rows[column].copy() for column in columns]
        return places, values

    def _shared(self, own: np.ndarray, pulled: np.ndarray, places, values) -> np.ndarray:
        """``z_w' (A_ww + Omega^-1)^-1 L_g' Q_g z`` of each row, shape (n,)."""
        gain, out = self._root.gain, np.zeros(own.size)
        for link, weight in zip(self._crossing.links, pulled, strict=True):
            part = link[own]
            row = np.repeat(np.arange(own.size), np.diff(part.indptr))
            seen = sum(
                x[row] * gain[a[row], part.indices] for a, x in zip(places, values, strict=True)
            )
            out += weight * np.bincount(row, part.data * seen, minlength=own.size)
        return out
