"""The tree of a model's nested levels in its working basis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mlm.statistics.evidence.tree import Family

ALL_GROUPS = slice(None)


@dataclass(frozen=True)
class WorkingLevel:
    """Sums of one level in the working basis, made when they are asked for.

    A level that is pooled is evaluated without them, and that of millions of pupils would take more
    time and memory than all else.

    Attributes
    ----------
    group : tuple of str
        Id columns of the level.
    columns : ndarray of int (q,)
        Working columns that carry the level's random effects.
    parent : ndarray of int (G,)
        Group of the next outer level.
    made : callable
        Makes the sums (q, n, w) of products of the random columns with all working columns, of
        groups that stand together, which a slice names.
    weights : ndarray (G,) or None
        Sampling weight of each group given the one around it.
    """

    group: tuple[str, ...]
    columns: np.ndarray
    parent: np.ndarray
    made: Callable[[slice], np.ndarray]
    weights: np.ndarray | None = None

    @cached_property
    def wide(self) -> np.ndarray:
        """The sums as (w, q, G): groups run along contiguous memory."""
        return self.some(ALL_GROUPS)

    def some(self, groups: slice) -> np.ndarray:
        """The same of groups that stand together, (w, q, n)."""
        return np.ascontiguousarray(self.made(groups).transpose(2, 0, 1))

    def only(self, units: np.ndarray) -> WorkingLevel:
        """Some units (n,) as a level."""
        return replace(
            self, parent=self.parent[units], made=lambda groups: self.sums[:, units[groups]]
        )

    @property
    def sums(self) -> np.ndarray:
        """The sums as (q, G, w)."""
        return self.wide.transpose(1, 2, 0)


@dataclass(frozen=True)
class WorkingTree:
    """The nested levels of a model; none, where all its factors are crossed.

    Attributes
    ----------
    levels : tuple of WorkingLevel
        Outermost first.
    """

    levels: tuple[WorkingLevel, ...]

    @property
    def unmade(self) -> WorkingTree:
        """The same without the sums that were made, which take room."""
        return WorkingTree(tuple(replace(level) for level in self.levels))

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Id columns of each level."""
        return tuple(level.group for level in self.levels)

    @property
    def widths(self) -> list[int]:
        """Random columns of each level."""
        return [len(level.columns) for level in self.levels]

    @property
    def sizes(self) -> list[int]:
        """Groups of each level."""
        return [level.parent.size for level in self.levels]

    @cached_property
    def overall(self) -> list[np.ndarray | None]:
        """Overall sampling weight (G,) of the groups of each level; None where there are none."""
        out: list[np.ndarray | None] = []
        for i, level in enumerate(self.levels):
            own = level.weights
            out.append(own if own is None or not i else own * out[-1][level.parent])
        return out

    @cached_property
    def parents(self) -> list[list[np.ndarray]]:
        """For the groups of each level, their group (G,) in every level around, outermost first."""
        out: list[list[np.ndarray]] = []
        for i, level in enumerate(self.levels):
            out.append(
                [around[level.parent] for around in out[i - 1]] + [level.parent] if i else []
            )
        return out

    @cached_property
    def starts(self) -> list[list[np.ndarray]]:
        """First group of each level inside every group of the levels around, as ``parents``."""
        return [[np.flatnonzero(np.diff(p, prepend=-1)) for p in level] for level in self.parents]

    @cached_property
    def families(self) -> list[Family | None]:
        """For each level, its groups by the groups of the next outer one; None for the first."""
        return [Family(level.parent) if i else None for i, level in enumerate(self.levels)]

    @cached_property
    def reach(self) -> list[list[int]]:
        """For each level, the random columns of all levels around it, none of them twice."""
        around = [level.columns.tolist() for level in self.levels]
        return [sorted({c for level in around[:i] for c in level}) for i in range(len(around))]
