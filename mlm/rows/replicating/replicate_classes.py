"""Rows of a group whose weights all replicates move alike, and their cross-products by class.

Adjustments for non-response give the pupils of one school a few factors in each replicate, by grade
and sex. Rows of one lowest group with one row of factors are a class, and what a replicate does is
known from the cross-products of its classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.nouns.hierarchy import Hierarchy, group_labels
from mlm.nouns.levels import ROW
from mlm.nouns.sampling import OF_ONE_LEVEL, SamplingDesign
from mlm.rows.accumulating.accumulate import accumulate_together
from mlm.rows.accumulating.id_columns import id_texts
from mlm.rows.accumulating.row_sums import Wanted
from mlm.rows.accumulating.sources import source_of
from mlm.rows.replicating.weighted_totals import Made
from mlm.statistics.evidence.crossproducts import CrossProducts

ROUNDING_OF_FILES = 1e-3  # difference of two factors up to which they are one number
ROWS_OF_A_CLASS = 2.0  # rows of a class on average, from which classes are fewer than rows
MOST_OF_CLASSES = 1 << 26  # of factors, and of cross-products by class: 0.5 GB each
CLASS = "replicate class"
"""Column of the classes, beside those of the rows."""


@dataclass(frozen=True)
class ReplicateClasses:
    """Sums by class of the complete rows of a sample.

    Attributes
    ----------
    totals : ndarray (K, k, k)
        Cross-products of the stored columns, of rows times their overall weight.
    lowest : ndarray of int (K,)
        Group of the lowest level.
    waves : ndarray of str (K,) or None
        Wave, where each has replicates of its own.
    factors : ndarray (K, R)
        What multiplies the weights in each replicate.
    rows, sums, squares : ndarray (K,)
        Rows, the sum of their weights, of the squares of these.
    """

    totals: np.ndarray
    lowest: np.ndarray
    waves: np.ndarray | None
    factors: np.ndarray
    rows: np.ndarray
    sums: np.ndarray
    squares: np.ndarray

    def moved(self, r: int, wave: str | None) -> np.ndarray:
        """Factor (K,) of each class in a replicate, which may be one of a wave alone."""
        own = self.factors[:, r]
        return own if wave is None else np.where(self.waves == wave, own, 1.0)


def replicate_classes(
    frame, base: CrossProducts, design: SamplingDesign, known: Sequence[str] | Made, waves: bool
) -> ReplicateClasses | None:
    """Classes of the rows of a sample; None where there are too many to be worth their sums.

    Parameters
    ----------
    frame : DataFrame of n rows
        Variables, ids, weights and replicate weights.
    base : CrossProducts
        The same rows under the weights of the sample.
    design : SamplingDesign
        Names the weights.
    known : sequence of str, or Made
        Columns of the replicate weights, or clusters of which they are made.
    waves : bool
        Whether each wave has replicates of its own.
    """
    count = known.factors.shape[1] if isinstance(known, Made) else len(known)
    if not base.levels or design.scaling in OF_ONE_LEVEL or len(frame) * count > MOST_OF_CLASSES:
        return None
    kept = np.flatnonzero(_complete(frame, base, design))
    if kept.size != base.n_obs:
        return None
    rows = frame.iloc[kept]
    weights = rows[design.weights[ROW]].to_numpy(dtype=float)
    factors = known.factors[known.places[kept]] if isinstance(known, Made) else _read(rows, known)
    if not isinstance(known, Made):
        factors = factors / weights[:, None]
    lowest = places_of(rows, base, -1)
    names = rows[design.wave].astype(str).to_numpy() if waves else np.zeros(kept.size, dtype=str)
    inside = np.unique(names, return_inverse=True)[1].ravel() + lowest * np.unique(names).size
    codes = _classes(inside, factors)
    if codes is None or (codes.max() + 1) * base.total.size > MOST_OF_CLASSES:
        return None
    size = int(codes.max()) + 1
    first = np.unique(codes, return_index=True)[1]
    sums = np.bincount(codes, weights, size)
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    moved = np.add.reduceat((factors * weights[:, None])[order], starts) / sums[:, None]
    return ReplicateClasses(
        _totals(rows, codes, base, design),
        lowest[first],
        names[first] if waves else None,
        moved,
        np.bincount(codes, minlength=size),
        sums,
        np.bincount(codes, weights**2, size),
    )


def _complete(frame, base: CrossProducts, design: SamplingDesign) -> np.ndarray:
    """Rows (n,) that have all variables of the recipe and a weight in every column."""
    variables = [name for name in base.columns.variables if name in frame]
    kept = frame[variables].notna().all(axis=1).to_numpy()
    for name in design.columns:
        kept = kept & (frame[name].to_numpy(dtype=float) > 0.0)
    return kept


def _read(rows, columns: Sequence[str]) -> np.ndarray:
    return np.column_stack([rows[name].to_numpy(dtype=float) for name in columns])


def places_of(frame, base: CrossProducts, level: int) -> np.ndarray:
    """Place (n,) of each row's unit among the groups of a level; -1 of those that it lacks."""
    own = base.levels[level]
    known = group_labels([id_texts(n, key) for n, key in zip(own.group, own.keys, strict=True)])
    labels = group_labels([id_texts(name, frame[name].to_numpy()) for name in own.group])
    order = np.argsort(known)
    found = np.minimum(np.searchsorted(known[order], labels), known.size - 1)
    places = order[found]
    return np.where(known[places] == labels, places, -1)


def _classes(groups: np.ndarray, factors: np.ndarray) -> np.ndarray | None:
    """Class (n,) of each row: in its group, all factors as those of the first row of the class."""
    codes, left, size = np.full(groups.size, -1), np.arange(groups.size), 0
    while left.size:
        if size * ROWS_OF_A_CLASS > groups.size:
            return None
        own, first, place = np.unique(groups[left], return_index=True, return_inverse=True)
        centres = factors[left[first]]
        apart = np.abs(factors[left] - centres[place.ravel()]).max(axis=1)
        same = apart <= ROUNDING_OF_FILES
        codes[left[same]] = size + place.ravel()[same]
        size, left = size + own.size, left[~same]
    return codes if size * ROWS_OF_A_CLASS <= groups.size else None


def _totals(rows, codes: np.ndarray, base: CrossProducts, design: SamplingDesign) -> np.ndarray:
    """Cross-products (K, k, k) by class, from one pass over the rows."""
    own = SamplingDesign({ROW: design.weights[ROW]}, scaling="none", psu=CLASS)
    wanted = Wanted(base.columns, Hierarchy.of(()), design=own)
    source = source_of(rows.assign(**{CLASS: codes}))
    (found,) = accumulate_together(source, [wanted])
    sampled = found.cross_products().sampled
    order = np.argsort(sampled.clusters.names.astype(int))
    return sampled.clusters.totals[order] * sampled.unit
