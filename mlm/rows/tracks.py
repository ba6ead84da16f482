"""Units of a level followed over the waves: who stays, leaves, is new, or changes its parent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

MAX_SHARED_IDS = 0.05
"""Ids count as unique in the survey when at most this share of a wave's ids has several parents."""


@dataclass(frozen=True)
class Track:
    """Sightings of the units of one level: one entry for each unit, parent and wave.

    Attributes
    ----------
    level : str
        Level of the units.
    parent : str or None
        Level above it.
    by_id : bool
        Whether a unit is known by its id alone, in whatever parent it is found; otherwise by its
        path from the top.
    waves : tuple of str
        The waves in order of time.
    wave, unit, parent_unit : ndarray of int, shape (S,)
        Wave, unit (0 to G - 1) and parent of each sighting.
    n_units : int
        G.
    """

    level: str
    parent: str | None
    by_id: bool
    waves: tuple[str, ...]
    wave: np.ndarray
    unit: np.ndarray
    parent_unit: np.ndarray
    n_units: int

    @property
    def found(self) -> np.ndarray:
        """Whether each unit is found in each wave, bool (G, T)."""
        matrix = np.zeros((self.n_units, len(self.waves)), dtype=bool)
        matrix[self.unit, self.wave] = True
        return matrix

    def flows(self) -> list[dict]:
        """Numbers that stay, leave and are new from each wave to the next.

        ``back`` counts those among ``new`` that an earlier wave had. ``moved`` counts those among
        ``stay`` whose parents differ; null when units are known by their path, which a move
        would change.
        """
        found = self.found
        flows = []
        for i in range(len(self.waves) - 1):
            before, after = found[:, i], found[:, i + 1]
            flows.append(
                {
                    "level": self.level,
                    "from": self.waves[i],
                    "to": self.waves[i + 1],
                    "stay": int((before & after).sum()),
                    "leave": int((before & ~after).sum()),
                    "new": int((~before & after).sum()),
                    "back": int((~before & after & found[:, :i].any(axis=1)).sum()),
                    "moved": self._moved(i) if self.by_id else None,
                }
            )
        return flows

    def changed_parent(self) -> np.ndarray:
        """Units (G,) that are found with more than one parent over the waves."""
        return self._parents_of(np.ones(len(self.unit), dtype=bool)) > 1

    def shared_in_a_wave(self) -> np.ndarray:
        """Units (G,) that are found with more than one parent in one wave."""
        shared = np.zeros(self.n_units, dtype=bool)
        for i in range(len(self.waves)):
            shared |= self._parents_of(self.wave == i) > 1
        return shared

    def _parents_of(self, sightings: np.ndarray) -> np.ndarray:
        """Number of different parents (G,) among some sightings (bool, S)."""
        n_parents = int(self.parent_unit.max()) + 1
        pairs = np.unique(self.unit[sightings] * n_parents + self.parent_unit[sightings])
        return np.bincount(pairs // n_parents, minlength=self.n_units)

    def _moved(self, i: int) -> int:
        """Units with one parent in wave i and another one in the next wave."""
        parents = np.full((self.n_units, 2), -1)
        for column, wave in enumerate((i, i + 1)):
            here = self.wave == wave
            parents[self.unit[here], column] = self.parent_unit[here]
        both = (parents >= 0).all(axis=1)
        return int((parents[both, 0] != parents[both, 1]).sum())


def track(
    tables: Mapping[str, pd.DataFrame], path: tuple[str, ...], ids: str | None = None
) -> Track:
    """Track of the units of the last level of a path, over the waves.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Cleaned rows by wave, in order of time.
    path : tuple of str
        Levels from the top to the level of the units.
    ids : {"local", "global"}, optional
        What the ids are declared to be; default: found from the ids.
    """
    names = list(path)
    parts = [table[names].drop_duplicates() for table in tables.values()]
    sightings = pd.concat(parts, ignore_index=True)
    wave = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    unique = ids == "global" or ids is None and _ids_are_unique(parts, path[-1])
    by_id = len(path) > 1 and unique
    unit = _codes(sightings, names[-1:] if by_id else names)
    parent = _codes(sightings, names[:-1]) if len(path) > 1 else np.zeros(len(sightings), int)
    return Track(
        level=path[-1],
        parent=path[-2] if len(path) > 1 else None,
        by_id=by_id,
        waves=tuple(tables),
        wave=wave,
        unit=unit,
        parent_unit=parent,
        n_units=int(unit.max()) + 1,
    )


def _codes(frame: pd.DataFrame, names: list[str]) -> np.ndarray:
    return frame.groupby(names, sort=False).ngroup().to_numpy()


def _ids_are_unique(parts: list[pd.DataFrame], level: str) -> bool:
    """Whether hardly any id of a level occurs under two parents in one wave.

    Ids that are just the row numbers 1 to n of each file are not taken as unique.
    """
    for part in parts:
        ids = part[level]
        if ids.nunique() < (1 - MAX_SHARED_IDS) * len(ids):
            return False
    return not all(_are_row_numbers(part[level]) for part in parts)


def _are_row_numbers(ids: pd.Series) -> bool:
    numbers = pd.to_numeric(ids, errors="coerce")
    if numbers.isna().any():
        return False
    return numbers.min() in (0, 1) and numbers.max() - numbers.min() + 1 == len(ids)
