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
from mlm.statistics.likelihood.nested.gradient import (
    Around,
    extended,
    means_of,
    pool_seen,
    seen_of,
)
from mlm.statistics.likelihood.scratch import Scratch
from mlm.statistics.likelihood.structure import LevelPart, StrataParts
from mlm.statistics.likelihood.working_tree import WorkingLevel, WorkingTree


def weighed(tree: WorkingTree, parts: StrataParts, weights: np.ndarray) -> WorkingTree:
    """The tree with the rows of each stratum times its weight (T,)."""
    count = len(parts.levels)
    pairs = zip(tree.levels[:count], parts.levels, strict=True)
    levels = [_weighed_level(level, own, weights) for level, own in pairs]
    if parts.pooled is not None:
        levels.append(replace(tree.levels[-1], made=parts.pooled.weighed(weights)))
    return WorkingTree(tuple(levels))


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
    weights: np.ndarray,
    at: Evaluation,
    directions: np.ndarray,
    scratch: Scratch,
) -> np.ndarray:
    """Derivative by a weight that all rows of a stratum have, for each stratum.

    Parameters
    ----------
    tree : WorkingTree
        The levels, their rows weighed.
    parts : StrataParts
        Their sums in each stratum, the rows not weighed.
    weights : ndarray (T,)
        Weight of the rows of each stratum.
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
        if done.wide is None:
            seen = pool_seen(tree, parts.pooled.by_wave, directions, around)
            return out + parts.pooled.changed(done.gain, seen, weights)
        columns, old = level.columns.tolist(), list(around.means)
        before = around.some(level.parent)
        seen = seen_of(done, directions, around.means, tree.families[i], scratch)
        means = means_of(level, at.omegas[i], seen, around.means)
        around = Around(means, extended(columns, done, at.omegas[i], old, before.spread))
        own = parts.levels[i]
        if sum(part.places.size for part in own) == level.parent.size:  # no group is in two
            changed = _changed(columns, level.wide, before, around, directions)
            out += [changed[part.places].sum() for part in own] / weights
            continue
        for t, part in enumerate(own):
            ends = before.some(part.places), around.some(part.places)
            out[t] += _changed(columns, part.wide, *ends, directions).sum()
    return out


def _changed(
    columns: list[int], wide: np.ndarray, before: Around, after: Around, directions
) -> np.ndarray:
    """What the effects of a level change in the sum over the rows of each group (G,).

    Parameters
    ----------
    columns : list of int
        Random columns of the level.
    wide : ndarray (w, q, G)
        Sums of the rows.
    before, after : Around
        Effects around the groups, without and with their own.
    directions : ndarray (w, f)
        F.
    """
    total = np.zeros(wide.shape[2])
    old, new = before.means, after.means
    for j, a in enumerate(columns):
        own = new[a] - old[a] if a in old else new[a]
        total -= 2.0 * np.einsum("fg,fg->g", own, directions.T @ wide[:, j])
        for b in new:
            change = np.einsum("fg,fg->g", new[a], new[b]) + after.spread[a, b]
            if a in old and b in old:
                change -= np.einsum("fg,fg->g", old[a], old[b])
                change -= before.spread[a, b]
            total += (1.0 if b in columns else 2.0) * change * wide[b, j]
    return total
