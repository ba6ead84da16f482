"""Sums of factors that are crossed with the tree of nested levels; they add up like the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from itertools import combinations_with_replacement
from operator import add
from typing import TYPE_CHECKING

import numpy as np

from mlm.nouns.columns import Column
from mlm.nouns.hierarchy import group_codes
from mlm.statistics.evidence.tree import Grouped

if TYPE_CHECKING:
    from scipy.sparse import csr_array

MAX_EFFECTS = 6000  # effects of crossed factors, whose links are one dense matrix


@dataclass(frozen=True)
class CrossedFactor(Grouped):
    """Sums of one crossed factor.

    Attributes
    ----------
    group : tuple of str
        Id columns that make its groups.
    keys : tuple of ndarray (J,)
        Ids of each group.
    candidates : tuple of Column
        Stored columns that may vary over the groups; the constant comes first.
    sums : ndarray (q, J, k)
        Sum over the rows of a group of candidate times stored column.
    links : tuple of tuple of csr_array (G, J)
        For each candidate of the tree's innermost level and each of this factor: sum of their
        product over the rows of a tree group and a group of the factor.
    """

    group: tuple[str, ...]
    keys: tuple[np.ndarray, ...]
    candidates: tuple[Column, ...]
    sums: np.ndarray
    links: tuple[tuple[csr_array, ...], ...]


# sums over the cells where groups of two levels or factors meet, by a candidate of each
Cells = "tuple[tuple[csr_array, ...], ...]"


@dataclass(frozen=True)
class Crossing:
    """All factors crossed with the tree; none where every level lies in the one above.

    Attributes
    ----------
    factors : tuple of CrossedFactor
        In the order of the hierarchy.
    pairs : dict of (int, int) to tuple of tuple of csr_array
        For two factors c < d and a candidate of each: sums of their product over the rows of a
        group of c and a group of d. With c = d, where groups of one factor share rows: a level
        that they are crossed with was eliminated.
    combined : dict
        Cells in the columns of models, kept by those who make them; they hold as long as the cells
        do, whatever the response.
    placed : dict
        Places of the effects of models in an elimination, by digests of all that they hang on, so
        that samples of the same rows may share them.
    """

    factors: tuple[CrossedFactor, ...] = ()
    pairs: dict[tuple[int, int], Cells] = field(default_factory=dict)
    combined: dict = field(default_factory=dict, repr=False, compare=False)
    placed: dict = field(default_factory=dict, repr=False, compare=False)

    def placed_as(self, other: Crossing) -> Crossing:
        """The crossing with the places of another one of the same rows; itself without factors."""
        if not self.factors or self.placed is other.placed:
            return self
        return replace(self, placed=other.placed)

    def without(self, *groups: tuple[str, ...]) -> Crossing:
        """The crossing with some factors taken out."""
        kept = [i for i, factor in enumerate(self.factors) if factor.group not in groups]
        both = combinations_with_replacement(range(len(kept)), 2)
        known = {(c, d): (kept[c], kept[d]) for c, d in both}
        pairs = {place: self.pairs[old] for place, old in known.items() if old in self.pairs}
        return Crossing(tuple(self.factors[i] for i in kept), pairs)

    def firsts(self, levels: Sequence[Grouped]) -> list[tuple[str, ...]]:
        """Id columns of the levels and factors that stand first in some table of cells."""
        return [side.group for side in (*levels, *self.factors)[:-1]] if self.factors else []

    def changed(
        self,
        tree: Grouped | None,
        factor_of: Callable[[CrossedFactor], CrossedFactor],
        cells_of: Callable[[Grouped, Grouped, Cells], Cells],
    ) -> Crossing:
        """The factors in other columns, groups or candidates.

        Parameters
        ----------
        tree : GroupSums or None
            Innermost level of the tree, before the change; None without factors.
        factor_of : callable
            From a factor to the changed one, its links as they were.
        cells_of : callable
            From two levels or factors before the change, and the sums over their cells, to the
            changed sums.
        """
        factors = tuple(
            replace(factor_of(factor), links=cells_of(tree, factor, factor.links))
            for factor in self.factors
        )
        pairs = {
            (c, d): cells_of(self.factors[c], self.factors[d], cells)
            for (c, d), cells in self.pairs.items()
        }
        return Crossing(factors, pairs)

    @classmethod
    def summed(cls, parts: Sequence[Crossing], trees: Sequence[np.ndarray], size: int) -> Crossing:
        """The sums of several samples together.

        Parameters
        ----------
        parts : sequence of Crossing
            Of each sample, with the same factors.
        trees : sequence of ndarray of int
            Of each sample, places of its innermost groups of the tree among those of all samples.
        size : int
            Number of these.
        """
        merged, maps = [], []
        for factors in zip(*(part.factors for part in parts), strict=True):
            factor, places = _summed_factor(factors, trees, size)
            merged.append(factor)
            maps.append(places)
        pairs = {
            (c, d): _summed_cells(
                [part.pairs[c, d] for part in parts],
                maps[c],
                maps[d],
                merged[c].size,
                merged[d].size,
            )
            for c, d in parts[0].pairs
        }
        return cls(tuple(merged), pairs)


def _summed_factor(factors: Sequence[CrossedFactor], trees: Sequence[np.ndarray], size: int):
    keys = tuple(
        np.concatenate([key.astype(str) for key in column])
        for column in zip(*(factor.keys for factor in factors), strict=True)
    )
    codes, chosen = group_codes(keys)
    places = np.split(codes, np.cumsum([factor.size for factor in factors])[:-1])
    first = factors[0]
    sums = np.zeros((first.sums.shape[0], chosen.size, first.sums.shape[2]))
    for factor, own in zip(factors, places, strict=True):
        sums[:, own] += factor.sums
    links = _summed_cells([factor.links for factor in factors], trees, places, size, chosen.size)
    keys = tuple(key[chosen] for key in keys)
    return CrossedFactor(first.group, keys, first.candidates, sums, links), places


def _summed_cells(
    parts: Sequence[Cells], rows: Sequence[np.ndarray], columns: Sequence[np.ndarray], *shape: int
) -> Cells:
    """Cells of several samples together, each with its groups at places of the sum."""
    return tuple(
        tuple(
            reduce(add, map(partial(_relabelled, shape=shape), tables, rows, columns))
            for tables in zip(*row, strict=True)
        )
        for row in zip(*parts, strict=True)
    )


def _relabelled(matrix: csr_array, rows: np.ndarray, columns: np.ndarray, shape) -> csr_array:
    from scipy.sparse import csr_array

    entries = matrix.tocoo()
    return csr_array((entries.data, (rows[entries.row], columns[entries.col])), shape=shape)
