"""Weights of rows and units in the sums, from what the first pass has learnt: conditional, scaled.

With W the overall weight of a unit, ``w = W / W_parent`` is its weight given that the unit around
it is in the sample; overall weights are products of these. Within each group of a level the
weights of what lies directly inside are multiplied by a constant.

Source
------
Pfeffermann et al. (1998), J. R. Statist. Soc. B 60, 23-40, section 3 (methods 2 and 3); Graubard
and Korn (1996), Stat. Methods Med. Res. 5, 263-281 (``gk``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.nouns.levels import ROW
from mlm.nouns.sampling import OF_ONE_LEVEL, SamplingDesign, Scaling
from mlm.rows.accumulating.batches import Batch
from mlm.rows.accumulating.sampling.faults import refuse_unfit
from mlm.rows.accumulating.sampling.group_weights import SAME_WEIGHT, GroupWeights


@dataclass(frozen=True)
class RowWeights:
    """How the rows and units of a sample are weighed.

    Attributes
    ----------
    seen : GroupWeights
        What the first pass has learnt.
    groups : list of ndarray (G,)
        Weight of each group of each level given that the group around it is in the sample, scaled;
        of the outermost in ``unit``.
    factor : ndarray (G,)
        What the weight of a row, as given, is multiplied by in each lowest group.
    unit : float
        Mean overall weight of a row, scaled.
    """

    seen: GroupWeights
    groups: list[np.ndarray]
    factor: np.ndarray
    unit: float

    @property
    def design(self) -> SamplingDesign:
        """What was claimed."""
        return self.seen.design

    def rows(self, level: int) -> np.ndarray:
        """Rows (G,) of the groups of a level."""
        return rows_of(self.seen, level)

    @property
    def are_rows_equal(self) -> bool:
        """Whether all rows of a lowest group have one weight."""
        seen = self.seen
        if self._are_ones or not seen.groups:
            return True
        size = seen.groups[-1].size
        rows, sums, squares = (t.of(size) for t in (seen.rows, seen.sums, seen.squares))
        return bool((rows * squares - sums**2 <= SAME_WEIGHT * sums**2).all())

    @property
    def _are_ones(self) -> bool:
        return ROW not in self.design.weights or self.design.scaling in OF_ONE_LEVEL

    def of(
        self, rows: Batch, values: Mapping[str, np.ndarray], by_row: Sequence[np.ndarray]
    ) -> tuple[list[np.ndarray], np.ndarray]:
        """Weights (n,) of some rows, given the number of their group at each level.

        Returns
        -------
        inside : list of ndarray (n,)
            By level: given that the group of that level is in the sample.
        overall : ndarray (n,)
        """
        if not by_row:
            return [], self.seen.overall(rows, values) / self.unit
        own = self.factor[by_row[-1]]
        if not self._are_ones:
            own = own * values[self.design.weights[ROW]]
        inside = [own]
        for weights, codes in zip(self.groups[:0:-1], by_row[:0:-1], strict=True):
            inside.append(inside[-1] * weights[codes])
        return inside[::-1], inside[-1] * self.groups[0][by_row[0]]


def row_weights(seen: GroupWeights) -> RowWeights:
    """The weights that follow from a first pass over all rows.

    Raises
    ------
    SamplingError
        Where the weights, clusters or strata are not those of the design.
    """
    levels, below = _around_rows(seen)
    refuse_unfit(seen, levels, below)
    return reweighed(seen)


def _around_rows(seen: GroupWeights) -> tuple[list[np.ndarray], np.ndarray]:
    """Conditional weights of groups by level, and what those of rows are divided by."""
    overall = _overall(seen)
    below = overall[-1] if overall else np.ones(1)
    if ROW not in seen.design.weights:  # a row is in the sample where its group is
        below = np.ones(below.size)
    return _conditional(seen, overall), below


def reweighed(seen: GroupWeights) -> RowWeights:
    """The same of rows that are known to be fit, such as those of a replicate."""
    levels, below = _around_rows(seen)
    sizes = [group.size for group in seen.groups]
    parents = [link.parent(n) for link, n in zip(seen.links, sizes[1:], strict=True)]
    size = sizes[-1] if sizes else 1
    rows, sums, squares = (t.of(size).copy() for t in (seen.rows, seen.sums, seen.squares))
    if not sizes:
        return RowWeights(seen, [], np.ones(1), seen.weight / seen.n)
    sums, squares = sums / below, squares / below**2
    factor, held = _of_rows(seen.design.scaling, rows, sums, squares)
    if seen.design.scaling == "gk":
        levels[-1] = levels[-1] * np.divide(sums, rows, out=np.ones(size), where=rows > 0)
    if seen.design.scaling not in OF_ONE_LEVEL:
        factor = factor / below
        for i, parent in enumerate(parents):
            levels[i + 1] = levels[i + 1] * _of_groups(
                seen.design.scaling, levels[i + 1], parent, sizes[i], rows_of(seen, i + 1)
            )
    total = held * levels[-1]
    for i in range(len(levels) - 2, -1, -1):
        there = rows_of(seen, i + 1) > 0
        total = np.bincount(parents[i][there], total[there], sizes[i]) * levels[i]
    unit = float(total.sum()) / seen.n
    levels[0] = levels[0] / unit
    return RowWeights(seen, levels, factor, unit)


def rows_of(seen: GroupWeights, level: int) -> np.ndarray:
    """Rows (G,) of the groups of a level; ids that are known from a list need have none."""
    return _added_up(seen, seen.rows.of(seen.groups[-1].size), level)


def _added_up(seen: GroupWeights, values: np.ndarray, level: int) -> np.ndarray:
    """Sums over the groups of a level of values by lowest group."""
    for i in range(len(seen.groups) - 1, level, -1):
        parent = seen.links[i - 1].parent(seen.groups[i].size)
        there = parent >= 0
        values = np.bincount(parent[there], values[there], seen.groups[i - 1].size)
    return values


def _overall(seen: GroupWeights) -> list[np.ndarray]:
    """Overall weight of the groups of each level that those inside it are divided by; else ones."""
    if seen.design.are == "conditional":
        return [np.ones(group.size) for group in seen.groups]
    out: list[np.ndarray] = []
    for i, group in enumerate(seen.groups):
        if seen.given[i] is not None:
            out.append(seen.given[i].of(group.size).copy())
        elif seen.is_mean[i]:
            rows = rows_of(seen, i)
            sums = _added_up(seen, seen.sums.of(seen.groups[-1].size), i)
            out.append(np.divide(sums, rows, out=np.ones(group.size), where=rows > 0))
        elif i == 0:
            out.append(np.ones(group.size))
        else:
            out.append(out[-1][seen.links[i - 1].parent(group.size)])
        out[-1][rows_of(seen, i) == 0] = 1.0
    return out


def _conditional(seen: GroupWeights, overall: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Weight of each group given the one around it, by level."""
    if seen.design.are == "conditional":
        return [
            np.ones(group.size) if held is None else _filled(held.of(group.size))
            for held, group in zip(seen.given, seen.groups, strict=True)
        ]
    out = [overall[0].copy()] if overall else []
    for i in range(1, len(overall)):
        out.append(overall[i] / overall[i - 1][seen.links[i - 1].parent(overall[i].size)])
    return out


def _filled(values: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), 1.0, values)


def _of_rows(
    scaling: Scaling, rows: np.ndarray, sums: np.ndarray, squares: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What weights of rows are multiplied by in each lowest group, and what they then sum to."""
    if scaling in OF_ONE_LEVEL:
        return np.ones(rows.size), rows
    factor = _factor(scaling, rows, sums, squares)
    return factor, factor * sums


def _factor(scaling: Scaling, counts, sums, squares) -> np.ndarray:
    """The constant of each group, from the number, sum and sum of squares of the weights in it."""
    if scaling == "none":
        return np.ones(counts.size)
    above, below = (counts, sums) if scaling == "size" else (sums, squares)
    return np.divide(above, below, out=np.ones(counts.size), where=below > 0)


def _of_groups(scaling: Scaling, weights, parent, size: int, rows: np.ndarray) -> np.ndarray:
    """The constant of each group of a level, by the group around it."""
    there = rows > 0
    around, own = parent[there], weights[there]
    counts = np.bincount(around, minlength=size)
    sums, squares = (np.bincount(around, values, size) for values in (own, own * own))
    out = np.ones(weights.size)
    out[there] = _factor(scaling, counts, sums, squares)[around]
    return out
