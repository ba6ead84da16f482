"""Traces of nested levels: every group of an inner level meets one group of an outer one."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from mlm.statistics.evidence.tree import LONG_FAMILY
from mlm.statistics.likelihood.pooled.pool import Pool
from mlm.statistics.likelihood.traces import Traces, inside_fixed, of_cells
from mlm.statistics.likelihood.working_tree import WorkingTree


class PlaceTraces:
    """Traces of the levels of a tree.

    Parameters
    ----------
    tree : WorkingTree
        The levels.
    pool : Pool or None
        The innermost level with equal groups pooled, used instead of its sums.
    basis : ndarray (p, p)
        From the working fixed columns to an orthonormal basis Q of theirs.
    """

    def __init__(self, tree: WorkingTree, pool: Pool | None, basis: np.ndarray):
        self._tree, self._pool, self._basis = tree, pool, basis
        levels = tree.levels[:-1] if pool is not None else tree.levels
        self._sums = [self._weighed(i, level.wide) for i, level in enumerate(levels)]
        self._along = [own[: len(basis)].transpose(1, 2, 0) @ basis for own in self._sums]
        self._inside: dict[tuple[int, int, int], np.ndarray] = {}

    def inside(self, place: int) -> np.ndarray:
        """``Q' Z_a Z_b' Q`` (q, q, p, p) of a level."""
        if place < len(self._along):
            return inside_fixed(self._along[place])
        return self._pooled_moments.sum(axis=2)

    def of(self, outer: int, inner: int) -> Traces:
        """Of two levels, or of one with itself."""
        if inner < len(self._along):
            return self._apart(outer, inner)
        return self._pooled() if outer == inner else self._pooled_in(outer)

    def _weighed(self, place: int, sums: np.ndarray) -> np.ndarray:
        """Sums (n, q, G) of rows by their overall sampling weights, where they have any."""
        weights = self._tree.overall[place]
        return sums if weights is None else sums * weights

    def _apart(self, outer: int, inner: int) -> Traces:
        """Of levels that are not pooled: every group of the inner one meets one of the outer."""
        tree, columns = self._tree, self._tree.levels[outer].columns.tolist()
        tables, mine = self._sums[inner][columns], self._along[inner]
        q, r, size = tables.shape
        values = tables.reshape(q * r, size)
        if outer != inner and tree.sizes[inner] < LONG_FAMILY * tree.sizes[inner - 1]:
            places = tree.parents[inner][outer], np.arange(size)
            return of_cells(*places, values, self._along[outer], mine)
        whole = (values @ values.T).reshape(q, r, q, r)
        if outer == inner:
            met = np.stack([np.einsum("gp,gp->g", a, d) for a in mine for d in mine])
            along = (values @ met.T).reshape(q, r, q, r)
        else:
            found = np.stack([self._added(outer, inner, column) for column in columns])
            along = np.einsum("bcdhp,ahp->bcad", found, self._along[outer])
        return Traces(whole.transpose(2, 0, 1, 3), along.transpose(2, 0, 1, 3))

    def _added(self, outer: int, inner: int, column: int) -> np.ndarray:
        """``T_c U_d`` (r, r, H, p) summed over the inner groups of each outer one, T by a column.

        They are added up from level to level.
        """
        key = outer, inner, column
        if key not in self._inside:
            starts = self._tree.starts[outer + 1][outer]
            if outer + 1 < inner:
                found = self._added(outer + 1, inner, column)
                self._inside[key] = np.add.reduceat(found, starts, axis=2)
            else:
                own = self._sums[inner][column]
                found = [
                    [np.add.reduceat(t[:, None] * u, starts, axis=0) for u in self._along[inner]]
                    for t in own
                ]
                self._inside[key] = np.array(found)
        return self._inside[key]

    @cached_property
    def _pooled_moments(self) -> np.ndarray:
        """``Q' Z_a Z_b' Q`` (q, q, P, p, p), one a pattern."""
        p = len(self._basis)
        return self._basis.T @ self._pool.all_moments[..., :p, :p] @ self._basis

    def _pooled(self) -> Traces:
        inner = self._pool.inner
        weighted = inner * self._pool.counts
        traces = np.trace(self._pooled_moments, axis1=3, axis2=4)
        return Traces(
            np.einsum("bcn,adn->abcd", weighted, inner),
            np.einsum("bcn,adn->abcd", inner, traces),
        )

    def _pooled_in(self, outer: int) -> Traces:
        """Of a level and the pooled one, from sums over the groups of a cell."""
        tree, pool = self._tree, self._pool
        columns, reach = tree.levels[outer].columns.tolist(), tree.reach[-1]
        places, q = [reach.index(column) for column in columns], pool.inner.shape[0]
        enclosing = np.arange(tree.sizes[-2])
        if len(tree.levels) - 2 != outer:
            enclosing = tree.parents[-2][outer]
        totals, fixed = (np.zeros((len(columns), len(columns), q, q)) for _ in range(2))
        w, known = pool.moments.shape[-1], pool.around.known.tolist()
        own = np.zeros((len(columns), w, enclosing.size))
        own[np.arange(len(columns)), columns] = 1.0
        along = np.zeros((len(columns), w, enclosing.size))
        along[:, : len(self._basis)] = self._basis @ self._along[outer][:, enclosing].swapaxes(1, 2)
        for out, values in ((totals, own), (fixed, along)):
            if known:
                back = pool.cells.taken_back(values, pool.inner.shape[1:])
            for b, place in enumerate(places):
                if place in known:
                    mine = pool.around.values[known.index(place)]
                    out[:, b] = np.einsum("cp,adp->acd", mine, back)
                    continue
                cross = pool.around.crosses[pool.around.other.tolist().index(place)]
                found = cross.taken_back(values, (q * q, pool.inner.shape[2]))
                out[:, b] = found.sum(axis=2).reshape(-1, q, q)
        return Traces(totals, fixed)
