"""Integers, and pairs of them, numbered in order of first appearance while they go by."""

from __future__ import annotations

import numpy as np

from mlm.nouns.ids.appearance import as_they_appear
from mlm.rows.accumulating.key_table import KeyTable

TABLE_SPAN = 1 << 26  # keys within this range are looked up in a table, others in a hash table


class Growing:
    """Integers one after the other, in an array with room for more."""

    def __init__(self, kind: type = np.int64):
        self._room, self.size = np.empty(64, dtype=kind), 0

    @property
    def values(self) -> np.ndarray:
        """What was added."""
        return self._room[: self.size]

    def add(self, values: np.ndarray) -> None:
        """Add some, (n,)."""
        size = self.size + values.size
        if size > self._room.size:
            grown = np.empty(size + size // 2, dtype=self._room.dtype)
            grown[: self.size] = self.values
            self._room = grown
        self._room[self.size : size] = values
        self.size = size


class Numbering:
    """Distinct integers, numbered in order of first appearance."""

    def __init__(self):
        self._low = 0
        self._table: np.ndarray | None = np.zeros(0, dtype=np.int32)  # code + 1; 0: not seen
        self._known: KeyTable | None = None
        self._keys = Growing()
        self.size = 0

    @property
    def keys(self) -> np.ndarray:
        """The distinct integers, by code."""
        if self._known is not None:
            return self._known.keys
        return self._keys.values

    def codes(self, keys: np.ndarray) -> np.ndarray:
        """Number of each key, shape (n,); new ones are numbered on."""
        low, high = int(keys.min()), int(keys.max())
        self._cover(low, high)
        if self._table is None:
            return self._looked_up(keys)
        places = np.subtract(keys, self._low, dtype=np.intp, casting="unsafe")
        codes = self._table[places]
        if codes.min() == 0:
            self._add(places[codes == 0])
            codes = self._table[places]
        return np.subtract(codes, 1, dtype=np.intp)

    def _add(self, places: np.ndarray) -> None:
        """Number places of the table that were not seen before, in order of first appearance."""
        order = np.arange(1, places.size + 1, dtype=np.int32)
        self._table[places[::-1]] = order[::-1]  # of equal places the first one stays
        new = places[self._table[places] == order]
        self._table[new] = np.arange(self.size + 1, self.size + 1 + new.size)
        self._keys.add(new + self._low)
        self.size += new.size

    def _looked_up(self, keys: np.ndarray) -> np.ndarray:
        local, distinct = as_they_appear(keys)
        codes = self._known.numbers(distinct.astype(np.int64, copy=False))
        self.size = self._known.size
        return codes[local]

    def _cover(self, low: int, high: int) -> None:
        """Let the table hold a range of keys, or give it up for a hash table."""
        if self._table is None:
            return
        last = self._low + self._table.size - 1
        if self._table.size and self._low <= low and high <= last:
            return
        if self._table.size:
            low, high = min(low, self._low), max(high, last)
        span = high - low + 1
        if span > TABLE_SPAN:
            known = KeyTable()
            known.numbers(self.keys)
            self._table, self._known, self._keys = None, known, Growing()
            return
        table = np.zeros(min(2 * span, TABLE_SPAN), dtype=np.int32)
        low = max(low - (table.size - span) // 2, np.iinfo(np.int64).min) if self.size else low
        if self.size:
            table[self._low - low : self._low - low + self._table.size] = self._table
        self._low, self._table = low, table


class PairNumbering:
    """Pairs of numbers from 0, numbered in order of first appearance.

    As long as each second number comes with one first number only, as ids do that are unique, the
    second number is enough to look a pair up; from then on pairs are keys of a ``Numbering``.
    """

    def __init__(self):
        self._first_of = np.empty(0, dtype=np.intp)  # by second number; -1: not seen
        self._code_of = np.empty(0, dtype=np.intp)
        self._seconds = Growing(np.intp)
        self._keys: Numbering | None = None
        self._stride, self._size = 1, 0

    @property
    def size(self) -> int:
        """Number of pairs seen."""
        return self._size if self._keys is None else self._keys.size

    def codes(self, first: np.ndarray, second: np.ndarray, n_second: int) -> np.ndarray:
        """Number of each pair (n,), where the second numbers seen so far are below ``n_second``."""
        if self._keys is None:
            codes = self._of_second(first, second, n_second)
            if codes is not None:
                return codes
            self._take_keys(n_second)
        elif n_second > self._stride:
            self._take_keys(n_second)
        return self._keys.codes(first * self._stride + second)

    def pairs(self, numbers: np.ndarray | slice = slice(None)) -> tuple[np.ndarray, np.ndarray]:
        """First and second number of each pair, or of those of some numbers."""
        if self._keys is not None:
            return np.divmod(self._keys.keys[numbers], self._stride)
        second = self._seconds.values[numbers]
        return self._first_of[second], second

    def _of_second(self, first: np.ndarray, second: np.ndarray, n_second: int):
        """Number of each pair by its second number; None when that is not enough."""
        known = self._first_of.size
        if n_second > known:
            room = np.full(n_second + n_second // 2 - known, -1, dtype=np.intp)
            self._first_of = np.concatenate([self._first_of, room])
            self._code_of = np.concatenate([self._code_of, room])
        new = np.flatnonzero(self._first_of[second] < 0)
        self._first_of[second[new[::-1]]] = first[new[::-1]]  # of several the first one stays
        if (self._first_of[second] != first).any():
            self._first_of[second[new]] = -1
            return None
        if new.size:
            order = np.arange(new.size)
            self._code_of[second[new[::-1]]] = order[::-1]
            added = second[new][self._code_of[second[new]] == order]
            self._code_of[added] = np.arange(self._size, self._size + added.size)
            self._seconds.add(added)
            self._size += added.size
        return self._code_of[second]

    def _take_keys(self, n_second: int) -> None:
        """Look pairs up by keys ``first * stride + second``, with room for more second numbers."""
        first, second = self.pairs()
        self._stride = 1 << int(2 * n_second - 1).bit_length()
        self._keys = Numbering()
        if first.size:
            self._keys.codes(first * self._stride + second)
        self._first_of = self._code_of = np.empty(0, dtype=np.intp)
        self._seconds = Growing(np.intp)
