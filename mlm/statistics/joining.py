"""Groups of one level of several samples numbered together, in the order of the level above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.errors import StatisticsError
from mlm.hierarchy import group_codes


@dataclass(frozen=True)
class JoinedGroups:
    """The groups of a level in some samples together.

    Attributes
    ----------
    keys : tuple of ndarray (G,)
        Ids of each group, one array an id column.
    parent : ndarray of int (G,)
        Position of the enclosing group in the level above, non-decreasing.
    places : tuple of ndarray
        For each sample, the positions of its groups among all.
    """

    keys: tuple[np.ndarray, ...]
    parent: np.ndarray
    places: tuple[np.ndarray, ...]


def joined_groups(levels: Sequence, above: JoinedGroups | None) -> JoinedGroups:
    """The groups of one level of some samples, in the order of the level above.

    Parameters
    ----------
    levels : sequence of GroupSums
        The level in each sample.
    above : JoinedGroups or None
        The groups of the next outer level; None at the top.

    Raises
    ------
    StatisticsError
        When a group lies in different groups of the level above.
    """
    keys = tuple(_joined(parts) for parts in zip(*(level.keys for level in levels), strict=True))
    codes, first = group_codes(keys)
    parents = [level.parent for level in levels]
    if above is not None:
        parents = [places[own] for places, own in zip(above.places, parents, strict=True)]
    together = np.concatenate(parents)
    parent = together[first]
    order = np.argsort(parent, kind="stable")
    position = np.empty_like(order)
    position[order] = np.arange(order.size)
    codes = position[codes]
    if (together != parent[order][codes]).any():
        raise StatisticsError(
            f"cannot add: groups of {levels[0].name} lie in different groups of the level above in "
            "the samples, so the levels are not nested in the sum. Include the outer id in the "
            "group."
        )
    ends = np.cumsum([level.size for level in levels])[:-1]
    keys = tuple(key[first][order] for key in keys)
    return JoinedGroups(keys, parent[order], tuple(np.split(codes, ends)))


def _joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    if all(part.dtype.kind in "iu" for part in parts):
        return np.concatenate(parts)
    return np.concatenate([part.astype(str) for part in parts])
