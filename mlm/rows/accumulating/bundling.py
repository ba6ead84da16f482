"""Cross-products of bundles of outer units, from the rows of a wave."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.nouns.columns import CONSTANT, Column, Columns
from mlm.nouns.hierarchy import Level
from mlm.rows.accumulating.batches import Batch
from mlm.rows.accumulating.blocks import BlockBuilder
from mlm.rows.accumulating.complete import CompleteRows
from mlm.rows.accumulating.grouping import Groups, groups_of
from mlm.rows.accumulating.sources import source_of
from mlm.statistics.evidence.bundles import LIMIT, MAX_BITS, SHARED, Bundles, hashed, shared_name

SPAN = 1 << MAX_BITS
MOST = 8 * LIMIT  # numbers, for one bundle a unit, from which units share bundles at once


def bundle_rows(
    data,
    columns: Columns,
    wanted: Sequence[Column],
    units: tuple[tuple[str, ...], tuple[str, ...]],
    wave: str,
) -> Bundles:
    """Cross-products of the complete rows of a wave by bundle.

    Parameters
    ----------
    data : DataFrame, path, or list of paths
        Rows, best sorted by their ids.
    columns : Columns
        The recipe of the pass: rows that lack a variable of it are left out.
    wanted : sequence of Column
        Stored columns to keep.
    units : tuple of (outer, inner)
        Id columns of the outermost units, and of those that are shared out over their parts.
    wave : str
        Name of the wave.

    Returns
    -------
    Bundles
        At most ``LIMIT`` numbers, unless a bundle a unit or 256 shared ones need more.
    """
    source = source_of(data)
    recipe = _recipe(columns, wanted)
    complete, builder = CompleteRows(columns, units[1]), BlockBuilder(recipe)
    table = _Table(units, recipe, wave)
    for batch in source.batches(list(dict.fromkeys([*columns.variables, *units[1]]))):
        found = complete.of(batch)
        if found is None:
            continue
        rows, values = found
        codes = table.codes(rows)
        for start in range(0, rows.rows, builder.rows):
            part = slice(start, min(start + builder.rows, rows.rows))
            table.add(builder.block(values, part), codes[part])
    return table.bundles()


def _recipe(columns: Columns, wanted: Sequence[Column]) -> Columns:
    chosen = tuple(dict.fromkeys([CONSTANT, *wanted]))
    scales = {(v, f) for column in chosen for v, f, _ in column.powers}
    return Columns(chosen, {key: columns.scales[key] for key in scales}, columns.categories)


class _Table:
    """Totals of bundles while the rows go by."""

    def __init__(self, units, recipe: Columns, wave: str):
        self._outer, self._inner = groups_of([Level(units[0]), Level(units[1])])
        self._names, self._recipe, self._wave = units, recipe, wave
        self._split = units[0] != units[1]
        self._labels: list[str] = []  # of the outermost units
        self._units: dict[str, int] = {}  # number of each unit, or of each shared bundle
        self._numbers = np.empty(0, dtype=np.int64)  # number of each outermost unit
        self._inner_labels: list[str] = []
        self._parts = np.empty(0, dtype=np.int64)
        self._is_shared = False
        self._place: dict[int, int] = {}
        self._totals = np.zeros((64, len(recipe), len(recipe)))

    def codes(self, batch: Batch) -> np.ndarray:
        """Unit and part of each row as one number (n,)."""
        outer = self._outer.codes(batch).by_row()
        _add_names(self._outer, self._labels)
        if not self._is_shared and self._outer.size * self._totals[0].size > MOST:
            self._share()
        self._numbers = self._extended(self._numbers, self._labels, self._number)
        codes = self._numbers[outer] * SPAN
        if self._split and not self._is_shared:
            inner = self._inner.codes(batch).by_row()
            _add_names(self._inner, self._inner_labels)
            self._parts = self._extended(self._parts, self._inner_labels, _part)
            codes += self._parts[inner]
        return codes

    @staticmethod
    def _extended(known: np.ndarray, labels: list[str], number) -> np.ndarray:
        new = np.array([number(label) for label in labels[known.size :]], dtype=np.int64)
        return np.concatenate([known, new])

    def _number(self, label: str) -> int:
        name = shared_name(label) if self._is_shared else label
        return self._units.setdefault(name, len(self._units))

    def _share(self) -> None:
        """Let units share bundles, now that they are too many for one each."""
        found = self._so_far().folded(SHARED)
        self._is_shared, self._numbers = True, np.empty(0, dtype=np.int64)
        self._units = {name: i for i, name in enumerate(found.units.tolist())}
        self._place = {i * SPAN: i for i in range(len(found.units))}
        self._totals = found.totals

    def add(self, block: np.ndarray, codes: np.ndarray) -> None:
        """Add a block (k, n), given the unit and part of each row."""
        if (codes[1:] < codes[:-1]).any():
            order = np.argsort(codes, kind="stable")
            block, codes = block[:, order], codes[order]
        starts = np.flatnonzero(np.diff(codes, prepend=-1)).tolist()
        for start, stop in zip(starts, [*starts[1:], codes.size], strict=True):
            own = block[:, start:stop]
            place = self._row(int(codes[start]))  # may make the totals anew
            self._totals[place] += own @ own.T

    def _row(self, code: int) -> int:
        place = self._place.setdefault(code, len(self._place))
        if place >= len(self._totals):
            more = np.zeros((max(place, 64), *self._totals.shape[1:]))
            self._totals = np.concatenate([self._totals, more])
        return place

    def _so_far(self) -> Bundles:
        names = list(self._units)
        codes = np.array(list(self._place), dtype=np.int64)
        bits = MAX_BITS if self._split else 0
        return Bundles(
            self._wave,
            self._recipe.columns,
            *self._names,
            np.array([names[i] for i in codes // SPAN], dtype=str),
            codes % SPAN,
            SHARED if self._is_shared else bits,
            self._totals[: codes.size],
        )

    def bundles(self) -> Bundles:
        """What was summed, folded until it is few numbers."""
        found = self._so_far()
        while found.totals.size > LIMIT and found.bits > SHARED:
            found = found.folded(found.bits - 1)
        return found


def _part(label: str) -> int:
    return hashed(label) & (SPAN - 1)


def _add_names(groups: Groups, known: list[str]) -> None:
    """Add the names of groups that are new, ids joined by colons."""
    if groups.size > len(known):
        keys = [key[len(known) :].tolist() for key in groups.names()]
        known += [":".join(map(str, key)) for key in zip(*keys, strict=True)]
