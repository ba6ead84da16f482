"""Bundles of units drawn again, levels nested: a sample of them is a weighted sum.

Each bundle carries its cross-products and what is left of them when the levels inside are
eliminated. Levels around the bundles are eliminated anew in every sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.evaluation import Evaluation
from mlm.statistics.likelihood.working import Working
from mlm.statistics.likelihood.working_tree import WorkingTree


@dataclass(frozen=True)
class Pieces:
    """What a replicate is the weighted sum of.

    Attributes
    ----------
    totals : ndarray (B, w, w)
        Cross-products of each bundle, the levels inside eliminated.
    rows : ndarray (B,)
    sums : ndarray (w, G)
        Weighted sums of the groups of the outermost level inside the bundles.
    bundle : ndarray (G,)
        Bundle of each of these groups.
    around : int
        Number of levels around the bundles.
    """

    totals: np.ndarray
    rows: np.ndarray
    sums: np.ndarray
    bundle: np.ndarray
    around: int

    def drawn(self, working: Working, at: Evaluation, weights: np.ndarray) -> Evaluation:
        """The ML criterion of a sample with each bundle (B,) so often, variances held.

        Parameters
        ----------
        working, at
            The model and its evaluation that the pieces are of.
        weights : ndarray (B,)
            How often each bundle is in the sample.
        """
        tree, levels = working.structure.tree, []
        own = self.sums * weights[self.bundle]
        for m in range(self.around):
            sums = np.add.reduceat(own, tree.starts[self.around][m], axis=1).T[None]
            levels.append(replace(tree.levels[m], made=partial(np.asarray, sums)))
        sample = replace(
            working,
            total=np.tensordot(weights, self.totals, axes=1),
            structure=replace(working.structure, tree=WorkingTree(tuple(levels)), pool=None),
            n_obs=int(weights @ self.rows),
        )
        return evaluate(sample, list(at.omegas[: self.around]), "ML")


def pieces(
    tree: WorkingTree,
    at: Evaluation,
    totals: np.ndarray,
    rows: np.ndarray,
    bundles: Sequence[np.ndarray | None],
) -> Pieces | None:
    """Bundles of units, ready to be drawn again.

    Parameters
    ----------
    tree : WorkingTree
        Levels with random intercepts.
    at : Evaluation
        What elimination left behind, groups apart.
    totals : ndarray (B, w, w)
        Cross-products of each bundle.
    rows : ndarray (B,)
    bundles : sequence of ndarray of int (G,) or None
        Bundle of each group of a level; None where its groups lie in several.

    Returns
    -------
    Pieces or None
        None where a slope is random, or no level of the model lies inside the bundles.
    """
    around = sum(bundle is None for bundle in bundles)
    if any(width != 1 for width in tree.widths) or around == len(bundles):
        return None
    if any(bundle is None for bundle in bundles[around:]):
        return None
    left = totals.copy()
    for place, done in zip(bundles[around:], at.remains[around:], strict=True):
        order = np.argsort(place, kind="stable")
        wide = done.wide[:, 0, order]
        product = done.gain[0, 0, order] * wide
        bundle = place[order]
        starts = np.flatnonzero(np.diff(bundle, prepend=-1)).tolist()
        for start, stop in zip(starts, [*starts[1:], order.size], strict=True):
            left[bundle[start]] -= wide[:, start:stop] @ product[:, start:stop].T
    first = at.remains[around]
    held = 1.0 - first.inner[0, 0] * first.gain[0, 0]
    return Pieces(left, rows, held * first.wide[:, 0], bundles[around], around)
