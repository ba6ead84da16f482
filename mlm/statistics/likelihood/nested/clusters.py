"""What each cluster of outermost units adds to the derivatives of the criterion.

A weighted likelihood is a sum over outermost units. With r the residual as a combination of the
working columns, ``A_c r`` and the derivative by Omega are sums over the rows and groups of a
cluster c: those of the rows are kept with the evidence, those of the groups are found here on the
elimination's way back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlm.statistics.likelihood import batched
from mlm.statistics.likelihood.evaluation import Evaluation
from mlm.statistics.likelihood.nested.gradient import by_group, inwards
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.working_tree import WorkingTree


def by_cluster(
    tree: WorkingTree,
    at: Evaluation,
    directions: np.ndarray,
    clusters: np.ndarray,
    size: int,
    scratch: Scratch,
) -> tuple[np.ndarray, list[np.ndarray]]:
    """What the groups of each cluster take from ``A F``, and its derivatives by Omega.

    Parameters
    ----------
    tree : WorkingTree
        The levels, none pooled.
    at : Evaluation
        What the elimination left behind.
    directions : ndarray (w, 1)
        F with ``d criterion = trace(F F' dA)``.
    clusters : ndarray of int (G,)
        Cluster of each outermost group.
    size : int
        Number of clusters C.
    scratch : Scratch
        Memory to work in.

    Returns
    -------
    taken : ndarray (w, C)
    derivatives : list of ndarray (q, q, C)
        By level, outermost first.
    """
    taken, derivatives, places = np.zeros((len(directions), size)), [], clusters
    for step in inwards(tree, at, directions, scratch):
        level, done = tree.levels[step.place], at.remains[step.place]
        places = places[level.parent] if step.place else clusters
        weights = tree.overall[step.place]
        along = np.tensordot(directions[:, 0], done.wide, axes=1)
        gained = batched.apply(done.gain, along[None])[0]
        taken += _summed(batched.contract(gained, done.wide), weights, places, size)
        own = by_group(level.columns.tolist(), done, step.seen, step.spread)
        found = _summed(own.reshape(-1, own.shape[2]), weights, places, size)
        derivatives.append(found.reshape(*own.shape[:2], size))
    return taken, derivatives


def _summed(values: np.ndarray, weights: np.ndarray | None, places, size: int) -> np.ndarray:
    """Sums (n, C) by cluster of values (n, G) times weights (G,)."""
    values = values if weights is None else values * weights
    return np.array([np.bincount(places, own, size) for own in values])


def reweighed(tree: WorkingTree, factors: Sequence[float] | np.ndarray) -> WorkingTree:
    """The tree with each outermost group so many times (G,) as often."""
    if not tree.levels:
        return tree
    first = tree.levels[0]
    weights = factors if first.weights is None else first.weights * factors
    levels = [replace(first, weights=np.asarray(weights)), *tree.levels[1:]]
    if first.weights is None:
        levels[1:] = [replace(each, weights=np.ones(each.parent.size)) for each in levels[1:]]
    for new, old in zip(levels, tree.levels, strict=True):
        if "wide" in vars(old):
            vars(new)["wide"] = old.wide
    made = WorkingTree(tuple(levels))
    for name in ("parents", "starts", "families", "reach"):  # none of which knows of weights
        if name in vars(tree):
            vars(made)[name] = vars(tree)[name]
    return made
