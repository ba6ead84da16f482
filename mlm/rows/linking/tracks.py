"""Units of a level followed over the waves: who stays, leaves, is new, or changes its parent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlm.configuration.models import Configuration
from mlm.results.survey.survey import Flow, PersonsInFlow, UnitMoves
from mlm.rows.linking.entries.lowest_units import LowestUnits
from mlm.rows.linking.entries.wave_ids import CountedIds, WaveIds, wave_ids
from mlm.rows.linking.survey_rows import SurveyRows


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
    persons : ndarray of int, shape (G,)
        Units of the lowest level in each unit, see :func:`.persons_in_units.with_persons`.
    """

    level: str
    parent: str | None
    by_id: bool
    waves: tuple[str, ...]
    wave: np.ndarray
    unit: np.ndarray
    parent_unit: np.ndarray
    n_units: int
    persons: np.ndarray

    @property
    def found(self) -> np.ndarray:
        """Whether each unit is found in each wave, bool (G, T)."""
        matrix = np.zeros((self.n_units, len(self.waves)), dtype=bool)
        matrix[self.unit, self.wave] = True
        return matrix

    def flows(self) -> list[Flow]:
        """Numbers that stay, leave and are new from each wave to the next.

        ``back`` counts those among ``new`` that an earlier wave had. ``moved`` counts those among
        ``stay`` whose parents differ; None when units are known by their path, which a move
        would change.
        """
        found = self.found
        flows = []
        for i in range(len(self.waves) - 1):
            before, after = found[:, i], found[:, i + 1]
            kinds = {
                "stay": before & after,
                "leave": before & ~after,
                "new": ~before & after,
                "back": ~before & after & found[:, :i].any(axis=1),
            }
            flows.append(
                Flow(
                    level=self.level,
                    wave=self.waves[i],
                    other=self.waves[i + 1],
                    **{kind: int(units.sum()) for kind, units in kinds.items()},
                    moved=self._moved(i) if self.by_id else None,
                    persons=PersonsInFlow(
                        **{kind: int(self.persons[units].sum()) for kind, units in kinds.items()}
                    ),
                )
            )
        return flows

    def moves(self) -> UnitMoves:
        """Units found under several parents; no numbers where ids are local to the parent."""
        known = self.by_id
        return UnitMoves(
            level=self.level,
            parent=self.parent,
            count=self.n_changed if known else None,
            of=self.n_units if known else None,
            same_wave=self.n_shared if known else None,
        )

    @property
    def n_changed(self) -> int:
        """How many units are found with more than one parent over the waves."""
        return int(np.count_nonzero(self._with_parents(slice(None))))

    @property
    def n_shared(self) -> int:
        """How many units are found with more than one parent in one wave."""
        shared = np.zeros(self.n_units, dtype=bool)
        for i in range(len(self.waves)):
            shared |= self._with_parents(self.wave == i)
        return int(np.count_nonzero(shared))

    def _with_parents(self, sightings: np.ndarray | slice) -> np.ndarray:
        """Units (bool, G) with more than one parent among some sightings (bool, S)."""
        unit, parent = self.unit[sightings], self.parent_unit[sightings]
        one = np.empty(self.n_units, dtype=parent.dtype)
        one[unit] = parent
        several = np.zeros(self.n_units, dtype=bool)
        several[unit[one[unit] != parent]] = True
        return several

    def _moved(self, i: int) -> int:
        """Units with one parent in wave i and another one in the next wave."""
        before, after = (self._parent_in(wave) for wave in (i, i + 1))
        return int(((before >= 0) & (after >= 0) & (before != after)).sum())

    def _parent_in(self, wave: int) -> np.ndarray:
        """Parent (G,) of each unit in a wave, the last one found there; -1 where it is not."""
        parents = np.full(self.n_units, -1, dtype=np.int32)
        here = self.wave == wave
        parents[self.unit[here]] = self.parent_unit[here]
        return parents


def units_of_entries(configuration: Configuration, rows: SurveyRows, units: Track) -> np.ndarray:
    """Number (R,) of the unit of a level that each entry belongs to, as in the track."""
    path = configuration.path_in_wave(units.level)
    return rows.ids(units.level).codes if units.by_id else rows.unit(path)


def track(rows: SurveyRows, path: tuple[str, ...], ids: str | None = None) -> Track | LowestUnits:
    """Track of the units of the last level of a path, over the waves.

    Parameters
    ----------
    rows : SurveyRows
        Cleaned rows of all waves.
    path : tuple of str
        Levels from the top to the level of the units.
    ids : {"local", "global"}, optional
        What the ids are declared to be; default: found from the ids.

    Returns
    -------
    Track or LowestUnits
        The latter of units that are rows, which have no sightings.
    """
    unique = ids == "global" or ids is None and _ids_are_unique(wave_ids(rows, path))
    by_id = len(path) > 1 and unique
    if path[-1] not in rows.held:
        rows.lowest.by_id = by_id
        return rows.lowest
    number = rows.unit(path)
    parts = [rows.first_entries(number, wave) for wave in range(len(rows.waves))]
    known = rows.ids(path[-1])
    seen = np.concatenate(parts)
    unit = (known.codes if by_id else number)[seen]
    return Track(
        level=path[-1],
        parent=path[-2] if len(path) > 1 else None,
        by_id=by_id,
        waves=rows.waves,
        wave=rows.wave[seen],
        unit=unit,
        parent_unit=rows.unit(path[:-1])[seen] if len(path) > 1 else np.zeros(len(seen), np.int8),
        n_units=int(unit.max()) + 1,
        persons=np.ones(int(unit.max()) + 1, dtype=int),
    )


def _ids_are_unique(waves: Sequence[WaveIds] | Sequence[CountedIds]) -> bool:
    """Whether an id means one unit in every wave; ids that are serial in each do not."""
    return all(ids.are_unique for ids in waves) and not all(ids.are_serial for ids in waves)
