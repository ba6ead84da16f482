"""Cross-products of bundles of outer units: what deleting or drawing units again needs.

The sums per group hold products with the columns that vary over the groups only. Leaving out a unit
takes all its products out of the total. They are kept for every outermost unit, or for parts of
it, as long as that is few numbers; beyond that units share bundles by a hash of their ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlm.nouns.columns import Column

MAX_BUNDLED = 1 << 20  # numbers of the bundles of a wave
MAX_BITS = 6  # parts of an outermost unit, as a power of two
ASCII = 128  # letters that are one byte each
SHARED = -1  # value of ``bits`` where outermost units share bundles


@dataclass(frozen=True)
class Bundles:
    """Cross-products of the bundles of one wave.

    Attributes
    ----------
    wave : str
    columns : tuple of Column
        k stored columns without time.
    outer, inner : tuple of str
        Id columns of the outermost units, and of the units whose ids share them out over parts.
    units : ndarray of str (B,)
        Outermost unit of each bundle; ``#17`` where units share bundles.
    part : ndarray of int (B,)
        Part of the unit: the hash of the inner unit's ids, modulo ``2**bits``.
    bits : int
        0: whole units; -1: units share bundles.
    totals : ndarray (B, k, k)
    """

    wave: str
    columns: tuple[Column, ...]
    outer: tuple[str, ...]
    inner: tuple[str, ...]
    units: np.ndarray
    part: np.ndarray
    bits: int
    totals: np.ndarray

    @property
    def most_bits(self) -> int:
        """Parts of units before any were put together, as a power of two."""
        return 0 if self.outer == self.inner else MAX_BITS

    @classmethod
    def added(cls, parts: Sequence[Bundles]) -> Bundles:
        """The bundles of parts of the rows of a wave, in order, as all rows at once give them."""
        bits = min(part.bits for part in parts)
        own = [part if part.bits == bits else part.folded(bits) for part in parts]
        first, k = own[0], len(own[0].columns)
        units = np.concatenate([part.units for part in own])
        numbers = np.concatenate([part.part for part in own])
        names = zip(units.tolist(), numbers.tolist(), strict=True)
        known: dict[tuple[str, int], int] = {}
        codes = np.array([known.setdefault(name, len(known)) for name in names], dtype=np.intp)
        totals = np.zeros((len(known), k, k))
        np.add.at(totals, codes, np.concatenate([part.totals for part in own]))
        place = np.unique(codes, return_index=True)[1]
        found = replace(first, units=units[place], part=numbers[place], totals=totals)
        while found.totals.size > MAX_BUNDLED and found.bits != SHARED:
            found = found.folded(found.bits - 1)
        return found if found.bits == found.most_bits else found.folded(found.bits)

    def folded(self, bits: int) -> Bundles:
        """The same with fewer parts, or with shared bundles."""
        units, part = self.units, self.part
        if bits == SHARED and self.bits != SHARED:
            units, part = np.array([shared_name(unit) for unit in units]), np.zeros_like(part)
        elif bits >= 0:
            part = part & ((1 << bits) - 1)
        names = np.char.add(np.char.add(units.astype(str), "/"), part.astype(str))
        _, first, codes = np.unique(names, return_index=True, return_inverse=True)
        totals = np.zeros((first.size, *self.totals.shape[1:]))
        np.add.at(totals, codes, self.totals)
        return replace(self, units=units[first], part=part[first], bits=bits, totals=totals)


def hashed(text: str) -> int:
    """A number from a text, the same on every machine."""
    from zlib import crc32

    return (crc32(text.encode()) * 0x9E3779B1 & 0xFFFFFFFF) >> 8  # the product mixes its bits


def hashes(texts: np.ndarray) -> np.ndarray:
    """The number of each of some texts (n,), as ``hashed`` gives it."""
    width = texts.dtype.itemsize // 4
    letters = np.ascontiguousarray(texts).view(np.uint32).reshape(texts.size, width)
    if letters.size == 0 or letters.max() >= ASCII:
        return np.array([hashed(text) for text in texts.tolist()], dtype=np.int64)
    table, crc = _crc_table(), np.full(texts.size, 0xFFFFFFFF, dtype=np.uint32)
    lengths = np.char.str_len(texts)
    for place in range(width):
        there = np.flatnonzero(lengths > place)
        found = crc[there]
        crc[there] = table[(found ^ letters[there, place]) & 0xFF] ^ (found >> np.uint32(8))
    mixed = (crc ^ np.uint32(0xFFFFFFFF)).astype(np.uint64) * np.uint64(0x9E3779B1)
    return ((mixed & np.uint64(0xFFFFFFFF)) >> np.uint64(8)).astype(np.int64)


def _crc_table() -> np.ndarray:
    """What each byte adds to a check of 32 bits, as zlib has it."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, table >> 1 ^ np.uint32(0xEDB88320), table >> 1)
    return table.astype(np.uint32)


def shared_name(unit: str) -> str:
    """Bundle of an outermost unit where units share bundles."""
    return f"#{hashed(unit) & 255}"
