"""Cross-products of bundles of outer units while their rows go by."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from mlm.nouns.columns import CONSTANT, Column, Columns
from mlm.nouns.hierarchy import group_labels
from mlm.rows.accumulating.batches import Batch
from mlm.rows.accumulating.column_blocks import BlockBuilder
from mlm.rows.accumulating.grouping import Grouping, Groups
from mlm.rows.accumulating.numbering import Numbering
from mlm.statistics.evidence.bundles import (
    MAX_BITS,
    MAX_BUNDLED,
    SHARED,
    Bundles,
    hashes,
    shared_name,
)

SPAN = 1 << MAX_BITS
# measured: a product for each run is slower than sums over all of them below SHORT numbers a run,
# where taking the sums to their places counts as so many more rows
SHORT, PLACING = 4_500, 7


@dataclass(frozen=True)
class BundledUnits:
    """What is bundled: units of a wave, and stored columns of their rows.

    Attributes
    ----------
    wave : str
        Name of the wave.
    columns : tuple of Column
        Stored columns to keep.
    outer, inner : tuple of str
        Id columns of the outermost units, and of those that are shared out over their parts.
    """

    wave: str
    columns: tuple[Column, ...]
    outer: tuple[str, ...]
    inner: tuple[str, ...]


class BundleSums:
    """Totals of bundles while their rows go by.

    They are at most ``MAX_BUNDLED`` numbers, unless a bundle a unit or 256 shared ones need more:
    as soon as they are more, parts of units are put together, and at last units.

    Parameters
    ----------
    bundled : BundledUnits
        What is bundled.
    columns : Columns
        The recipe of the rows.
    grouping : Grouping
        Numbers the units.
    """

    def __init__(self, bundled: BundledUnits, columns: Columns, grouping: Grouping):
        recipe = columns.only(dict.fromkeys([CONSTANT, *bundled.columns]))
        self._bundled, self._builder = bundled, BlockBuilder(recipe)
        self._columns, k = recipe.columns, len(recipe)
        self._is_folded, self._bits = False, 0 if bundled.outer == bundled.inner else MAX_BITS
        self._units: dict[str, int] = {}  # number of each outermost unit
        self._shared: dict[str, int] = {}  # number of each bundle that units share
        self._place = np.empty(0, dtype=np.int64)  # number of the one that each unit shares
        self._outer = _Numbers(grouping.of(bundled.outer), self._numbered)
        self._inner = _Numbers(grouping.of(bundled.inner), lambda names: hashes(names) & (SPAN - 1))
        self._codes = Numbering()  # unit and part of each bundle, as one number
        self._totals = np.zeros((64, k, k))

    def add(self, rows: Batch, values: Mapping[str, np.ndarray]) -> None:
        """Add complete rows, with their variables as arrays (n,)."""
        codes = self._outer.of(rows) * SPAN
        if self._bits > 0:
            codes += self._inner.of(rows)
        for start in range(0, rows.rows, self._builder.rows):
            part = slice(start, min(start + self._builder.rows, rows.rows))
            self._add_block(self._builder.block(values, part), codes[part])

    def _numbered(self, names: np.ndarray) -> np.ndarray:
        known = self._units
        return np.array([known.setdefault(name, len(known)) for name in names.tolist()], np.int64)

    def bundles(self) -> Bundles:
        """What was summed."""
        codes = self._codes.keys
        names = list(self._shared if self._bits == SHARED else self._units)
        found = Bundles(
            self._bundled.wave,
            self._columns,
            self._bundled.outer,
            self._bundled.inner,
            np.array([names[i] for i in codes // SPAN], dtype=str),
            codes % SPAN,
            self._bits,
            self._totals[: codes.size],
        )
        return found.folded(self._bits) if self._is_folded else found

    def _add_block(self, block: np.ndarray, codes: np.ndarray) -> None:
        """Add a block (k, n), given the unit and part of each row."""
        block, starts, places = self._runs(block, codes)
        self._reserve(self._codes.size)
        rows = block.shape[1] + PLACING * starts.size
        if len(block) ** 2 * rows < SHORT * starts.size:
            self._add_short(block, starts, places)
            return
        stops = [*starts[1:].tolist(), block.shape[1]]
        for place, start, stop in zip(places.tolist(), starts.tolist(), stops, strict=True):
            own = block[:, start:stop]
            self._totals[place] += own @ own.T

    def _add_short(self, block: np.ndarray, starts: np.ndarray, places: np.ndarray) -> None:
        """Add runs of few rows, of all bundles together."""
        for i in range(len(block)):
            sums = np.add.reduceat(block[i] * block[i:], starts, axis=1).T
            self._totals[places, i, i:] += sums
            self._totals[places, i + 1 :, i] += sums[:, 1:]

    def _runs(self, block: np.ndarray, codes: np.ndarray):
        """The block in the order of its bundles, the first row of each, and its place."""
        while True:
            known, order, coarse = self._codes.size, None, self._coarse(codes)
            if (coarse[1:] < coarse[:-1]).any():
                order = np.argsort(coarse, kind="stable")
                coarse = coarse[order]
            starts = np.flatnonzero(np.diff(coarse, prepend=-1))
            places = self._codes.codes(coarse[starts])
            if self._codes.size * len(block) ** 2 <= MAX_BUNDLED or self._bits == SHARED:
                return block if order is None else block[:, order], starts, places
            self._fold(known)

    def _coarse(self, codes: np.ndarray) -> np.ndarray:
        """Codes with as many parts a unit as there are now, or with shared bundles as units."""
        if self._bits != SHARED:
            return codes & (-SPAN | (1 << self._bits) - 1)
        new = itertools.islice(self._units, self._place.size, None)
        places = [self._shared.setdefault(shared_name(u), len(self._shared)) for u in new]
        self._place = np.concatenate([self._place, np.array(places, dtype=np.int64)])
        return self._place[codes // SPAN] * SPAN

    def _fold(self, known: int) -> None:
        """Put parts of units together, or units of one part; ``known`` bundles have rows."""
        self._is_folded, self._bits = True, self._bits - 1
        old, totals = self._codes.keys[:known], self._totals[:known]
        self._codes, self._totals = Numbering(), np.zeros_like(self._totals[:64])
        if known:
            places = self._codes.codes(self._coarse(old))
            self._reserve(self._codes.size)
            np.add.at(self._totals, places, totals)

    def _reserve(self, size: int) -> None:
        """Make room for so many bundles."""
        if size > len(self._totals):
            grown = np.zeros((max(size, 2 * len(self._totals)), *self._totals.shape[1:]))
            grown[: len(self._totals)] = self._totals
            self._totals = grown


class _Numbers:
    """A number for each group, made of its ids joined by colons."""

    def __init__(self, groups: Groups, numbers: Callable[[np.ndarray], np.ndarray]):
        self._groups, self._numbers = groups, numbers
        self._known = np.empty(0, dtype=np.int64)

    def of(self, rows: Batch) -> np.ndarray:
        """Number of each row's group (n,)."""
        codes = self._groups.codes(rows).by_row()
        first = self._known.size
        if self._groups.size > first:
            new = self._numbers(group_labels(self._groups.names(first)))
            self._known = np.concatenate([self._known, new])
        return self._known[codes]
