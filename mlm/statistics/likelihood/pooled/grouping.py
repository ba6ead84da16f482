"""Pooling the innermost groups of a sample: by pattern, once for all models with their columns.

Patterns are split by the random columns of the levels around where these then are the same for all
groups of a pattern, and pooling still pays: pupils with one random effect are told apart by the
waves on which they were seen, once schools have an effect for each wave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from mlm.statistics.evidence.arrays.distinct_sums import DistinctSums
from mlm.statistics.evidence.wave_parts import GROUPS_AT_A_TIME, WaveParts
from mlm.statistics.likelihood.basis import selection
from mlm.statistics.likelihood.pooled.cells import CellSums, cell_sums
from mlm.statistics.likelihood.pooled.pool import ColumnsAround, Pool, pairs, patterns

SAVING = 2  # pool when the moments of the patterns are smaller than the sums by this factor,
FEW_MOMENTS = 1 << 22  # or no more numbers than these,
WORK = 4  # and then when an evaluation takes less by this factor
LONE_PATTERN = 7_000  # products of numbers of groups in whose time a pattern is looked at by itself


class OwnSums:
    """Sums (q, G, k) of the random columns of a level, made a part at a time.

    Parameters
    ----------
    sums : ndarray (c, G, k), WaveParts or DistinctSums
        Sums of the level's candidates.
    weights : ndarray (q, c)
        The random columns as combinations of the candidates.
    """

    def __init__(self, sums: np.ndarray | WaveParts | DistinctSums, weights: np.ndarray):
        self._rows = selection(weights.T)
        if self._rows is None:
            sums, self._rows = np.tensordot(weights, sums, axes=1), np.arange(len(weights))
        self._sums = sums
        self.shape = (self._rows.size, *sums.shape[1:])

    def along(self, column: np.ndarray) -> np.ndarray:
        """Sums (q, G) in one combination (k,) of the columns."""
        places = np.flatnonzero(column)
        if isinstance(self._sums, WaveParts | DistinctSums):
            return self._sums.taken(self._rows, places) @ column[places]
        return self._sums[self._rows][:, :, places] @ column[places]

    def some(self, groups: slice) -> np.ndarray:
        """Sums (q, n, k) of groups that stand together."""
        if isinstance(self._sums, WaveParts | DistinctSums):
            return self._sums.block(self._rows, groups)
        return self._sums[self._rows, groups]


class PooledGroups:
    """The innermost groups of a sample by pattern; kept with it, since its models share them.

    Parameters
    ----------
    sums : OwnSums
        Their sums.
    own : ndarray (k, q)
        Their random columns as combinations of the k.
    parent : ndarray of int (G,) or None
        Group of the next outer level, non-decreasing, where there is one.
    """

    def __init__(self, sums: OwnSums, own: np.ndarray, parent: np.ndarray | None):
        self._sums, self._parent = sums, parent
        inner = np.stack([sums.along(column) for column in own.T], axis=1)
        self._around: dict[bytes, np.ndarray] = {}  # columns around by which patterns are split
        self._apart: set[bytes] = set()  # those by which they are not
        q, size, k = sums.shape
        self._most = max(
            size // (SAVING * k), min(FEW_MOMENTS // (q * k) ** 2, self._worth(size, q, k))
        )
        found = patterns([inner[i, j] for i in range(q) for j in range(i + 1)], self._most)
        self._pattern: np.ndarray | None = None
        if found is not None and self._pays(found[0]):
            self._settle(*found, inner[:, :, found[1]])

    @staticmethod
    def _worth(size: int, q: int, k: int) -> int:
        """Patterns up to which products of moments take less than those of the groups."""
        return size * (q + k) // (WORK * q * k)

    def pool(self, outer: np.ndarray, matrix: np.ndarray) -> Pool | None:
        """The pool of a model; None where it does not pay.

        Parameters
        ----------
        outer : ndarray (k, r)
            The random columns of the levels around.
        matrix : ndarray (k, w)
            All working columns of the model.
        """
        if self._pattern is None:
            return None
        self._split(outer)
        known = [r for r, column in enumerate(outer.T) if column.tobytes() in self._around]
        other = [r for r in range(outer.shape[1]) if r not in known]
        values = [self._around[outer[:, r].tobytes()] for r in known]
        around = ColumnsAround(
            np.array(known, dtype=np.intp),
            np.array(values).reshape(len(known), *self._inner.shape[1:]),
            np.array(other, dtype=np.intp),
            tuple(self._cross(outer[:, r], matrix) for r in other),
        )
        picks = selection(matrix)
        if picks is not None:
            moments = self._moments[..., picks[:, None], picks]
        else:
            moments = matrix.T @ self._moments @ matrix
        cells = self._cells.combined(matrix, picks)
        return Pool(self._inner, self._pattern, self._counts, moments, cells, around)

    @property
    def _parents(self) -> np.ndarray:
        if self._parent is None:
            return np.zeros(self._sums.shape[1], dtype=np.intp)
        return self._parent

    def _pays(self, pattern: np.ndarray) -> bool:
        """Whether cells of the patterns are few enough, or the patterns for all that groups do.

        With several columns an evaluation is products of their matrices, of which patterns need
        few, however many cells there are.
        """
        q, size, k = self._sums.shape
        n_patterns = int(pattern.max()) + 1
        is_work = q > 1 and n_patterns * LONE_PATTERN <= size * q * q * k
        if self._parent is None or is_work:
            return True
        cells = np.unique(self._parent * n_patterns + pattern).size
        return cells * SAVING <= pattern.size

    def _split(self, outer: np.ndarray) -> None:
        """Split the patterns by the columns around that are not the same in each, if that pays."""
        known = self._around.keys() | self._apart
        found, new = (self._pattern, self._first), {}
        for key, column in {c.tobytes(): c for c in outer.T}.items():
            if key in known:
                continue
            along = self._sums.along(column)
            split = patterns([found[0].astype(float), *along], self._most)
            if split is None or not self._pays(split[0]):
                self._apart.add(key)
                continue
            found, new[key] = split, along
        before = self._pattern[found[1]]
        self._around = {key: own[:, before] for key, own in self._around.items()}
        self._around |= {key: along[:, found[1]] for key, along in new.items()}
        if found[1].size != self._first.size:
            self._settle(*found, self._inner[:, :, before])

    def _settle(self, pattern: np.ndarray, first: np.ndarray, inner: np.ndarray) -> None:
        """Add up what models need, by the patterns, a group of each, and their ``C``."""
        self._pattern, self._first, self._inner = pattern, first, inner
        self._counts = np.bincount(pattern, minlength=first.size).astype(float)
        self._seen = np.einsum("iip->ip", inner) > 0.0
        self._lead = np.concatenate([lead for _, _, lead in self._chunks()])
        self._moments = self._added_moments()
        self._cells = CellSums((), 0)
        if self._parent is not None:
            wide = self._sums.shape[2]
            self._cells = self._by_cell(lambda sums: sums.transpose(0, 2, 1), wide, self._seen)

    def _chunks(self) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
        """Groups that stand together, some enclosing ones at a time; their order; first of a cell.

        The order is that of their cells; the first group of each cell is told by its place among
        all groups.
        """
        parents, n_patterns, size = self._parents, self._first.size, self._pattern.size
        start = 0
        while start < size:
            end = size
            if self._parent is not None and start + GROUPS_AT_A_TIME < size:
                last = parents[start + GROUPS_AT_A_TIME]
                end = int(np.searchsorted(parents, max(last, parents[start] + 1)))
            key = parents[start:end] * n_patterns + self._pattern[start:end]
            order = np.argsort(key, kind="stable")
            lead = order[np.flatnonzero(np.diff(key[order], prepend=-1))]
            yield slice(start, end), order, lead + start
            start = end

    def _added_moments(self) -> np.ndarray:
        """``S_i' S_j`` (q (q + 1) / 2, P, k, k) of each pattern, i <= j."""
        q, _, k = self._sums.shape
        first, second = pairs(q)
        moments = np.zeros((first.size, self._first.size, k, k))
        for groups, _, _ in self._chunks():
            sums, pattern = self._sums.some(groups), self._pattern[groups]
            order = np.argsort(pattern, kind="stable")
            ends = np.cumsum(np.bincount(pattern, minlength=self._first.size))
            for p in np.flatnonzero(np.diff(ends, prepend=0)):
                columns = np.flatnonzero(self._seen[:, p])
                own = np.flatnonzero(self._seen[first, p] & self._seen[second, p])
                chosen = order[ends[p - 1] if p else 0 : ends[p]]
                members = sums[columns[:, None], chosen].transpose(1, 0, 2)
                members = members.reshape(chosen.size, -1)
                product = (members.T @ members).reshape(columns.size, k, columns.size, k)
                a, b = pairs(columns.size)
                moments[own, p] += product.transpose(0, 2, 1, 3)[a, b]
        return moments

    def _by_cell(
        self, values: Callable[[np.ndarray], np.ndarray], width: int, seen: np.ndarray
    ) -> CellSums:
        """Sums over the groups of each cell of values (s, width, n) of sums (q, n, k)."""

        def chunks() -> Iterator[tuple[slice, np.ndarray]]:
            done = 0
            for groups, order, lead in self._chunks():
                places = np.empty(order.size, dtype=np.intp)
                places[order] = np.arange(order.size)
                own = np.ascontiguousarray(values(self._sums.some(groups)[:, order]))
                cells = slice(done, done + lead.size)
                yield cells, np.add.reduceat(own, places[lead - groups.start], axis=-1)
                done += lead.size

        lead = self._lead
        return cell_sums(chunks(), width, self._pattern[lead], self._parent[lead], seen)

    def _cross(self, column: np.ndarray, matrix: np.ndarray) -> CellSums:
        """Sums over the groups of each cell of ``S_i[c] S_j``, c a column (k,)."""
        q, picks = len(self._inner), selection(matrix)
        pairs = (self._seen[:, None] & self._seen).reshape(q * q, -1)

        def products(sums: np.ndarray) -> np.ndarray:
            wide = sums[:, :, picks] if picks is not None else sums @ matrix
            found = (sums @ column)[:, None, None] * wide.transpose(0, 2, 1)
            return found.reshape(q * q, *found.shape[2:])

        return self._by_cell(products, matrix.shape[1], pairs)
