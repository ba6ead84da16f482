"""Cross-products of parts of the rows of a wave, which jobs of their own have summed, added up.

Rows lie in the order of their ids, so that the groups of a part follow those of the part before,
and only the last of them may go on in it: then their sums need not be held to be added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial, reduce
from operator import add
from typing import Any

import numpy as np

from mlm.statistics.evidence.arrays.array_files import ChainedSums
from mlm.statistics.evidence.arrays.distinct_sums import DistinctSums, chained
from mlm.statistics.evidence.bundles import Bundles
from mlm.statistics.evidence.crossing import Crossing
from mlm.statistics.evidence.crossproducts import (
    CrossProducts,
    GroupSums,
    added_sums,
    check_addable,
)
from mlm.statistics.evidence.joining import joined


def add_row_parts(parts: Sequence[CrossProducts]) -> CrossProducts:
    """The cross-products of all rows of a wave from those of parts of them.

    Parameters
    ----------
    parts : sequence of CrossProducts
        In the order of the rows; their sums may lie in files.

    Returns
    -------
    CrossProducts
        Groups in the order, and with the sums, that all rows at once give; ``total`` and bundles
        are added part by part, and may differ from theirs by rounding.

    Raises
    ------
    StatisticsError
        When levels are nested in one part and not in another, or in none of them but in all rows.
    """
    for part in parts[1:]:
        check_addable(parts[0], part)
    levels: list[GroupSums] = []
    above: Sequence[GroupSums] = ()
    around: tuple[np.ndarray, ...] | None = None
    for own in zip(*(part.levels for part in parts), strict=True):
        found = joined(own, around)
        if above and _are_same(own, around, above, found.places):
            sums = levels[-1].sums
        else:
            sums = _sums([level.sums for level in own], found.places, found.parent.size)
        levels.append(replace(own[0], keys=found.keys, parent=found.parent, sums=sums))
        around, above = found.places, own
    size = levels[-1].size if levels else 0
    crossing = Crossing.summed([part.crossing for part in parts], around or (), size)
    bare = (replace(part, levels=(), crossing=Crossing(), bundles=()) for part in parts)
    bundles = tuple(map(Bundles.added, zip(*(part.bundles for part in parts), strict=True)))
    return replace(reduce(add, bare), levels=tuple(levels), crossing=crossing, bundles=bundles)


def _are_same(
    own: Sequence[GroupSums],
    around: Sequence[np.ndarray],
    above: Sequence[GroupSums],
    places: Sequence[np.ndarray],
) -> bool:
    """Whether each group holds one inner group, whose sums are its own."""
    return all(
        inner.sums is outer.sums and np.array_equal(at, place)
        for inner, outer, at, place in zip(own, above, around, places, strict=True)
    )


def _sums(
    parts: Sequence[Any], places: Sequence[np.ndarray], size: int
) -> ChainedSums | DistinctSums | np.ndarray:
    """Sums of a level over all parts: one after the other where their groups are so."""
    goes_on, end = [], 0
    for own in places:
        first = int(own[0]) if own.size else end
        if first not in (end, end - 1) or not np.array_equal(
            own, np.arange(first, first + own.size)
        ):
            return added_sums(parts, places, size)
        goes_on.append(first < end)
        end = first + own.size
    return chained(parts, partial(ChainedSums, goes_on=goes_on))
