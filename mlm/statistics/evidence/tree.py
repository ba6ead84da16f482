"""The tree of nested groups: levels of groups, each in one group of the next outer level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from mlm.nouns.hierarchy import group_labels

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# rows above which a unit is there
PRESENT = 0.5

# groups of a family, on average, from which its sum is started on its own
LONG_FAMILY = 12


class GroupNames(Sequence):
    """Ids of groups, outermost first, from the ids at each level.

    Parameters
    ----------
    keys : sequence of ndarray (G,)
        Ids of each group, level by level.
    """

    def __init__(self, keys: Sequence[np.ndarray]):
        self._keys = keys

    def __len__(self) -> int:
        return len(self._keys[0])

    def __getitem__(self, place: int | slice) -> Any:
        if not isinstance(place, slice):
            place = range(len(self))[place]
            return self[place : place + 1][0]
        return list(zip(*(key[place].astype(str).tolist() for key in self._keys), strict=True))


class Grouped:
    """Sums over groups: a base for records with ``group``, ``keys`` and ``sums`` (q, G, k).

    Groups that weigh have ``weights`` and ``counts`` (G,) too; both are None where none do.
    """

    group: tuple[str, ...]
    keys: tuple[np.ndarray, ...]
    sums: np.ndarray
    weights: np.ndarray | None = None
    counts: np.ndarray | None = None

    @property
    def name(self) -> str:
        """Name of the grouping factor as lme4 writes it: ``school:pupil``."""
        return ":".join(self.group)

    @property
    def size(self) -> int:
        """Number of groups G."""
        return self.sums.shape[1]

    @cached_property
    def rows(self) -> np.ndarray:
        """Rows in each group, shape (G,)."""
        return self.sums[0, :, 0] if self.counts is None else self.counts

    @cached_property
    def ids(self) -> list[tuple[str, ...]]:
        """Ids of each group, outermost first."""
        return self.names[:]

    @property
    def names(self) -> GroupNames:
        """The same ids, each made when it is asked for."""
        return GroupNames(self.keys)

    @cached_property
    def labels(self) -> np.ndarray:
        """Ids of each group joined by colons, shape (G,)."""
        return group_labels(self.keys)

    def kept(self, mask: np.ndarray) -> Self:
        """The same with some of its groups, (G,) of bool; what points at groups stays as it is."""
        keys = tuple(key[mask] for key in self.keys)
        sums = self.sums
        own = sums.some(groups=mask) if hasattr(sums, "some") else sums[:, mask]
        if self.weights is None:
            return replace(self, keys=keys, sums=own)
        weighed = {"weights": self.weights[mask], "counts": self.counts[mask]}
        return replace(self, keys=keys, sums=own, **weighed)


class Family:
    """The groups of one level, in the order of the groups of the next outer level.

    Parameters
    ----------
    parent : ndarray of int (G,)
        That group, non-decreasing; every group has one member at least.
    """

    def __init__(self, parent: np.ndarray):
        self.parent = parent
        self._size = parent.size
        self._starts = np.flatnonzero(np.diff(parent, prepend=-1))

    @property
    def mean_size(self) -> float:
        """Groups of a family, on average."""
        return self._size / self._starts.size

    def slices(self) -> list[slice]:
        """The groups of each family."""
        ends = np.append(self._starts[1:], self._size)
        return list(map(slice, self._starts.tolist(), ends.tolist()))

    def sums(self, values: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        """Sums (w, H) over each outer group of values (w, G), times weights (G,).

        Short families are added by a sparse matrix, which is several times faster than starting
        a sum for each of them.
        """
        if self.mean_size >= LONG_FAMILY:
            values = values if weights is None else values * weights
            return np.add.reduceat(values, self._starts, axis=1)
        members = self._members if weights is None else self._weighed(weights)
        out = np.empty((len(values), self._starts.size))
        for total, own in zip(out, values, strict=True):
            total[:] = members @ own
        return out

    @cached_property
    def _members(self) -> csr_array:
        return self._weighed(np.ones(self._size))

    def _weighed(self, weights: np.ndarray) -> csr_array:
        from scipy.sparse import csr_array

        return csr_array((weights, *self._places), shape=(self._starts.size, self._size))

    @cached_property
    def _places(self) -> tuple[np.ndarray, np.ndarray]:
        return np.arange(self._size, dtype=np.int32), np.append(self._starts, self._size)


def inside(levels: Sequence[Any], mask: np.ndarray) -> list[np.ndarray]:
    """Which groups of each level lie in some groups of the outermost one.

    Parameters
    ----------
    levels : sequence of GroupSums
        Outermost first.
    mask : ndarray of bool (G,)
        The groups of the outermost level.

    Returns
    -------
    list of ndarray of bool
        One a level.
    """
    out = [mask]
    for level in levels[1:]:
        out.append(out[-1][level.parent])
    return out


def kept(levels: Sequence[Any], masks: Sequence[np.ndarray]) -> tuple[Any, ...]:
    """A tree with some of its groups.

    Parameters
    ----------
    levels : sequence of GroupSums
        Outermost first.
    masks : sequence of ndarray of bool (G,)
        Which groups of each level are kept, and with them the group around.
    """
    out: list[Any] = []
    places: np.ndarray | None = None
    for level, mask in zip(levels, masks, strict=True):
        parent = level.parent if places is None else places[level.parent]
        out.append(replace(level.kept(mask), parent=parent[mask]))
        places = np.cumsum(mask) - 1
    return tuple(out)


def without(levels: Sequence[Any], groups: Sequence[tuple[str, ...]]) -> tuple[Any, ...]:
    """A tree without some of its levels; groups hang on those of the next level that is left.

    A group's weight is then that of all that was between.
    """
    out: list[Any] = []
    links: np.ndarray | None = None
    between: np.ndarray | None = None
    for level in levels:
        parent = level.parent if links is None else links[level.parent]
        weights = level.weights if between is None else level.weights * between[level.parent]
        if level.group in groups:
            links, between = parent, weights
            continue
        changed = {"parent": parent} if between is None else {"parent": parent, "weights": weights}
        out.append(replace(level, **changed))
        links = between = None
    return tuple(out)


def outermost_of(levels: Sequence[Any], group: tuple[str, ...]) -> np.ndarray:
    """Group of the outermost level around each group (G,) of another level."""
    found = np.arange(levels[0].size)
    for level in levels[1 : [level.group for level in levels].index(group) + 1]:
        found = found[level.parent]
    return found
