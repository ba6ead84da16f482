"""Cross-products of bundles of outer units: what deleting or drawing units again needs.

The sums per group hold products with the columns that vary over the groups only. Leaving out a unit
takes all its products out of the total. They are kept for every outermost unit, or for parts of
it, as long as that is few numbers; beyond that units share bundles by a hash of their ids.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mlm.nouns.columns import Column

MAX_BUNDLED = 1 << 20  # numbers of the bundles of a wave
MAX_BITS = 6  # parts of an outermost unit, as a power of two
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


def shared_name(unit: str) -> str:
    """Bundle of an outermost unit where units share bundles."""
    return f"#{hashed(unit) & 255}"
