"""Pools of models whose innermost units have columns of time, from sums by presence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from weakref import WeakValueDictionary

import numpy as np

from mlm.statistics.evidence.wave_parts import WaveParts
from mlm.statistics.likelihood.pooled.cells import CellSums, SharedSlots, cell_sums
from mlm.statistics.likelihood.pooled.pool import (
    AGREEING_DIGITS,
    ColumnsAround,
    Pool,
    pairs,
)
from mlm.statistics.likelihood.pooled.presence import (
    UnitBlock,
    UnitsByPresence,
    WaveColumns,
    added_by_cell,
    columns_of_waves,
    times_of,
)
from mlm.statistics.likelihood.pooled.strata_pool import PooledStrata
from mlm.statistics.likelihood.pooled.wave_cells import SumsByCell, WaveCells

UNITS_A_CELL = 2  # units of an enclosing group over its presences, from which pools pay
MUCH_FEWER = 2  # times as many sums of waves are looked at as a model would have of its own
KNOWN_POOLS, LAST_LARGE = "pools by presence", "last large pool by presence"


def presence_pool(
    units: UnitsByPresence,
    sums: WaveParts,
    weights: np.ndarray,
    matrix: np.ndarray,
    outer: np.ndarray,
) -> Pool | None:
    """The pool of a model; models with the same columns have the same as long as one of them is.

    The last one with a slope of the levels around, which takes a pass over the units, is kept.

    Parameters
    ----------
    units : UnitsByPresence
        The units of the innermost level.
    sums : WaveParts
        Their sums.
    weights : ndarray (q, c)
        Their random columns as combinations of the candidates.
    matrix : ndarray (k, w)
        Working columns as combinations of the stored ones.
    outer : ndarray (k, r)
        The random columns of the levels around.

    Returns
    -------
    Pool or None
        None where the random columns are not of time alone, or it does not pay.
    """
    columns = columns_of_waves(sums, weights, matrix)
    if columns is None or not _pays(units):
        return None
    known = sums.shared.setdefault(KNOWN_POOLS, WeakValueDictionary())
    key = tuple((part.shape, part.tobytes()) for part in (weights, matrix, outer))
    pool = known.get((id(units), key))
    if pool is None:
        making = _Making(units, columns, columns_of_waves(sums, weights, outer), sums)
        if making.is_large:
            sums.shared.pop(LAST_LARGE, None)  # its room is free before the next one is made
        pool = known[id(units), key] = making.pool()
    if pool.around.crosses:
        sums.shared[LAST_LARGE] = pool
    return pool


def strata_pool(
    units: UnitsByPresence,
    sums: WaveParts,
    weights: np.ndarray,
    matrix: np.ndarray,
    outer: np.ndarray,
    made: Sequence[Callable[[slice], np.ndarray]],
) -> PooledStrata | None:
    """The units of a model whose residual variance differs between waves.

    Parameters
    ----------
    units, sums, weights, matrix, outer
        As for ``presence_pool``.
    made : sequence of callable
        As ``PooledStrata`` has them.

    Returns
    -------
    PooledStrata or None
        None where the random columns are not of time alone, or it does not pay.
    """
    columns = columns_of_waves(sums, weights, matrix)
    if columns is None or not _pays(units):
        return None
    own, marks = np.array([each.own for each in columns]), np.eye(len(columns))
    waves = [WaveColumns(mark, each.working) for mark, each in zip(marks, columns, strict=True)]
    pool = _Making(units, waves, columns_of_waves(sums, weights, outer), sums).pool()
    return PooledStrata(pool, own, made)


def _pays(units: UnitsByPresence) -> bool:
    return units.cell_parent.size * UNITS_A_CELL <= units.codes.size


class _Making:
    """One pool in the making.

    Parameters
    ----------
    units : UnitsByPresence
        The units.
    columns, around : sequence of WaveColumns
        The working columns, and the random ones of the levels around, by wave.
    sums : WaveParts
        Of the units.
    """

    def __init__(
        self,
        units: UnitsByPresence,
        columns: Sequence[WaveColumns],
        around: Sequence[WaveColumns],
        sums: WaveParts,
    ):
        self._units = units
        self._wanted = units.wanted([*columns, *around])
        self._own = np.array([each.own for each in columns])  # (T, q)
        self._working = [each.working[self._wanted] for each in columns]
        self._around = [each.working[self._wanted] for each in around]
        self._split(*times_of(sums, around))

    @property
    def is_large(self) -> bool:
        """Whether a level around has a slope of a number, for which it has sums of its own."""
        return bool(self._other.size)

    def _split(self, times: np.ndarray, is_known: np.ndarray) -> None:
        """Patterns: presences that share ``C`` and the columns around that are of time."""
        self._known, self._other = np.flatnonzero(is_known), np.flatnonzero(~is_known)
        rows = self._units.rows.astype(float)
        inner = np.einsum("ti,tj,rt->ijr", self._own, self._own, rows)
        values = np.einsum("ti,tc,rt->cir", self._own, times[:, self._known], rows)
        told = np.concatenate([part.reshape(-1, len(rows)) for part in (inner, values)])
        scale = np.abs(told).max(axis=1, keepdims=True)
        rounded = np.round(told / np.where(scale > 0.0, scale, 1.0), AGREEING_DIGITS) + 0.0
        _, first, pattern = np.unique(rounded, axis=1, return_index=True, return_inverse=True)
        self._first, self._pattern = first, pattern.ravel()
        self._inner, self._values = inner[:, :, first], values[:, :, first]
        self._seen = np.einsum("iip->ip", self._inner) > 0.0

    def pool(self) -> Pool:
        """The pool."""
        units, count = self._units, self._first.size
        counts = np.bincount(self._pattern, units.counts, count)
        small = self._pattern.astype(np.min_scalar_type(count))
        around = ColumnsAround(
            self._known, self._values, self._other, tuple(map(self._cross, self._other.tolist()))
        )
        return Pool(self._inner, small[units.codes], counts, self._moments(), self._sums(), around)

    def _sums(self) -> SumsByCell:
        """Sums by cell: those of waves, or of the model where they are few."""
        units = self._units
        cells = WaveCells(units.cells, self._own, self._working, self._pattern)
        slots, width = np.flatnonzero(self._seen), self._working[0].shape[1]
        if units.parent is None or MUCH_FEWER * slots.size * width > cells.numbers:
            return cells
        marks = np.zeros((slots.size, self._seen.size))
        marks[np.arange(slots.size), slots] = 1.0
        sums = cells.handed_on(marks.reshape(-1, *self._seen.shape))
        return CellSums((SharedSlots(slots, sums),), sums.shape[2])

    def _moments(self) -> np.ndarray:
        """``S_i' S_j`` (q (q + 1) / 2, P, w, w) of each pattern, i <= j."""
        wide = np.array(self._working)
        first, second = pairs(self._own.shape[1])
        out = np.zeros((first.size, self._first.size, *(wide.shape[2],) * 2))
        for r, p in enumerate(self._pattern.tolist()):
            for t in np.flatnonzero(self._units.rows[r]):
                for s in np.flatnonzero(self._units.rows[r]):
                    found = wide[t].T @ self._units.moments[r, t, :, s] @ wide[s]
                    out[:, p] += (self._own[t, first] * self._own[s, second])[:, None, None] * found
        return out

    @cached_property
    def _cells(self) -> tuple[np.ndarray, np.ndarray]:
        """Enclosing group and pattern of each cell of a pattern."""
        units = self._units
        key = units.cell_parent * self._first.size + self._pattern[units.cell_presence]
        return np.divmod(np.unique(key), self._first.size)

    def _wide(self, sums: np.ndarray) -> np.ndarray:
        """Sums (q, n, w) of the random columns, from those (T, n, c) of waves."""
        out = np.zeros((self._own.shape[1], sums.shape[1], self._working[0].shape[1]))
        for total, own in zip(out, self._own.T, strict=True):
            waves = np.flatnonzero(own)
            if waves.size == 1:
                np.matmul(sums[waves[0]], own[waves[0]] * self._working[waves[0]], out=total)
                continue
            for t in waves:
                total += sums[t] @ (own[t] * self._working[t])
        return out

    def _cross(self, column: int) -> CellSums:
        """Sums over the units of each cell of ``S_i[c] S_j``, c a column around."""
        seen = (self._seen[:, None] & self._seen).reshape(-1, self._first.size)
        parent, pattern = self._cells
        return cell_sums(self._crossed(column), self._working[0].shape[1], pattern, parent, seen)

    def _crossed(self, column: int) -> Iterator[tuple[slice, np.ndarray]]:
        done, q = 0, self._own.shape[1]
        for block in self._units.blocks(self._wanted):
            order, starts = self._by_pattern(block)
            wide = self._wide(block.sums)
            along = np.zeros(wide.shape[:2])
            for own, values, around in zip(self._own, block.sums, self._around, strict=True):
                along += own[:, None] * (values @ around[:, column])
            out = np.empty((q, q, starts.size, wide.shape[2]))
            for i, factors in enumerate(along):  # a sum a cell, its units weighed
                added = added_by_cell(factors[order], order, starts)
                for j, each in enumerate(wide):
                    out[i, j] = added @ each
            cells = slice(done, done + starts.size)
            yield cells, out.reshape(q * q, starts.size, -1).transpose(0, 2, 1)
            done += starts.size

    def _by_pattern(self, block: UnitBlock) -> tuple[np.ndarray, np.ndarray]:
        """The order of the units of a block by cells of patterns, and the first of each cell."""
        key = self._units.cell_parent[block.cells] * self._first.size
        key = key + self._pattern[self._units.cell_presence[block.cells]]
        sizes = np.diff(np.append(block.starts, block.presence.size))
        own = np.repeat(key, sizes)
        order = np.argsort(own, kind="stable")
        return order, np.flatnonzero(np.diff(own[order], prepend=-1))
