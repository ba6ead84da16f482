"""What the first of two passes over weighted rows learns: weights of units, sums of those of rows.

A row is scaled by what all rows of its group have, so that no row can be summed before all have
been seen. Only numbers by group are kept between the passes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mlm.nouns.levels import ROW
from mlm.nouns.sampling import SamplingDesign
from mlm.rows.accumulating.batches import Batch
from mlm.rows.accumulating.grouping import Groups
from mlm.rows.accumulating.nested_levels import Links
from mlm.rows.accumulating.nesting import Nesting
from mlm.rows.accumulating.runs import Runs

SAME_WEIGHT = 1e-6  # relative difference of two weights that are the same


class GroupNumbers:
    """One number for each group; it grows with the groups."""

    def __init__(self, start: float = 0.0):
        self._start, self._values = start, np.empty(0)

    def of(self, size: int) -> np.ndarray:
        """The numbers of the groups 0 to ``size - 1``, to read and to write."""
        if size > self._values.size:
            grown = np.full(size + size // 2, self._start)
            grown[: self._values.size] = self._values
            self._values = grown
        return self._values[:size]

    def add(self, codes: np.ndarray, values: np.ndarray | None, size: int) -> None:
        """Add a value a row to its group's number."""
        self.of(size)[:] += np.bincount(codes, values, size)


class HeldValues:
    """The value that a column has in all rows of each group, and the groups where it has others."""

    def __init__(self):
        self._value, self._differs = GroupNumbers(np.nan), GroupNumbers()

    def hold(self, codes: np.ndarray, values: np.ndarray, size: int) -> None:
        """Take note of some rows: group (n,) and value (n,) of each."""
        known = self._value.of(size)
        new = np.isnan(known[codes])
        known[codes[new]] = values[new]
        wrong = np.abs(values - known[codes]) > SAME_WEIGHT * np.abs(known[codes])
        self._differs.of(size)[codes[wrong]] = 1.0

    def of(self, size: int) -> np.ndarray:
        """The values (G,)."""
        return self._value.of(size)

    def unequal(self, size: int) -> np.ndarray:
        """Groups that have more than one value."""
        return np.flatnonzero(self._differs.of(size))


class HeldUnits:
    """Links from units to those around them, and the units that lie in several."""

    def __init__(self):
        self._links, self._several = Links(), GroupNumbers()

    def hold(self, inner: Runs, outer: Runs, size: int) -> None:
        """Take note of some rows: the inner and the outer unit of each."""
        if self._links.hold(inner, outer, size):
            return
        inner, outer = inner.by_row(), outer.by_row()
        self._several.of(size)[inner[self._links.parent[inner] != outer]] = 1.0

    def parent(self, size: int) -> np.ndarray:
        """The outer unit of each inner one."""
        return self._links.parent[:size]

    def several(self, size: int) -> np.ndarray:
        """Inner units that lie in several outer ones."""
        return np.flatnonzero(self._several.of(size))


class GroupWeights:
    """Sums of weights by group while rows go by.

    Parameters
    ----------
    design : SamplingDesign
        What was claimed.
    nesting : Nesting
        The levels, none of them crossed.

    Attributes
    ----------
    given : list of HeldValues or None
        Weights of the groups of each level, None where the design names no column.
    rows, sums, squares : GroupNumbers
        By lowest group (of no level: by nothing): rows, the sum of their weights, of the squares.
    links : list of HeldUnits
        From the groups of each level but the first to those around them.
    lighter, firsts : int, list of (float, int)
        Rows that weigh less than the innermost unit around them with a weight of its own; weight
        over that of the unit, and lowest group, of the first of them.
    n : int
        Rows.
    """

    def __init__(self, design: SamplingDesign, nesting: Nesting):
        self.design, self.nesting = design, nesting
        self.groups: list[Groups] = nesting.nested_groups
        keys = [design.key_of(level.group) for level in nesting.nested]
        self.columns = [design.weights.get(key) if key else None for key in keys]
        self.is_mean = [key in design.mean_weights for key in keys]
        self.given = [HeldValues() if column else None for column in self.columns]
        self.rows, self.sums, self.squares = GroupNumbers(), GroupNumbers(), GroupNumbers()
        self.links = [HeldUnits() for _ in self.groups[1:]]
        self.lighter, self.firsts, self.n = 0, [], 0
        self.weight = self.square = 0.0  # of overall weights
        self.psu = nesting.grouping.of(self.psu_ids) if self.psu_ids else None
        self.outermost_in_psu, self.psu_in_stratum = HeldUnits(), HeldUnits()
        self.strata = nesting.grouping.of(design.strata_ids) if design.strata else None
        self.waves = nesting.grouping.of((design.wave,)) if design.wave else None
        self.wave_rows, self.wave_weights = GroupNumbers(), GroupNumbers()

    @property
    def psu_ids(self) -> tuple[str, ...]:
        """Id columns of the clusters."""
        named = self.design.psu_ids
        return named or (self.nesting.nested[0].group if self.nesting.nested else ())

    def add(self, rows: Batch, values: Mapping[str, np.ndarray]) -> bool:
        """Add complete rows; False where levels that were taken to be nested prove crossed."""
        codes = [group.codes(rows) for group in self.groups]
        for link, outer, inner, group in zip(
            self.links, codes, codes[1:], self.groups[1:], strict=False
        ):
            link.hold(inner, outer, group.size)
            if link.several(group.size).size:
                return False
        by_row = [code.by_row() for code in codes]
        for held, column, code, group in zip(
            self.given, self.columns, by_row, self.groups, strict=True
        ):
            if held is not None:
                held.hold(code, values[column], group.size)
        own = self._own(rows, values)
        self._add_rows(own, by_row, rows.rows)
        self._find_lighter(own, by_row, values)
        self._add_clusters(rows, codes)
        overall = self.overall(rows, values)
        self.weight += float(overall.sum())
        self.square += float(overall @ overall)
        if self.waves is not None:
            wave = self.waves.codes(rows).by_row()
            self.wave_rows.add(wave, None, self.waves.size)
            self.wave_weights.add(wave, overall, self.waves.size)
        return True

    def _own(self, rows: Batch, values: Mapping[str, np.ndarray]) -> np.ndarray:
        column = self.design.weights.get(ROW)
        return np.ones(rows.rows) if column is None else np.asarray(values[column], dtype=float)

    def _add_rows(self, own: np.ndarray, by_row: Sequence[np.ndarray], n: int) -> None:
        size = self.groups[-1].size if self.groups else 1
        lowest = by_row[-1] if by_row else np.zeros(n, dtype=np.intp)
        self.rows.add(lowest, None, size)
        self.sums.add(lowest, own, size)
        self.squares.add(lowest, own * own, size)
        self.n += n

    def _find_lighter(self, own, by_row: Sequence[np.ndarray], values) -> None:
        around = [column for column in self.columns if column]
        if self.design.are != "overall" or ROW not in self.design.weights or not around:
            return
        ratio = own / values[around[-1]]
        light = np.flatnonzero(ratio < 1.0 - SAME_WEIGHT)
        self.lighter += light.size
        for row in light[: 1 - len(self.firsts)]:
            self.firsts.append((float(ratio[row]), int(by_row[-1][row])))

    def _add_clusters(self, rows: Batch, codes: Sequence[Runs]) -> None:
        if self.psu is None:
            return
        psu = self.psu.codes(rows)
        if codes:
            self.outermost_in_psu.hold(codes[0], psu, self.groups[0].size)
        if self.strata is not None:
            self.psu_in_stratum.hold(psu, self.strata.codes(rows), self.psu.size)

    def overall(self, rows: Batch, values: Mapping[str, np.ndarray]) -> np.ndarray:
        """Overall weights (n,) of some rows, as given: the row's own, or the product of all.

        Where rows have no weight of their own they have that of the innermost unit.
        """
        design = self.design
        if design.are == "conditional":
            out = np.ones(rows.rows)
            for column in design.columns:
                out = out * values[column]
            return out
        around = [column for column in self.columns if column] or list(design.columns)
        return np.asarray(values[design.weights.get(ROW, around[-1])], dtype=float)
