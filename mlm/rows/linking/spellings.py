"""Units that fail to recur, or to be one, for nothing but the spelling of their ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.configuration.models import Configuration
from mlm.errors import FIRST_CASES
from mlm.nouns.ids.spelling import differences, shape
from mlm.results.survey.spellings import SpelledOtherwise, TwoSpellings
from mlm.rows.linking.entries.lowest_units import LowestUnits
from mlm.rows.linking.folding import Folding
from mlm.rows.linking.survey_rows import SurveyRows
from mlm.rows.linking.tracks import Track


def spelling_checks(
    configuration: Configuration, rows: SurveyRows, tracks: Mapping[str, Track | LowestUnits]
) -> list[SpelledOtherwise]:
    """Units of a wave that would recur, or be one, if differences of spelling were ignored.

    Two units are a pair where no third one has their id when all differences are ignored. They are
    told at the level at whose own ids the spellings differ, not at those below.
    """
    folding = Folding(rows)
    checks: list[SpelledOtherwise] = []
    for level in configuration.levels_with_ids:
        track = tracks[level]
        if isinstance(track, LowestUnits):
            pairs = [*_of_rows(track)]
        else:
            pairs = [*_in_one_wave(configuration.unit_path(level), folding)]
        if level in configuration.levels_above_time:
            pairs += _between_waves(configuration.unit_path(level), track, folding)
        is_person = level == configuration.level_names[-1]
        checks += _told(pairs, track, names=not is_person)
    return checks


@dataclass(frozen=True)
class _Pair:
    """A unit of a wave and the one, of that wave or one before, that it may be.

    Attributes
    ----------
    wave, other : int
        Places of their waves.
    of : int
        Units of the level in the wave.
    ids : tuple of str
        Their ids, that of the wave first.
    """

    wave: int
    other: int
    of: int
    ids: tuple[str, str]


def _first_rows(unit: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """First of some rows of each unit (G,); -1 for units that have none."""
    first = np.full(int(unit.max()) + 1, -1, dtype=np.int64)
    first[unit[rows[::-1]]] = rows[::-1]
    return first


def _between_waves(path: Sequence[str], track: Track, folding: Folding) -> Iterator[_Pair]:
    """Units of a wave that no wave before has, though one has them spelled otherwise."""
    levels = path[-1:] if track.by_id else path
    if len(track.waves) < 2 or not folding.merges(levels):
        return
    rows, found = folding.rows, track.found
    ids = rows.ids(path[-1])
    unit = ids.codes if track.by_id else rows.unit(path)
    first = _first_rows(unit, np.arange(len(unit), dtype=np.int64))
    key, own = folding.keys(first, levels), ids.codes[first]
    for wave in range(1, len(track.waves)):
        here, before = found[:, wave], found[:, :wave].any(axis=1)
        place = _only_one(key, before & ~here)
        is_one = _only_one(key, here) >= 0
        new = np.flatnonzero(here & ~before & is_one[key] & (place[key] >= 0))
        old = place[key[new]]
        differs = own[new] != own[old]
        for i, j in zip(new[differs].tolist(), old[differs].tolist(), strict=True):
            other = int(np.flatnonzero(found[j, :wave])[-1])
            texts = ids.texts[int(own[i])].as_py(), ids.texts[int(own[j])].as_py()
            yield _Pair(wave, other, int(here.sum()), texts)


def _only_one(key: np.ndarray, units: np.ndarray) -> np.ndarray:
    """The unit (K,) among those marked (bool, G) that has a key; -1 where not exactly one has."""
    chosen = np.flatnonzero(units)
    place = np.full(int(key.max()) + 1, -1, dtype=np.int64)
    place[key[chosen]] = chosen
    place[np.bincount(key[chosen], minlength=len(place)) != 1] = -1
    return place


def _in_one_wave(path: Sequence[str], folding: Folding) -> Iterator[_Pair]:
    """Units of a wave in the same unit above that are spellings of one id."""
    if not folding.merges(path[-1:]):
        return
    rows = folding.rows
    ids, unit = rows.ids(path[-1]), rows.unit(path)
    parent = rows.unit(path[:-1]) if path[:-1] else np.zeros(len(unit), dtype=np.int8)
    for wave in range(len(rows.waves)):
        first = np.sort(rows.first_entries(unit, wave))  # as the wave has them, alone
        own = ids.codes[first]
        folds = folding.numbers(path[-1])
        key = parent[first].astype(np.int64) * (int(folds.max()) + 1) + folds[own]
        order = np.argsort(key, kind="stable")
        same = np.flatnonzero(np.diff(key[order]) == 0)
        for i in same.tolist():
            texts = (ids.texts[int(own[order[k]])].as_py() for k in (i + 1, i))
            yield _Pair(wave, wave, len(first), tuple(texts))


def _of_rows(units: LowestUnits) -> Iterator[_Pair]:
    """The same of units that are rows, in the same order."""
    for found in sorted(units.spelled, key=lambda found: (found.wave, found.parent, found.folded)):
        yield _Pair(found.wave, found.wave, int(units.rows[found.wave]), found.ids)


def _told(
    pairs: Iterable[_Pair], track: Track | LowestUnits, names: bool
) -> Iterator[SpelledOtherwise]:
    """The pairs by wave and kind of difference; ``names`` tells whether ids may be given."""
    found: dict[tuple, list[_Pair]] = {}
    for pair in pairs:
        spellings = differences(*pair.ids)
        found.setdefault((pair.wave, pair.other, spellings), []).append(pair)
    for (wave, other, spellings), same in sorted(found.items()):
        cases = [pair.ids for pair in same[:FIRST_CASES]]
        yield SpelledOtherwise(
            result="warning",
            level=track.level,
            wave=track.waves[wave],
            other=track.waves[other],
            units=len(same),
            of=same[0].of,
            spellings=spellings,
            shapes=tuple(dict.fromkeys(_spellings(map(shape, ids)) for ids in cases)),
            ids=tuple(_spellings(ids) for ids in cases) if names else (),
        )


def _spellings(texts: Iterable[str]) -> TwoSpellings:
    here, there = texts
    return TwoSpellings(here=here, there=there)
