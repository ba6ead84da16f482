"""Integers of any size numbered in order of first appearance, millions of them in little memory."""

from __future__ import annotations

import numpy as np

FIRST = 1 << 16  # slots of a new table
SLOTS_PER_KEY = 2  # slots for each key at least
MIX = np.uint64(0x9E3779B97F4A7C15)  # odd, with bits at random: the product mixes the key's bits


class KeyTable:
    """A hash table with open addressing; keys are looked up many at a time."""

    def __init__(self):
        self._slots = np.full(FIRST, -1, dtype=np.int32)  # number of the key that lies there
        self._keys = np.empty(FIRST // SLOTS_PER_KEY, dtype=np.int64)
        self.size = 0

    @property
    def keys(self) -> np.ndarray:
        """The keys by number."""
        return self._keys[: self.size]

    def numbers(self, keys: np.ndarray) -> np.ndarray:
        """Number of each key (n,), no two of them the same; new ones are numbered on."""
        out = self._found(keys)
        new = np.flatnonzero(out < 0)
        if new.size:
            out[new] = np.arange(self.size, self.size + new.size)
            self._reserve(self.size + new.size)
            self._keys[self.size : self.size + new.size] = keys[new]
            self._enter(np.arange(self.size, self.size + new.size))
            self.size += new.size
        return out

    def _start(self, keys: np.ndarray) -> np.ndarray:
        """Slot at which the search for a key begins."""
        bits = np.uint64(64 - (self._slots.size.bit_length() - 1))
        return (keys.view(np.uint64) * MIX >> bits).astype(np.intp)

    def _found(self, keys: np.ndarray) -> np.ndarray:
        """Number of each key, -1 where it is not known."""
        out = np.full(keys.size, -1, dtype=np.intp)
        left, at = np.arange(keys.size), self._start(keys)
        while left.size:
            there = self._slots[at]
            is_key = (there >= 0) & (self._keys[there] == keys[left])
            out[left[is_key]] = there[is_key]
            on = (there >= 0) & ~is_key
            left, at = left[on], (at[on] + 1) & (self._slots.size - 1)
        return out

    def _enter(self, numbers: np.ndarray) -> None:
        """Give slots to keys that have none."""
        at = self._start(self._keys[numbers])
        while numbers.size:
            free = self._slots[at] < 0
            self._slots[at[free]] = numbers[free]  # of several keys the last one stays
            on = self._slots[at] != numbers
            numbers, at = numbers[on], (at[on] + 1) & (self._slots.size - 1)

    def _reserve(self, size: int) -> None:
        """Make room for so many keys."""
        if size > self._keys.size:
            grown = np.empty(max(size, 2 * self._keys.size), dtype=np.int64)
            grown[: self.size] = self.keys
            self._keys = grown
        slots = self._slots.size
        while slots < SLOTS_PER_KEY * size:
            slots *= 2
        if slots > self._slots.size:
            self._slots = np.full(slots, -1, dtype=np.int32)
            self._enter(np.arange(self.size))
