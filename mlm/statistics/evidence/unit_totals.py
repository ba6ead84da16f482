"""Cross-products by bundle of units, over all waves, in the columns of a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.nouns.hierarchy import group_labels
from mlm.nouns.plan import Plan
from mlm.statistics.evidence.bundles import SHARED, Bundles, hashed, shared_name
from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.merging import split_time

SAME_TOTAL = 1e-8  # share by which the bundles may miss the total


@dataclass(frozen=True)
class UnitTotals:
    """Cross-products by bundle over all waves, in the columns of a sample.

    Attributes
    ----------
    outer, inner : tuple of str
    bits : int
        As in ``Bundles``.
    units, part : ndarray (B,)
        As in ``Bundles``.
    totals : ndarray (B, k, k)
        They add up to the total of the sample.
    waves : dict of str to ndarray (B, k, k)
        The same of each wave.
    """

    outer: tuple[str, ...]
    inner: tuple[str, ...]
    bits: int
    units: np.ndarray
    part: np.ndarray
    totals: np.ndarray
    waves: dict[str, np.ndarray]

    def places(self, keys: Sequence[np.ndarray], group: tuple[str, ...]) -> np.ndarray | None:
        """Bundle of each group of a level (G,), or None when its groups lie in several.

        Parameters
        ----------
        keys : sequence of ndarray (G,)
            Ids of the groups, one array an id column.
        group : tuple of str
            These id columns.
        """
        reach = self.inner if self.bits > 0 else self.outer
        if group[: len(reach)] != reach:
            return None
        outer = group_labels(keys[: len(self.outer)])
        if self.bits == SHARED:
            outer = _mapped(outer, shared_name)
        part = np.zeros(len(outer), dtype=np.int64)
        if self.bits > 0:
            part = _mapped(group_labels(keys[: len(self.inner)]), hashed) & ((1 << self.bits) - 1)
        known = {name: i for i, name in enumerate(zip(self.units, self.part.tolist(), strict=True))}
        return np.array([known[name] for name in zip(outer, part.tolist(), strict=True)])


def _mapped(texts: np.ndarray, function) -> np.ndarray:
    distinct, codes = np.unique(texts, return_inverse=True)
    return np.array([function(str(text)) for text in distinct])[codes]


def unit_totals(plan: Plan, stats: CrossProducts) -> UnitTotals | None:
    """Cross-products of all waves by bundle, in the columns of a sample.

    Parameters
    ----------
    plan : Plan
        Names the waves.
    stats : CrossProducts
        The merged sample, or an excerpt of it, with the bundles of its waves.

    Returns
    -------
    UnitTotals or None
        None where the sample has no bundles, or they do not add up to its total.
    """
    waves = stats.bundles
    if not waves or {b.wave for b in waves} != set(plan.time.waves):
        return None
    known = {b.columns: None for b in waves} | {(b.outer, b.inner): None for b in waves}
    if len(known) != 2:
        return None
    bits = min(b.bits for b in waves)
    parts = [b if b.bits == bits else b.folded(bits) for b in waves]
    names = [list(zip(b.units.tolist(), b.part.tolist(), strict=True)) for b in parts]
    order = {name: i for i, name in enumerate(dict.fromkeys(n for part in names for n in part))}
    by_wave = {}
    for bundles, own in zip(parts, names, strict=True):
        found = _expanded(plan, bundles, stats)
        if found is None:
            return None
        by_wave.setdefault(bundles.wave, np.zeros((len(order), *stats.total.shape)))
        by_wave[bundles.wave][[order[name] for name in own]] += found
    totals = sum(by_wave.values())
    off = np.abs(totals.sum(axis=0) - stats.total).max()
    if not off <= SAME_TOTAL * np.abs(stats.total).max():
        return None
    units, part = zip(*order, strict=True)
    first = parts[0]
    return UnitTotals(
        first.outer,
        first.inner,
        bits,
        np.array(units),
        np.array(part, dtype=np.int64),
        totals,
        by_wave,
    )


def _expanded(plan: Plan, bundles: Bundles, stats: CrossProducts) -> np.ndarray | None:
    """Totals of one wave in the columns of the sample, those with time included."""
    position = {column: i for i, column in enumerate(bundles.columns)}
    pick, scale = [], []
    for column in stats.columns.columns:
        rest, multiple = split_time(plan, bundles.wave, column, stats.columns)
        if rest not in position:
            return None
        pick.append(position[rest])
        scale.append(multiple)
    weights = np.array(scale)
    return bundles.totals[:, pick][:, :, pick] * np.outer(weights, weights)
