"""Containers: groups inside which all that an effect shares rows with lies.

A teacher shares rows with pupils, most of them of one school. Where every row of an effect lies in
one school, it can be eliminated with the other effects of that school, apart from all others; what
several schools share comes after them, in their county, or last of all. So the pupils who stay are
eliminated first, then the effects of schools, and those who change school last, instead of all
crossed effects in one dense block.

The containers are the groups of a chain of factors, each nested in the one before it; which chain
is chosen by the multiplications that it needs.

Source: ordering by nested dissection, George (1973), SIAM Journal on Numerical Analysis 10,
345-363.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from scipy.sparse import csr_array, hstack

MAX_FACTORS = 6  # of which all chains are tried; 64 of them
ADDING = 100.0  # multiplications of a product of matrices in the time of adding up one number


@dataclass(frozen=True)
class GroupLinks:
    """The random effects of a model, crossed ones and those of the tree's level, by their groups.

    Attributes
    ----------
    sizes : tuple of (int, int)
        Random columns q and groups J: of the tree's level (if any) and of each crossed factor; q is
        0 where the model has no effect of a factor of its sample.
    meets : tuple of csr_array (sum of J, J of a factor)
        For each crossed factor, which of its groups share rows with each group of all places.
    """

    sizes: tuple[tuple[int, int], ...]
    meets: tuple[csr_array, ...]

    @property
    def place(self) -> np.ndarray:
        """Place of each group, (sum of J,)."""
        return np.repeat(np.arange(len(self.sizes)), [size for _, size in self.sizes])

    @property
    def width(self) -> np.ndarray:
        """Random columns of each group, (sum of J,)."""
        return np.repeat([q for q, _ in self.sizes], [size for _, size in self.sizes])

    @cached_property
    def inside(self) -> list[np.ndarray]:
        """For each factor, its only group that each group shares rows with (sum of J,), or -1."""
        return [_only(meets) for meets in self.meets]


@dataclass(frozen=True)
class Containers:
    """The container of each group, and the order of their elimination.

    Attributes
    ----------
    front : ndarray of int (sum of J,)
        Container of each group; the last one is the root, which holds what lies in none.
    depth : ndarray of int (containers,)
        When a container is eliminated; the finest are 0, the root comes last.
    meets : csr_array (sum of J, containers)
        Which groups share rows with a container; none with the root.
    """

    front: np.ndarray
    depth: np.ndarray
    meets: csr_array


def contained(links: GroupLinks, chain: Sequence[int]) -> Containers:
    """The containers that a chain of factors makes.

    Parameters
    ----------
    links : GroupLinks
        The groups and what they meet.
    chain : sequence of int
        Crossed factors, coarsest first, each nested in the one before.
    """
    total = links.meets[0].shape[0]
    front, depth, count = np.full(total, -1), [], 0
    for step, factor in enumerate(reversed(chain)):
        inside = links.inside[factor]
        new = (front < 0) & (inside >= 0)
        front[new] = count + inside[new]
        size = links.meets[factor].shape[1]
        depth.append(np.full(size, step))
        count += size
    front[front < 0] = count
    parts = [links.meets[factor] for factor in reversed(chain)]
    meets = hstack([*parts, csr_array((total, 1))], format="csr")
    return Containers(front, np.concatenate([*depth, [len(chain)]]), meets)


def _only(meets: csr_array) -> np.ndarray:
    """Column of the only entry of each row; -1 where there are several or none."""
    counts = np.diff(meets.indptr)
    out = np.full(counts.size, -1)
    one = np.flatnonzero(counts == 1)
    out[one] = meets.indices[meets.indptr[one]]
    return out


def chains(links: GroupLinks, trees: int) -> Iterator[tuple[int, ...]]:
    """All chains of nested crossed factors, none first.

    Parameters
    ----------
    trees : int
        Places before the crossed factors, 0 or 1.
    """
    place = links.place
    sizes = [meets.shape[1] for meets in links.meets]
    order = sorted((c for c in range(len(sizes)) if sizes[c] > 1), key=lambda c: sizes[c])
    order = order[:MAX_FACTORS]
    inside = {
        (a, b): bool(np.all(links.inside[a][place == trees + b] >= 0))
        for a, b in combinations(order, 2)
    }
    yield ()
    for length in range(1, len(order) + 1):
        for chain in combinations(order, length):
            if all(inside[pair] for pair in combinations(chain, 2)):
                yield chain


def multiplications(links: GroupLinks, found: Containers, trees: int) -> float:
    """Estimate of the multiplications of an elimination.

    The groups of the tree's level that lie in one of the finest containers are eliminated one by
    one before all others. A dense block of o effects with a border of b takes ``o^3 + 2 o^2 b +
    o b^2``, and adding up what it leaves on its border as long as ``ADDING b^2`` multiplications.
    """
    own, around = _dense_sizes(links, found, trees)
    return float(np.sum(own**3 + 2.0 * own**2 * around + (own + ADDING) * around**2))


def cells(links: GroupLinks, found: Containers, trees: int) -> float:
    """Estimate of the numbers that all fronts hold."""
    own, around = _dense_sizes(links, found, trees)
    return float(np.sum(own**2 + own * around + 2.0 * around**2))


def _dense_sizes(links: GroupLinks, found: Containers, trees: int) -> tuple[np.ndarray, np.ndarray]:
    """Effects of each container that are eliminated together, and those of its border."""
    alone = (links.place < trees) & (found.depth[found.front] == 0)
    width = links.width * ~alone
    own = np.bincount(found.front, width, minlength=found.depth.size)
    meets = found.meets.tocoo()
    later = found.depth[found.front[meets.row]] > found.depth[meets.col]
    around = np.bincount(meets.col[later], width[meets.row[later]], minlength=own.size)
    return own, around * (own > 0)


def best_containers(links: GroupLinks, trees: int) -> tuple[Containers | None, float]:
    """The containers with the fewest multiplications; None where one dense block is as good.

    Parameters
    ----------
    links : GroupLinks
        The groups and what they meet.
    trees : int
        Places before the crossed factors, 0 or 1.

    Returns
    -------
    Containers or None
    float
        Share of the multiplications of one dense block.
    """
    none, *others = chains(links, trees)
    dense = multiplications(links, contained(links, none), trees)
    best, least = None, dense
    for chain in others:
        found = contained(links, chain)
        cost = multiplications(links, found, trees)
        if cost < least:
            best, least = found, cost
    return best, least / max(dense, 1.0)
