"""Levels of the hierarchy and what may vary over their groups. Layer: nouns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.nouns.columns import CONSTANT, Column
from mlm.nouns.ids.appearance import as_they_appear

ALMOST_ALL = 0.02
"""Extra children over groups up to which a level is one with the level inside it."""


@dataclass(frozen=True)
class GroupingFactor:
    """One level: the id columns that make its groups, and the columns that may vary over them.

    Attributes
    ----------
    group : tuple of str
        Id columns, outermost first; ``("county", "school")`` makes the groups ``county:school``.
    candidates : tuple of Column
        Stored columns that a random effect of this level may multiply; the constant comes first.
    """

    group: tuple[str, ...]
    candidates: tuple[Column, ...] = (CONSTANT,)

    @property
    def name(self) -> str:
        """Name of the grouping factor as lme4 writes it."""
        return ":".join(self.group)


@dataclass(frozen=True)
class Hierarchy:
    """Levels of a survey; which one lies inside which is found from the rows.

    Attributes
    ----------
    levels : tuple of Level
        One level per grouping factor, in any order.
    crossed : bool
        Whether the last level is known to be crossed with the others; what the rows at hand say of
        it, which may be some of all only, does not count then.
    """

    levels: tuple[GroupingFactor, ...]
    crossed: bool = False

    @classmethod
    def of(
        cls, groups: Iterable[tuple[tuple[str, ...], Iterable[Column]]], crossed: bool = False
    ) -> Hierarchy:
        """The hierarchy with the union of the candidates that are named for each group."""
        found: dict[tuple[str, ...], dict[Column, None]] = {}
        for group, candidates in groups:
            level = found.setdefault(group, {CONSTANT: None})
            level.update(dict.fromkeys(candidates))
        levels = tuple(GroupingFactor(group, tuple(columns)) for group, columns in found.items())
        return cls(levels, crossed)

    @property
    def id_columns(self) -> tuple[str, ...]:
        """All id columns, in order of first use."""
        return tuple(dict.fromkeys(name for level in self.levels for name in level.group))


def are_one(groups: int, children: int) -> bool:
    """Whether a level cannot be told from the one inside it: (almost) all groups have one child."""
    return children - groups <= ALMOST_ALL * groups


def group_codes(keys: Iterable[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the distinct combinations of some id columns, in order of first appearance.

    Parameters
    ----------
    keys : iterable of ndarray (n,)
        Id columns, text or integers, without missing values; taken one at a time.

    Returns
    -------
    codes : ndarray of int (n,)
        Group of each row, 0 to G - 1.
    first : ndarray of int (G,)
        First row of each group.
    """
    codes = np.zeros(0, dtype=np.intp)
    for i, key in enumerate(keys):
        part, values = as_they_appear(key)
        if i == 0 or _tells(part, len(values), codes):
            codes = part
        else:
            codes, _ = as_they_appear(codes.astype(np.int64) * len(values) + part)
    n_groups = int(codes.max()) + 1 if codes.size else 0
    first = np.empty(n_groups, dtype=np.intp)
    first[codes[::-1]] = np.arange(codes.size - 1, -1, -1)
    return codes.astype(np.intp, copy=False), first


def _tells(part: np.ndarray, n_values: int, codes: np.ndarray) -> bool:
    """Whether each value, given by its number in each row (n,), is found with one code alone."""
    found = np.empty(n_values, dtype=codes.dtype)
    found[part] = codes
    return np.array_equal(found[part], codes)


def group_labels(keys: Sequence[np.ndarray]) -> np.ndarray:
    r"""Ids of each group joined by colons, shape (G,), from one array (G,) an id column.

    A colon inside one of several ids is written ``\:``, so that other units have other labels.
    """
    if len(keys) == 1:
        return keys[0].astype(str)
    labels = _escaped(keys[0].astype(str))
    for key in keys[1:]:
        labels = np.char.add(np.char.add(labels, ":"), _escaped(key.astype(str)))
    return labels


def _escaped(ids: np.ndarray) -> np.ndarray:
    for letter in ("\\", ":"):
        if (np.char.find(ids, letter) >= 0).any():
            ids = np.char.replace(ids, letter, f"\\{letter}")
    return ids
