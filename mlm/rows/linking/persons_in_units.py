"""Persons in the units of a level: how many people a count of units is of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mlm.configuration.models import Configuration
from mlm.rows.linking.entries.lowest_units import LowestUnits
from mlm.rows.linking.survey_rows import SurveyRows
from mlm.rows.linking.tracks import Track, units_of_entries


def with_persons(
    configuration: Configuration, rows: SurveyRows, tracks: Mapping[str, Track | LowestUnits]
) -> dict[str, Track | LowestUnits]:
    """Tracks of the levels with the units of the lowest level in each unit, over all waves.

    Each person counts once, in the unit where first found: those of some units together are never
    more than there are. Levels whose units do not recur are left as they are.

    Parameters
    ----------
    tracks : mapping of str to Track
        By level.
    """
    lowest = tracks[configuration.level_names[-1]]
    if isinstance(lowest, LowestUnits):  # others in each wave
        persons = rows.rows - lowest.again if lowest.by_id else rows.rows
        first = slice(None)
    else:
        persons, first = None, _first_sightings(configuration, rows, lowest)
    found = dict(tracks)
    for level in configuration.levels_above_time:
        units = tracks[level]
        unit = units_of_entries(configuration, rows, units)[first]
        counts = np.bincount(unit, persons, minlength=units.n_units).astype(int)
        found[level] = replace(units, persons=counts)
    return found


def _first_sightings(configuration: Configuration, rows: SurveyRows, lowest: Track) -> np.ndarray:
    """Entry in which each person is first found (P,)."""
    person = units_of_entries(configuration, rows, lowest)
    if not configuration.design.follows_lowest:
        person = person * np.int64(len(rows.waves)) + rows.wave
    first = np.full(int(person.max()) + 1, -1, dtype=np.int64)
    first[person[::-1]] = np.arange(len(person))[::-1]  # of several entries the first one stays
    return first[first >= 0]
