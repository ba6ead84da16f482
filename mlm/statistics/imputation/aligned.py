"""The groups of all patterns of missing values in one tree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlm.statistics.evidence.crossproducts import CrossProducts
from mlm.statistics.evidence.joining import joined
from mlm.statistics.evidence.pattern_sums import PatternSums


@dataclass(frozen=True)
class AlignedPattern:
    """The rows of one pattern among the columns and groups of all.

    Attributes
    ----------
    missing : tuple of str
        Variables that these rows lack.
    columns : ndarray of int (j,)
        Place of each of its columns among all stored columns.
    places : tuple of ndarray of int
        For each level, place of each of its groups among all groups.
    stats : CrossProducts
        Its sums.
    """

    missing: tuple[str, ...]
    columns: np.ndarray
    places: tuple[np.ndarray, ...]
    stats: CrossProducts


@dataclass(frozen=True)
class Aligned:
    """Sums by pattern whose groups have one numbering.

    Attributes
    ----------
    sums : PatternSums
        The sums as they were.
    patterns : tuple of AlignedPattern
        The patterns.
    keys : tuple of tuple of ndarray (G,)
        For each level, outermost first, the ids of its groups, one array an id column.
    parents : tuple of ndarray of int (G,)
        For each level, place of the group around; zeros at the top.
    """

    sums: PatternSums
    patterns: tuple[AlignedPattern, ...]
    keys: tuple[tuple[np.ndarray, ...], ...]
    parents: tuple[np.ndarray, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of groups of each level."""
        return tuple(parent.size for parent in self.parents)

    @classmethod
    def of(cls, sums: PatternSums) -> Aligned:
        """Put the groups of all patterns together.

        Raises
        ------
        StatisticsError
            When a group lies in different outer groups in two patterns.
        """
        parts = list(sums.parts.values())
        around, keys, parents, places = None, [], [], []
        for levels in zip(*(part.levels for part in parts), strict=True):
            found = joined(levels, around)
            around = found.places
            keys.append(found.keys)
            parents.append(found.parent)
            places.append(found.places)
        positions = sums.columns.positions
        patterns = tuple(
            AlignedPattern(
                missing,
                np.array([positions[column] for column in part.columns.columns]),
                tuple(level[p] for level in places),
                part,
            )
            for p, (missing, part) in enumerate(sums.parts.items())
        )
        return cls(sums, patterns, tuple(keys), tuple(parents))
