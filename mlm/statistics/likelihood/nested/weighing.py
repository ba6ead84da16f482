"""Rows that are weighed by stratum, levels nested: the sums, and derivatives by the weights.

The derivatives come on the elimination's way back. With F as for the gradient, m_g the means of the
effects of all levels around a row for each combination of F, added up by random column, and R their
covariance, the row with working columns v and random columns z adds ``|F'v - m_g'z|^2 + z' R z`` to
the derivative by its weight: its squared residual over sigma^2, and its leverage. Summed over the
rows of a stratum these need the stratum's own cross-products alone; each level adds what its
effects change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mlm.statistics.likelihood.evaluation import Evaluation
from mlm.statistics.likelihood.nested.gradient import Around, extended, means_of, seen_of
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.structure import LevelPart, StrataParts
from mlm.statistics.likelihood.working_tree import WorkingLevel, WorkingTree


def weighed(tree: WorkingTree, parts: StrataParts, weights: np.ndarray) -> WorkingTree:
    """The tree with the rows of each stratum times its weight (T,)."""
    pairs = zip(tree.levels, parts.levels, strict=True)
    return WorkingTree(tuple(_weighed_level(level, own, weights) for level, own in pairs))


def _weighed_level(
    level: WorkingLevel, parts: Sequence[LevelPart], weights: np.ndarray
) -> WorkingLevel:
    wide = np.zeros((*parts[0].wide.shape[:2], level.parent.size))
    for part, weight in zip(parts, weights, strict=True):
        if part.places.size == level.parent.size:
            wide += weight * part.wide
        else:
            wide[:, :, part.places] += weight * part.wide
    return replace(level, made=lambda groups: wide[:, :, groups].transpose(1, 2, 0))


def row_slopes(
    tree: WorkingTree,
    parts: StrataParts,
    at: Evaluation,
    directions: np.ndarray,
    scratch: Scratch,
) -> np.ndarray:
    """Derivative by a weight that all rows of a stratum have, for each stratum.

    Parameters
    ----------
    tree : WorkingTree
        The levels, none pooled.
    parts : StrataParts
        Their sums in each stratum.
    at : Evaluation
        The criterion.
    directions : ndarray (w, f)
        F with ``d criterion = trace(F F' dA)``.
    scratch : Scratch
        Memory of the evaluation.

    Returns
    -------
    ndarray (T,)
    """
    out = np.einsum("twv,wf,vf->t", parts.totals, directions, directions, optimize=True)
    around = Around({}, {})
    for i, (level, done) in enumerate(zip(tree.levels, at.remains, strict=True)):
        columns, old = level.columns.tolist(), list(around.means)
        before = Around(
            {c: mean[:, level.parent] for c, mean in around.means.items()},
            {pair: cell[level.parent] for pair, cell in around.spread.items()},
        )
        seen = seen_of(done, directions, around.means, level.parent, scratch)
        means = means_of(i, level, at.omegas[i], seen, around.means, scratch)
        around = Around(means, extended(columns, done, at.omegas[i], old, before.spread))
        for t, part in enumerate(parts.levels[i]):
            out[t] += _changed(columns, part, before, around, directions)
    return out


def _changed(
    columns: list[int], part: LevelPart, before: Around, after: Around, directions
) -> float:
    """What the effects of a level change in the sum over the rows of a stratum."""
    total, places = 0.0, part.places
    old = {c: mean[:, places] for c, mean in before.means.items()}
    new = {c: mean[:, places] for c, mean in after.means.items()}
    for j, a in enumerate(columns):
        own = new[a] - old[a] if a in old else new[a]
        total -= 2.0 * float(np.sum(own * (directions.T @ part.wide[:, j])))
        for b in new:
            weight = 1.0 if b in columns else 2.0
            change = np.sum(new[a] * new[b], axis=0) + after.spread[a, b][places]
            if a in old and b in old:
                change -= np.sum(old[a] * old[b], axis=0)
                change -= before.spread[a, b][places]
            total += weight * float(change @ part.wide[b, j])
    return total
