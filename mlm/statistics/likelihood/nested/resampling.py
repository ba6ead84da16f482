"""Bundles of units drawn again, levels nested: a sample of them is a weighted sum.

Each bundle carries its cross-products and what is left of them when the levels inside are
eliminated. Levels around the bundles are eliminated anew in every sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
from scipy.sparse import csr_array

from mlm.statistics.likelihood import batched
from mlm.statistics.likelihood.criterion import evaluate
from mlm.statistics.likelihood.elimination import EliminatedLevel
from mlm.statistics.likelihood.evaluation import Evaluation
from mlm.statistics.likelihood.pooled.apart import LevelsApart, left_of
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
    sums : dict of int to ndarray (w, G)
        By random column of the levels around: sums of the groups of the outermost level inside the
        bundles, all that lies inside the bundles in V.
    bundle : ndarray (G,)
        Bundle of each of these groups.
    around : int
        Number of levels around the bundles.
    """

    totals: np.ndarray
    rows: np.ndarray
    sums: dict[int, np.ndarray]
    bundle: np.ndarray
    around: int

    def totals_under(self, weights: np.ndarray) -> np.ndarray:
        """Cross-products (R, w, w) of samples with each bundle so often (R, B)."""
        return np.tensordot(weights, self.totals, axes=1)

    def drawn(
        self,
        working: Working,
        at: Evaluation,
        weights: np.ndarray,
        total: np.ndarray | None = None,
    ) -> Evaluation:
        """The ML criterion of a sample with each bundle (B,) so often, variances held.

        Parameters
        ----------
        working, at
            The model and its evaluation that the pieces are of.
        weights : ndarray (B,)
            How often each bundle is in the sample.
        total : ndarray (w, w), optional
            What ``totals_under`` has for it; those of many samples together take less.
        """
        tree, levels, last = working.structure.tree, [], self.around - 1
        inner = self._added(weights, tree.starts[self.around][last]) if self.around else {}
        for m in range(self.around):
            sums = [inner[column] for column in tree.levels[m].columns.tolist()]
            if m < last:
                starts = tree.starts[last][m]
                sums = [np.add.reduceat(own, starts, axis=0) for own in sums]
            levels.append(replace(tree.levels[m], made=partial(_some, np.stack(sums))))
        sample = replace(
            working,
            total=self.totals_under(weights[None])[0] if total is None else total,
            structure=replace(working.structure, tree=WorkingTree(tuple(levels)), pool=None),
            n_obs=int(weights @ self.rows),
        )
        return evaluate(sample, list(at.omegas[: self.around]), "ML")

    def _added(self, weights: np.ndarray, starts: np.ndarray) -> dict[int, np.ndarray]:
        """By column: sums (H, w) over the groups of the innermost level around the bundles."""
        size = self.bundle.size
        entries = (weights[self.bundle], np.arange(size), np.append(starts, size))
        often = csr_array(entries, shape=(starts.size, size))
        return {column: often @ own for column, own in self._by_group.items()}

    @cached_property
    def _by_group(self) -> dict[int, np.ndarray]:
        """The sums as (G, w): those of a group along contiguous memory."""
        return {column: np.ascontiguousarray(own.T) for column, own in self.sums.items()}


def pieces(
    apart: LevelsApart,
    totals: np.ndarray,
    rows: np.ndarray,
    bundles: Sequence[np.ndarray | None],
) -> Pieces | None:
    """Bundles of units, ready to be drawn again.

    Parameters
    ----------
    apart : LevelsApart
        The levels, and what elimination left of them.
    totals : ndarray (B, w, w)
        Cross-products of each bundle.
    rows : ndarray (B,)
    bundles : sequence of ndarray of int (G,) or None
        Bundle of each group of a level; None where its groups lie in several.

    Returns
    -------
    Pieces or None
        None where no level of the model lies inside the bundles, or the outermost of them has not
        all random columns of the levels around.
    """
    tree, around = apart.tree, sum(bundle is None for bundle in bundles)
    if around == len(bundles) or any(bundle is None for bundle in bundles[around:]):
        return None
    inside = tree.levels[around].columns.tolist()
    if not set(tree.reach[around]) <= set(inside):
        return None
    left = totals.copy()
    for i in range(around, len(bundles)):
        for some in apart.of(i):
            _take(left, some.done, bundles[i][some.groups])
    first = [left_of(some.done) for some in apart.of(around)]
    sums = {
        column: np.concatenate([own[:, inside.index(column)] for own in first], axis=1)
        for column in tree.reach[around]
    }
    return Pieces(left, rows, sums, bundles[around], around)


def _take(left: np.ndarray, done: EliminatedLevel, place: np.ndarray) -> None:
    """Take what groups explain from the cross-products (B, w, w) of their bundles, in place."""
    order = np.argsort(place, kind="stable")
    wide = done.wide[:, :, order]
    product = batched.apply(done.gain[:, :, order], wide)
    bundle = place[order]
    starts = np.flatnonzero(np.diff(bundle, prepend=-1)).tolist()
    for start, stop in zip(starts, [*starts[1:], order.size], strict=True):
        size = len(wide), wide.shape[1] * (stop - start)
        own = wide[:, :, start:stop].reshape(size)
        left[bundle[start]] -= own @ product[:, :, start:stop].reshape(size).T


def _some(sums: np.ndarray, groups: slice) -> np.ndarray:
    return sums[:, groups]
