"""Sums of factors that are crossed with the tree of nested levels; they add up like the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
from scipy.sparse import csr_array

from mlm.nouns.columns import Column
from mlm.nouns.hierarchy import group_codes
from mlm.statistics.evidence.tree import Grouped

MAX_EFFECTS = 6000  # effects of crossed factors, whose links are one dense matrix
MAX_IN_WAVES = 2000  # the same with an effect for each wave, in models that are fitted ten times


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
Cells = tuple[tuple[csr_array, ...], ...]


@dataclass(frozen=True)
class Crossing:
    """All factors crossed with the tree; none where every level lies in the one above.

    Attributes
    ----------
    factors : tuple of CrossedFactor
        In the order of the hierarchy.
    pairs : dict of (int, int) to tuple of tuple of csr_array
        For two factors c < d and a candidate of each: sums of their product over the rows of a
        group of c and a group of d.
    """

    factors: tuple[CrossedFactor, ...] = ()
    pairs: dict[tuple[int, int], Cells] = field(default_factory=dict)

    def without(self, *groups: tuple[str, ...]) -> Crossing:
        """The crossing with some factors taken out."""
        kept = [i for i, factor in enumerate(self.factors) if factor.group not in groups]
        pairs = {(c, d): self.pairs[kept[c], kept[d]] for c, d in combinations(range(len(kept)), 2)}
        return Crossing(tuple(self.factors[i] for i in kept), pairs)

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

    def added(self, other: Crossing, tree: tuple[np.ndarray, np.ndarray], size: int) -> Crossing:
        """The sums of both samples; ``tree`` maps their innermost groups to those of the sum."""
        merged, maps = [], []
        for mine, its in zip(self.factors, other.factors, strict=True):
            factor, places = _added_factor(mine, its, tree, size)
            merged.append(factor)
            maps.append(places)
        pairs = {}
        for (c, d), mine in self.pairs.items():
            shape = (merged[c].size, merged[d].size)
            pairs[c, d] = tuple(
                tuple(
                    _relabelled(x, maps[c][0], maps[d][0], shape)
                    + _relabelled(y, maps[c][1], maps[d][1], shape)
                    for x, y in zip(row, its, strict=True)
                )
                for row, its in zip(mine, other.pairs[c, d], strict=True)
            )
        return Crossing(tuple(merged), pairs)


def _added_factor(mine: CrossedFactor, its: CrossedFactor, tree, size: int):
    keys = tuple(
        np.concatenate([x.astype(str), y.astype(str)])
        for x, y in zip(mine.keys, its.keys, strict=True)
    )
    codes, first = group_codes(keys)
    places = codes[: mine.size], codes[mine.size :]
    sums = np.zeros((mine.sums.shape[0], first.size, mine.sums.shape[2]))
    sums[:, places[0]] += mine.sums
    sums[:, places[1]] += its.sums
    shape = (size, first.size)
    links = tuple(
        tuple(
            _relabelled(x, tree[0], places[0], shape) + _relabelled(y, tree[1], places[1], shape)
            for x, y in zip(row, other, strict=True)
        )
        for row, other in zip(mine.links, its.links, strict=True)
    )
    keys = tuple(key[first] for key in keys)
    return CrossedFactor(mine.group, keys, mine.candidates, sums, links), places


def _relabelled(matrix: csr_array, rows: np.ndarray, columns: np.ndarray, shape) -> csr_array:
    entries = matrix.tocoo()
    return csr_array((entries.data, (rows[entries.row], columns[entries.col])), shape=shape)
