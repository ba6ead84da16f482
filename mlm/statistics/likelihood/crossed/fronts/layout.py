"""Where the numbers of an elimination in containers stand: its fronts, laid out once for a model.

A front holds the cross-products of the effects of one container: with each other, and with its
border, the effects of later containers that they or what was eliminated before them share rows
with. Fronts of like size stand together, filled up with effects that are none, so that they are
eliminated in one step. All numbers stand in one buffer; each entry of a pair of effects stands in
the front that is eliminated first. Letters: E effects, B fronts of a block, o own effects and b
effects of the border of each.

Source: multifrontal elimination, Duff & Reid (1983), ACM Transactions on Mathematical Software 9,
302-325.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from mlm.statistics.likelihood.crossed.fronts.containers import Containers

LIKE = 1.35  # fronts up to this many times as large are filled up to one size
SLACK = 3  # or up to so many effects more
MANY_CELLS = 2_000_000  # numbers of a block on its borders, above which these are of like size too


@dataclass(frozen=True)
class Effects:
    """All effects that are eliminated in fronts.

    Attributes
    ----------
    place, column, group : ndarray of int (E,)
        Place in the structure, random column and group there.
    front, depth : ndarray of int (E,)
        Front of each effect, and when it is eliminated.
    """

    place: np.ndarray
    column: np.ndarray
    group: np.ndarray
    front: np.ndarray
    depth: np.ndarray

    @property
    def size(self) -> int:
        """Number of effects E."""
        return self.front.size


@dataclass(frozen=True)
class Block:
    """Fronts of like size, eliminated together.

    Attributes
    ----------
    own : ndarray of int (B, o)
        Effects of each front, E where it is filled up.
    border : ndarray of int (B, b)
        Effects of later fronts that they are linked with, in the same way.
    start, edge, end : int
        Where the cross-products (B, o, o) of the own effects begin in the buffer, where those
        (B, o, b) with the border begin and end.
    added : ndarray of int (B b b,)
        Where cross-products of the border are added, from ``end``; what stands elsewhere already,
        behind the last place.
    read : ndarray of int (B b b,)
        Where the covariances of the border are read.
    spread : csr_array (E + 1, B b)
        Adds up what falls to each effect of the border.
    """

    own: np.ndarray
    border: np.ndarray
    start: int
    edge: int
    end: int
    added: np.ndarray
    read: np.ndarray
    spread: csr_array

    @property
    def shape(self) -> tuple[int, int, int]:
        """B, o and b."""
        return (*self.own.shape, self.border.shape[1])


@dataclass(frozen=True)
class Layout:
    """The fronts of a model and the places of their entries.

    Attributes
    ----------
    effects : Effects
        What is eliminated.
    keys : ndarray of int
        Front times E plus effect, of every border, sorted.
    local : ndarray of int (E,)
        Place of an effect among those of its front.
    starts, edges, widths, reaches, firsts : ndarray of int (fronts,)
        Where the own entries and those with the border begin, how many own effects and effects of
        the border a row of them has, and the first key of each front.
    size : int
        Entries of all fronts.
    """

    effects: Effects
    keys: np.ndarray
    local: np.ndarray
    starts: np.ndarray
    edges: np.ndarray
    widths: np.ndarray
    reaches: np.ndarray
    firsts: np.ndarray
    size: int

    def stored(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """Where the entry of effects i and j stands, i in the front that is eliminated first."""
        front = self.effects.front
        own, same = front[i], front[i] == front[j]
        out = self.starts[own] + self.local[i] * self.widths[own]
        out[same] += self.local[j[same]]
        apart = ~same
        own, i, j = own[apart], i[apart], j[apart]
        place = np.searchsorted(self.keys, own * self.effects.size + j) - self.firsts[own]
        out[apart] = self.edges[own] + self.local[i] * self.reaches[own] + place
        return out

    def read(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """Where the entry of effects i and j stands, in either order."""
        later = self.effects.depth[i] > self.effects.depth[j]
        return self.stored(np.where(later, j, i), np.where(later, i, j))

    def kept(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """Which of the entries (i, j) stand there, not those of (j, i)."""
        return self.effects.depth[i] <= self.effects.depth[j]


@dataclass(frozen=True)
class Coupled:
    """Pairs of effects of the same group in the fronts of a block, an effect with itself too.

    Attributes
    ----------
    front, i, j : ndarray of int (n,)
        Front of a pair, and places of both effects there; in this order.
    place, first, second : ndarray of int (n,)
        Their place in the structure, and the random columns of both.
    size, width : int
        Own effects ``B o`` of all fronts, and o of one.
    """

    front: np.ndarray
    i: np.ndarray
    j: np.ndarray
    place: np.ndarray
    first: np.ndarray
    second: np.ndarray
    size: int
    width: int

    @classmethod
    def of(cls, effects: Effects, own: np.ndarray) -> Coupled:
        """The pairs among own effects (B, o), E where there is none."""
        there = np.flatnonzero(own.ravel() < effects.size)
        number, (front, local) = own.ravel()[there], np.divmod(there, own.shape[1])
        place, column = effects.place[number], effects.column[number]
        keys = (effects.group[number], place, front)
        order = np.lexsort(keys)
        is_new = np.any([np.diff(key[order], prepend=-1) != 0 for key in keys], axis=0)
        family = np.empty(there.size, np.intp)
        family[order] = np.cumsum(is_new) - 1
        members = np.full((int(is_new.sum()), int(effects.column.max(initial=0)) + 1), -1)
        members[family, column] = local
        one, second = np.nonzero(members[family] >= 0)
        other = members[family[one], second]
        order = np.lexsort((other, one))
        one, other, second = one[order], other[order], second[order]
        return cls(
            front[one], local[one], other, place[one], column[one], second, own.size, own.shape[1]
        )

    @cached_property
    def is_single(self) -> bool:
        """Whether each group has one effect."""
        return bool((self.i == self.j).all())

    @cached_property
    def of_places(self) -> list[np.ndarray]:
        """Pairs of each place of the structure."""
        return [np.flatnonzero(self.place == p) for p in range(int(self.place.max(initial=-1)) + 1)]

    @cached_property
    def columns(self) -> np.ndarray:
        """Column (n,) of each pair in the matrix of all fronts."""
        return self.front * self.width + self.j

    @cached_property
    def ends(self) -> np.ndarray:
        """Pairs before each row of that matrix, (B o + 1,)."""
        rows = self.front * self.width + self.i
        return np.searchsorted(rows, np.arange(self.size + 1))


@dataclass(frozen=True)
class Fronts:
    """All fronts of a model, those eliminated first first.

    Attributes
    ----------
    layout : Layout
        Places of the entries.
    blocks : tuple of Block
        The fronts.
    """

    layout: Layout
    blocks: tuple[Block, ...]

    @cached_property
    def coupled(self) -> list[Coupled]:
        """Pairs of effects of the same group, for each block."""
        effects = self.layout.effects
        return [Coupled.of(effects, block.own) for block in self.blocks]


def fronts_of(
    effects: Effects, containers: Containers, rows: np.ndarray, columns: np.ndarray
) -> Fronts:
    """Lay out the fronts of a model.

    Parameters
    ----------
    effects : Effects
        What is eliminated.
    containers : Containers
        The order of the fronts.
    rows, columns : ndarray of int
        Pairs of effects that share rows, or a unit that is eliminated before all fronts; both
        orders of each.
    """
    count, depth = containers.depth.size, containers.depth
    borders = _borders(effects, depth, rows, columns)
    order = np.lexsort((np.arange(effects.size), effects.front))
    n_own = np.bincount(effects.front, minlength=count)
    first = np.concatenate([[0], np.cumsum(n_own)])
    local = np.empty(effects.size, np.intp)
    local[order] = np.arange(effects.size) - first[effects.front[order]]
    n_border = np.bincount(borders // effects.size, minlength=count)
    firsts = np.concatenate([[0], np.cumsum(n_border)])
    members = [
        like
        for step in range(int(depth.max()) + 1)
        for like in _alike(np.flatnonzero((depth == step) & (n_own > 0)), n_own, n_border)
    ]
    parts, at = [], 0
    table = np.zeros((4, count), np.intp)
    for fronts in members:
        own = _filled(order, first[fronts], n_own[fronts], effects.size)
        border = _filled(borders % effects.size, firsts[fronts], n_border[fronts], effects.size)
        edge = at + own.size * own.shape[1]
        table[0, fronts] = at + np.arange(fronts.size) * own.shape[1] ** 2
        table[1, fronts] = edge + np.arange(fronts.size) * own.shape[1] * border.shape[1]
        table[2, fronts], table[3, fronts] = own.shape[1], border.shape[1]
        end = edge + own.size * border.shape[1]
        parts.append((own, border, at, edge, end))
        at = end
    layout = Layout(effects, borders, local, *table, firsts[:-1], at)
    return Fronts(layout, tuple(_block(layout, *part) for part in parts))


def _alike(fronts: np.ndarray, n_own: np.ndarray, n_border: np.ndarray) -> list[np.ndarray]:
    """Fronts of one depth in sets of like size."""
    fronts = fronts[np.lexsort((n_border[fronts], n_own[fronts]))]
    out = []
    while fronts.size:
        most = LIKE * n_own[fronts[0]] + SLACK
        like = int(np.searchsorted(n_own[fronts], most, side="right"))
        out += _like_borders(fronts[:like], n_border)
        fronts = fronts[like:]
    return out


def _like_borders(fronts: np.ndarray, n_border: np.ndarray) -> list[np.ndarray]:
    """Fronts in sets with borders of like size, where filled up to one size they hold too much."""
    fronts = fronts[np.argsort(n_border[fronts], kind="stable")]
    out = []
    while fronts.size and fronts.size * n_border[fronts[-1]] ** 2 > MANY_CELLS:
        least = (n_border[fronts[-1]] - SLACK) / LIKE
        first = int(np.searchsorted(n_border[fronts], least))
        out.append(fronts[first:])
        fronts = fronts[:first]
    return [fronts, *reversed(out)] if fronts.size else out[::-1]


def _filled(members: np.ndarray, first: np.ndarray, counts: np.ndarray, nothing: int) -> np.ndarray:
    """Members of each front as rows of one length."""
    places = np.arange(int(counts.max(initial=0)))
    inside = places < counts[:, None]
    out = np.full(inside.shape, nothing, np.intp)
    out[inside] = members[(first[:, None] + places)[inside]]
    return out


def _borders(
    effects: Effects, depth: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> np.ndarray:
    """Front times E plus effect of every border, sorted.

    A front leaves links between all effects of its border; they stand in the front of theirs that
    is eliminated next, whose border all others belong to.
    """
    size = effects.size
    later = effects.depth[rows] < effects.depth[columns]
    found = _different(effects.front[rows[later]] * size + columns[later])
    for step in range(int(depth.max())):
        here = found[depth[found // size] == step]
        if not here.size:
            continue
        front, effect = np.divmod(here, size)
        start = np.flatnonzero(np.diff(front, prepend=-1))
        counts = np.diff(np.append(start, front.size))
        next_depth = np.repeat(np.minimum.reduceat(effects.depth[effect], start), counts)
        candidates = np.where(effects.depth[effect] == next_depth, effects.front[effect], -1)
        receiver = np.repeat(np.maximum.reduceat(candidates, start), counts)
        passed = effects.front[effect] != receiver
        found = _different(np.append(found, receiver[passed] * size + effect[passed]))
    return found


def _block(
    layout: Layout, own: np.ndarray, border: np.ndarray, start: int, edge: int, end: int
) -> Block:
    size = layout.effects.size
    met = np.unique(layout.effects.front[border[border < size]])
    read, added = _in_one(layout, border, met[0]) if met.size == 1 else _in_several(layout, border)
    added -= end
    ones, places = np.ones(border.size), (border.ravel(), np.arange(border.size))
    spread = csr_array((ones, places), shape=(size + 1, border.size))
    return Block(own, border, start, edge, end, added, read, spread)


def _in_one(layout: Layout, border: np.ndarray, front: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the pairs of borders stand that lie in one front: read from there, and added there."""
    local = np.append(layout.local, -1)[border]
    rows = layout.starts[front] + local * layout.widths[front]
    read = rows[:, :, None] + local[:, None, :]
    nothing = local < 0
    read[nothing[:, :, None] | nothing[:, None, :]] = layout.size
    return read.ravel(), read.ravel().copy()


def _in_several(layout: Layout, border: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same where the effects of a border lie in several fronts."""
    size, width = layout.effects.size, border.shape[1]
    i = np.repeat(border, width, axis=1).ravel()
    j = np.tile(border, (1, width)).ravel()
    known = (i < size) & (j < size)
    read = np.full(i.size, layout.size)
    read[known] = layout.read(i[known], j[known])
    kept = known.copy()
    kept[known] = layout.kept(i[known], j[known])
    return read, np.where(kept, read, layout.size)


def all_pairs(rows: Sequence[np.ndarray], columns: Sequence[np.ndarray], size: int):
    """Different pairs among several lists of them."""
    keys = _different(np.concatenate(rows) * size + np.concatenate(columns))
    return np.divmod(keys, size)


def _different(keys: np.ndarray) -> np.ndarray:
    """Different numbers among millions, sorted."""
    keys = np.sort(keys)
    return keys[np.append(True, keys[1:] != keys[:-1])] if keys.size else keys
