"""The pool of a model's innermost level: by presence where that is possible, else by pattern."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

import numpy as np

from mlm.statistics.evidence.crossproducts import CrossProducts, GroupSums
from mlm.statistics.likelihood.basis import combined_sums
from mlm.statistics.likelihood.pooled.grouping import OwnSums, PooledGroups
from mlm.statistics.likelihood.pooled.pool import Pool
from mlm.statistics.likelihood.pooled.presence import UnitsByPresence, units_by_presence
from mlm.statistics.likelihood.pooled.presence_pools import presence_pool, strata_pool
from mlm.statistics.likelihood.pooled.strata_pool import PooledStrata

Levels = Sequence[tuple[GroupSums, Sequence[int], np.ndarray]]


def pooled_innermost(levels: Levels, matrix: np.ndarray, stats: CrossProducts) -> Pool | None:
    """The pool of the innermost level; kept with the sample, since models share it.

    Parameters
    ----------
    levels : sequence of (GroupSums, list of int, ndarray (q, c))
        Levels of the model, outermost first, with their working columns as places and as
        combinations of the candidates.
    matrix : ndarray (k, w)
        The working columns as combinations of the stored ones.
    stats : CrossProducts
        The sample.

    Returns
    -------
    Pool or None
        None where it does not pay.
    """
    if not levels:
        return None
    inner, columns, weights = levels[-1]
    units, reach = _units(levels), _reach(levels, matrix)
    if units is not None:
        pool = presence_pool(units, inner.sums, weights, matrix, reach)
        if pool is not None:
            return pool
    own = matrix[:, np.array(columns)]
    key = (inner.group, _around(levels), *(part.tobytes() for part in (weights, own)))
    if key not in stats.pools:
        stats.pools[key] = PooledGroups(OwnSums(inner.sums, weights), own, _parent(levels))
    return stats.pools[key].pool(reach, matrix)


def pooled_strata(
    levels: Levels, matrix: np.ndarray, waves: Collection[CrossProducts]
) -> PooledStrata | None:
    """The innermost level where the strata of the residual variance are the waves.

    Parameters
    ----------
    levels, matrix
        As for ``pooled_innermost``.
    waves : collection of CrossProducts
        The sample by wave, in the order of the waves.

    Returns
    -------
    PooledStrata or None
        None where its units are not added up by presence.
    """
    units = _units(levels) if levels else None
    if units is None:
        return None
    inner, _, weights = levels[-1]
    sums = [part.level(inner.group).sums for part in waves]
    made = [partial(combined_sums, own, weights, matrix) for own in sums]
    return strata_pool(units, inner.sums, weights, matrix, _reach(levels, matrix), made)


def _units(levels: Levels) -> UnitsByPresence | None:
    return units_by_presence(levels[-1][0].sums, _parent(levels), _around(levels))


def _parent(levels: Levels) -> np.ndarray | None:
    """Enclosing group of the innermost groups, where there is one."""
    return levels[-1][0].parent if levels[:-1] else None


def _around(levels: Levels) -> tuple[str, ...]:
    """Id columns of the enclosing level."""
    return levels[-2][0].group if levels[:-1] else ()


def _reach(levels: Levels, matrix: np.ndarray) -> np.ndarray:
    """The random columns (k, r) of the levels around."""
    return matrix[:, sorted({int(c) for _, columns, _ in levels[:-1] for c in columns})]
