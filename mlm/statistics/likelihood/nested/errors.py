"""What the random effects explain of single rows, level by level.

Eliminating a level changes the row ``v`` of working columns as it changes the sums,

    v <- v - z' Q_g S_g,   z: the entries of v that the effects of group g multiply,

and what is left after all levels, times (-beta, 1), is ``y - X b - Z u`` with the posterior means
u. No effect of a group is formed. The squares ``z' Q_g z`` add up to the leverage.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.statistics.likelihood.evaluation import Evaluation
from mlm.statistics.likelihood.working_tree import WorkingTree


class RowEffects:
    """Takes what all random effects explain from the working columns of rows.

    Parameters
    ----------
    tree : WorkingTree
        The levels of a model.
    at : Evaluation
        Its optimum.
    """

    def __init__(self, tree: WorkingTree, at: Evaluation):
        self._tree, self._remains = tree, at.remains

    def eliminate(self, rows: np.ndarray, groups: Sequence[np.ndarray]) -> np.ndarray:
        """Change the rows in place.

        Parameters
        ----------
        rows : ndarray (w, n)
            Working columns.
        groups : sequence of ndarray of int (n,)
            Position of each row's group of the innermost level, where there are levels.

        Returns
        -------
        ndarray (n,)
            ``z' Q z`` over all random effects of a row.
        """
        tree = self._tree
        leverage = np.zeros(rows.shape[1])
        for i in range(len(tree.levels) - 1, -1, -1):
            own = groups[0] if i == len(tree.levels) - 1 else tree.parents[-1][i][groups[0]]
            done = self._remains[i]
            z = rows[tree.levels[i].columns]
            leverage += np.einsum("in,ijn,jn->n", z, done.gain[:, :, own], z)
            for a in range(len(z)):
                rows -= z[a] * done.product[a][own].T
        return leverage
