"""Traces of crossed factors with each other and with the level that they are crossed with."""

from __future__ import annotations

import numpy as np

from mlm.statistics.likelihood.crossed.root import WorkingCrossing
from mlm.statistics.likelihood.nested.traces import PlaceTraces as TreeTraces
from mlm.statistics.likelihood.traces import Tables, Traces, inside_fixed, traces_of
from mlm.statistics.likelihood.working_tree import WorkingTree


class PlaceTraces:
    """Traces of the tree's level and the crossed factors.

    Parameters
    ----------
    tree : WorkingTree
        The level that the factors are crossed with, if there is one.
    crossing : WorkingCrossing
        The factors.
    basis : ndarray (p, p)
        From the working fixed columns to an orthonormal basis Q of theirs.
    """

    def __init__(self, tree: WorkingTree, crossing: WorkingCrossing, basis: np.ndarray):
        self._crossing, self._trees = crossing, len(tree.levels)
        self._tree = TreeTraces(tree, None, basis)
        parts = zip(crossing.parts, crossing.sizes, strict=True)
        p = len(basis)
        sums = [crossing.sums[part, :p].reshape(q, size, p) for part, (q, size) in parts]
        self._along = [level.sums[:, :, :p] @ basis for level in tree.levels]
        self._along += [own @ basis for own in sums]

    def inside(self, place: int) -> np.ndarray:
        """``Q' Z_a Z_b' Q`` (q, q, p, p) of a place."""
        return inside_fixed(self._along[place])

    def of(self, first: int, second: int) -> Traces:
        """Of two places, the first not after the second."""
        if second < self._trees:
            return self._tree.of(first, second)
        return traces_of(self._tables(first, second), self._along[first], self._along[second])

    def _tables(self, first: int, second: int) -> Tables:
        right = self._columns(second - self._trees)
        if first < self._trees:
            return [[link[:, own] for own in right] for link in self._crossing.links]
        left = self._columns(first - self._trees)
        return [[self._crossing.square[a, c] for c in right] for a in left]

    def _columns(self, factor: int) -> list[slice]:
        """Place of the effects of each column of a factor among all crossed effects."""
        part, (q, size) = self._crossing.parts[factor], self._crossing.sizes[factor]
        return [slice(part.start + i * size, part.start + (i + 1) * size) for i in range(q)]
