"""Samples of replicates from the cross-products of their classes; no row is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlm.nouns.sampling import SamplingDesign
from mlm.rows.accumulating.sampling.row_weights import RowWeights, reweighed
from mlm.rows.replicating.replicate_classes import ReplicateClasses
from mlm.statistics.evidence.crossproducts import CrossProducts


@dataclass(frozen=True)
class _Numbers:
    """Numbers of groups, as a pass over rows would have them."""

    values: np.ndarray

    def of(self, size: int) -> np.ndarray:
        """The numbers (G,)."""
        return self.values[:size]


@dataclass(frozen=True)
class _Parents:
    """Groups around groups, as a pass over rows would have them."""

    values: np.ndarray

    def parent(self, size: int) -> np.ndarray:
        """The outer group of each inner one."""
        return self.values[:size]


@dataclass(frozen=True)
class _Sized:
    size: int


@dataclass(frozen=True)
class _Seen:
    """What a pass over the rows of a replicate would have learnt of its weights."""

    design: SamplingDesign
    groups: list[_Sized]
    links: list[_Parents]
    given: list[_Numbers | None]
    is_mean: list[bool]
    rows: _Numbers
    sums: _Numbers
    squares: _Numbers
    weight: float
    n: int


def class_sample(
    base: CrossProducts,
    classes: ReplicateClasses,
    design: SamplingDesign,
    units: Sequence[np.ndarray | None],
    moved: np.ndarray,
) -> CrossProducts:
    """The sample in a replicate.

    Parameters
    ----------
    base : CrossProducts
        The sample, whose recipe and groups are those of the replicate.
    classes : ReplicateClasses
        Its sums by class.
    design : SamplingDesign
        The design of a replicate: weights are conditional, but where units have the mean of those
        of their rows.
    units : sequence of ndarray (G,) or None
        By level, outermost first: overall weights of the groups in the replicate, None where the
        design names none.
    moved : ndarray (K,)
        What multiplies the weights of each class.
    """
    size = base.levels[-1].size
    there = moved > 0.0
    parents = [level.parent for level in base.levels[1:]]
    given, around = list(units), np.ones(size)
    if design.are == "conditional":
        given, around = _conditional(units, parents, base)
    sums = np.bincount(classes.lowest, moved * classes.sums, size)
    squares = np.bincount(classes.lowest, moved**2 * classes.squares, size)
    rows = np.bincount(classes.lowest[there], classes.rows[there], size)
    seen = _Seen(
        design,
        [_Sized(level.size) for level in base.levels],
        [_Parents(parent) for parent in parents],
        [None if own is None else _Numbers(own) for own in given],
        [design.key_of(level.group) in design.mean_weights for level in base.levels],
        _Numbers(rows),
        _Numbers(sums / around),
        _Numbers(squares / around**2),
        float(sums.sum()),
        int(rows.sum()),
    )
    return _summed(base, classes, reweighed(seen), moved, around, rows)


def _conditional(
    units: Sequence[np.ndarray | None], parents: Sequence[np.ndarray], base: CrossProducts
) -> tuple[list[np.ndarray | None], np.ndarray]:
    """Weights of groups given the unit around them, and overall ones around rows (G,)."""
    out: list[np.ndarray | None] = []
    around = np.ones(base.levels[0].size)
    for place, own in enumerate(units):
        around = around if not place else around[parents[place - 1]]
        if own is None:
            out.append(None)
            continue
        ratio = np.divide(own, around, out=np.zeros(own.size), where=around > 0.0)
        out.append(ratio)
        around = own
    return out, np.where(around > 0.0, around, 1.0)


def _summed(
    base: CrossProducts,
    classes: ReplicateClasses,
    weighing: RowWeights,
    moved: np.ndarray,
    around: np.ndarray,
    rows: np.ndarray,
) -> CrossProducts:
    """Sums of the groups of each level and of all rows, from the lowest groups outwards."""
    factor = (weighing.factor / around)[classes.lowest] * moved
    products = _added(factor[:, None, None] * classes.totals, classes.lowest, rows.size)
    columns, levels, counts = base.columns.columns, [], rows.astype(float)
    for place in range(len(base.levels) - 1, -1, -1):
        level, weights = base.levels[place], weighing.groups[place]
        chosen = [columns.index(candidate) for candidate in level.candidates]
        sums = np.ascontiguousarray(products[:, chosen].transpose(1, 0, 2))
        weights = np.where(counts > 0, weights, 0.0)
        levels.append(replace(level, sums=sums, weights=weights, counts=counts))
        products = weights[:, None, None] * products
        if place:
            outer = base.levels[place - 1].size
            products = _added(products, level.parent, outer)
            counts = np.bincount(level.parent, counts, outer)
    total = products.sum(axis=0)
    total = 0.5 * (total + total.T)
    total[0, 0] = rows.sum()
    sampled = replace(base.sampled, unit=weighing.unit, replicates=None)
    return replace(
        base, total=total, levels=tuple(levels[::-1]), n_rows=int(rows.sum()), sampled=sampled
    )


def _added(values: np.ndarray, places: np.ndarray, size: int) -> np.ndarray:
    """Values (n, k, k) added up by place, (size, k, k)."""
    out = np.zeros((size, *values.shape[1:]))
    order = np.argsort(places, kind="stable")
    starts = np.flatnonzero(np.diff(places[order], prepend=-1))
    out[places[order][starts]] = np.add.reduceat(values[order], starts, axis=0)
    return out
