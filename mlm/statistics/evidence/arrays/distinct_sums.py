"""Sums of products of which many are the same, each summed and stored once.

Of candidates times columns the constant times a column is that column, the indicator of a category
times itself is itself, and ``ses`` times ``age`` is ``age`` times ``ses``: of 72 products of four
candidates and 18 columns 40 are different ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from mlm.nouns.columns import Column

GROUPS_IN_CACHE = 1 << 14  # whose sums are taken to their places while they are in the cache
_ZERO = "zero"  # products of two categories of a variable


def distinct_products(candidates: Sequence[Column], columns: Sequence[Column]) -> np.ndarray:
    """Number (q, k) of each product of a candidate and a column among the distinct ones.

    Two products have the same number where they are the same to the last bit, however often they
    are rounded: of three and more numbers the order in which they are multiplied matters.

    Parameters
    ----------
    candidates, columns : sequence of Column
        The q factors on one side, the k on the other. Numbers are in the order in which products
        come up, candidate by candidate.

    Examples
    --------
    >>> from mlm.nouns.columns import CONSTANT
    >>> ses, girl = Column(powers=(("ses", "identity", 1),)), Column((("sex", "g"),))
    >>> distinct_products([CONSTANT, girl], [CONSTANT, ses, girl])
    array([[0, 1, 2],
           [2, 3, 2]])
    """
    known: dict[Any, int] = {}
    return np.array(
        [[known.setdefault(_product(a, b), len(known)) for b in columns] for a in candidates]
    )


def _product(a: Column, b: Column) -> Any:
    """What tells a product: its categories, and its numbers in the order they are multiplied."""
    both = Column(a.indicators).times(Column(b.indicators))
    if both is None:
        return _ZERO
    own, other = _numbers(a), _numbers(b)
    if not own or not other:
        return both.indicators, own or other
    if len(own) + len(other) == 2:
        return both.indicators, tuple(sorted((*own, *other), key=repr))
    return both.indicators, tuple(sorted((own, other), key=repr))


def _numbers(column: Column) -> tuple:
    """The numbers that a column is the product of; of more than two the column as it is made."""
    factors = [(v, f) for v, f, exponent in column.powers for _ in range(exponent)]
    return tuple(factors) if len(factors) <= 2 else (column,)


class DistinctSums:
    """Sums (q, G, k) of products over groups, of which the distinct ones are held.

    Parameters
    ----------
    held : ndarray (1, G, m), or an array in a file
        Sums of the distinct products.
    which : ndarray of int (q, k)
        Number of the distinct product that each product is.
    """

    dtype, ndim = np.dtype(float), 3

    def __init__(self, held: Any, which: np.ndarray):
        self.held, self.which = held, np.asarray(which)
        self.shape = (self.which.shape[0], held.shape[1], self.which.shape[1])

    @property
    def size(self) -> int:
        """Number of sums."""
        return math.prod(self.shape)

    @cached_property
    def in_order(self) -> Any:
        """What is held as it is written: the sums of a group beside each other."""
        is_turned = self.is_in_memory and self.held.flags.fnc
        return np.ascontiguousarray(self.held) if is_turned else self.held

    @property
    def is_in_memory(self) -> bool:
        """Whether they are held by an array."""
        return isinstance(self.held, np.ndarray)

    def part(self, candidate: int, start: int, stop: int) -> np.ndarray:
        """Sums (n, k) of a candidate of some groups.

        Parameters
        ----------
        candidate : int
            Its place.
        start, stop : int
            The first group, and the one after the last.
        """
        return _some(self.held, start, stop).take(self.which[candidate], axis=1)

    def some(
        self,
        rows: Sequence[int] | None = None,
        groups: np.ndarray | None = None,
        columns: Sequence[int] | None = None,
    ) -> DistinctSums | np.ndarray:
        """Sums of some candidates, groups and columns; all of them by default.

        Parameters
        ----------
        rows : sequence of int, optional
            Places of the candidates.
        groups : ndarray of bool (G,), optional
            The groups.
        columns : sequence of int, optional
            Places of the columns.
        """
        which = self.which if rows is None else self.which[np.asarray(rows, dtype=np.intp)]
        which = which if columns is None else which[:, np.asarray(columns, dtype=np.intp)]
        found = DistinctSums(self.held, which)
        return found if groups is None or groups.all() else np.asarray(found)[:, groups]

    def taken(self, rows: Sequence[int], columns: Sequence[int]) -> np.ndarray:
        """Sums (r, G, j) of some candidates in some columns."""
        return np.asarray(self.some(rows, columns=columns))

    def block(
        self, rows: Sequence[int], groups: slice, columns: Sequence[int] | None = None
    ) -> np.ndarray:
        """The same (r, n, j) of groups that stand together, in some columns or all.

        Parameters
        ----------
        rows : sequence of int
            Places of the candidates.
        groups : slice
            The groups.
        columns : sequence of int, optional
            Places of the columns.
        """
        own, (start, stop, _) = self.some(rows, columns=columns), groups.indices(self.shape[1])
        out = np.empty((own.shape[0], stop - start, own.shape[2]))
        for part, values in own._blocks(start, stop):
            inside = slice(part.start - start, part.stop - start)
            for table, which in zip(out, own.which, strict=True):
                table[inside] = values.take(which, axis=1)
        return out

    def _blocks(
        self, first: int = 0, last: int | None = None
    ) -> Iterator[tuple[slice, np.ndarray]]:
        """Sums (n, m) of the distinct products, some groups at a time."""
        last = self.shape[1] if last is None else last
        for start in range(first, last, GROUPS_IN_CACHE):
            groups = slice(start, min(start + GROUPS_IN_CACHE, last))
            yield groups, _some(self.held, groups.start, groups.stop)

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        return self.block(range(self.shape[0]), slice(None))

    def __getitem__(self, key) -> np.ndarray:
        first, *rest = key if isinstance(key, tuple) else (key,)
        if isinstance(first, int | np.integer):  # columns as they are held, which sums add up by
            if not self.is_in_memory and len(rest) == 2 and isinstance(rest[1], int | np.integer):
                return self.taken([first], [rest[1]])[0, :, 0][rest[0]]
            own = self.which[first]
            table = (
                self.held[0].T[own].T if self.is_in_memory else self.part(first, 0, self.shape[1])
            )
            return table[tuple(rest)] if rest else table
        return np.asarray(self)[key]


def _some(held: Any, start: int, stop: int) -> np.ndarray:
    """Sums (n, m) of some groups, one group after the other."""
    if hasattr(held, "part"):
        return held.part(0, start, stop)
    return np.ascontiguousarray(held[0, start:stop])


def chained(parts: Sequence[Any], chain: Callable[[Sequence[Any]], Any]) -> Any:
    """Sums of groups that follow each other, of which distinct products stay so.

    Parameters
    ----------
    parts : sequence of sums (q, g, k)
        In order.
    chain : callable
        Makes one of some.
    """
    first = parts[0]
    are_alike = all(
        isinstance(part, DistinctSums) and np.array_equal(part.which, first.which) for part in parts
    )
    if not are_alike:
        return chain([np.asarray(p) if isinstance(p, DistinctSums) else p for p in parts])
    return DistinctSums(chain([part.held for part in parts]), first.which)
