"""Checks of linked waves: does what recurs fit the design, do units stay, do stable facts stay.

What contradicts the configuration is a problem, and no result is computed from it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from mlm.configuration.models import Configuration
from mlm.nouns.design import LONGITUDINAL
from mlm.results.survey.checks import FoundElsewhere, OneParent, Recurs, Stable
from mlm.results.survey.spellings import SpelledOtherwise
from mlm.rows.linking.entries.lowest_units import LowestUnits
from mlm.rows.linking.entries.wave_ids import may_recur, wave_ids
from mlm.rows.linking.folding import Folding
from mlm.rows.linking.survey_rows import SurveyRows
from mlm.rows.linking.tracks import Track

MIN_RECURRING = 0.05
"""Share of the smaller wave's units that must be found in the next wave for 'the same units'."""

MAX_RECURRING = 0.5
"""Share of recurring unique ids from which units 'drawn anew' are in doubt."""

LEAST_OF_OTHER = 0.25
"""Share of the other wave's units, persons aside, below which a part of a wave may be missing."""

MAX_CHANGED = 0.2
"""Share of pupils whose stable facts change from which ids count as given twice."""


def check_design(
    configuration: Configuration,
    rows: SurveyRows,
    tracks: Mapping[str, Track | LowestUnits],
    spelled: Sequence[SpelledOtherwise] = (),
) -> tuple[list[Recurs | OneParent | FoundElsewhere], list[str]]:
    """Checks of the recurring units, and the contradictions to the design."""
    checks, problems = [], []
    for level, units in tracks.items():
        if level not in configuration.levels_above_time:
            if level in configuration.levels_below_time:
                checks += _unexpected(configuration, rows, level)
            continue
        for flow in units.flows():
            pair, counts = (flow.wave, flow.other), (flow.stay, flow.leave, flow.new)
            are_persons = level == configuration.level_names[-1]
            check = _recurs(level, pair, *counts, are_persons=are_persons)
            if _share(check) < MIN_RECURRING:
                problems.append(_contradiction(configuration, check, spelled))
            else:
                checks.append(check)
    problems += _moves(configuration, tracks)
    checks += [_one_parent(units) for units in tracks.values() if units.by_id]
    checks += _elsewhere(configuration, rows, tracks)
    return checks, problems


def _unexpected(configuration: Configuration, rows: SurveyRows, level: str) -> Iterator[Recurs]:
    """Waves whose ids recur in the next one although the design has other units there.

    Each pair of waves is looked at by itself.
    """
    entry = configuration.level(level)
    if entry.id is None or entry.ids == "local":
        return
    waves = wave_ids(rows, configuration.unit_path(level))
    for pair, (before, after) in zip(
        itertools.pairwise(rows.waves), itertools.pairwise(waves), strict=True
    ):
        if entry.ids is None and not may_recur(before, after):
            continue
        stay = before.in_common(after)
        leave, new = before.distinct - stay, after.distinct - stay
        check = _recurs(level, pair, stay, leave, new, expected=False)
        if _share(check) > MAX_RECURRING:
            yield check


def _share(check: Recurs) -> float:
    """Share of the smaller wave's units that the other wave has."""
    return check.stay / min(check.before, check.after)


def _recurs(
    level: str,
    pair: tuple[str, str],
    stay: int,
    leave: int,
    new: int,
    *,
    expected: bool = True,
    are_persons: bool = False,
) -> Recurs:
    wave, other = pair
    fewer, more = sorted((stay + leave, stay + new))
    is_doubtful = not expected or (not are_persons and fewer < LEAST_OF_OTHER * more)
    return Recurs(
        result="warning" if is_doubtful else "ok",
        level=level,
        wave=wave,
        other=other,
        stay=stay,
        before=stay + leave,
        after=stay + new,
        expected=expected,
    )


def _one_parent(units: Track | LowestUnits) -> OneParent:
    count = units.n_shared
    result = "warning" if count else "ok"
    return OneParent(result=result, level=units.level, parent=units.parent, count=count)


def _elsewhere(
    configuration: Configuration, rows: SurveyRows, tracks: Mapping[str, Track | LowestUnits]
) -> Iterator[FoundElsewhere]:
    """Units known by their path whose id the next wave has in another unit above.

    An id counts where each of the two waves has one unit of it; a unit above that is spelled
    otherwise is no other one. It is in doubt where ids are unique in both waves and nobody said
    that they are local.
    """
    folding = Folding(rows)
    for level in configuration.levels_above_time[1:]:
        if tracks[level].by_id or level == configuration.crossed_level:
            continue
        path = configuration.unit_path(level)
        unit, codes = rows.unit(path), rows.ids(level).codes
        known = wave_ids(rows, path)
        for i, pair in enumerate(itertools.pairwise(rows.waves)):
            entries = [_only_entries(rows, unit, codes, wave) for wave in (i, i + 1)]
            size = min(len(each) for each in entries)
            before, after = (each[:size] for each in entries)
            both = np.flatnonzero((before >= 0) & (after >= 0))
            if not len(both):
                continue
            above = folding.keys(np.concatenate([before[both], after[both]]), path[-2:-1])
            count = int(np.count_nonzero(above[: len(both)] != above[len(both) :]))
            are_unique = known[i].are_unique and known[i + 1].are_unique
            is_doubtful = are_unique and configuration.level(level).ids is None
            if count:
                yield FoundElsewhere(
                    result="warning" if is_doubtful else "ok",
                    level=level,
                    parent=path[-2],
                    wave=pair[0],
                    other=pair[1],
                    count=count,
                    of=len(both),
                )


def _only_entries(rows: SurveyRows, unit: np.ndarray, codes: np.ndarray, wave: int) -> np.ndarray:
    """An entry (U,) of each id of which a wave has one unit; -1 for others."""
    first = rows.first_entries(unit, wave)
    entry = np.full(int(codes.max()) + 1, -1, dtype=np.int64)
    entry[codes[first]] = first
    entry[np.bincount(codes[first], minlength=len(entry)) != 1] = -1
    return entry


def _moves(configuration: Configuration, tracks: Mapping[str, Track | LowestUnits]) -> list[str]:
    """Units with another parent in another wave, where the level's policy is an error."""
    problems = []
    for name, units in tracks.items():
        level = configuration.level(name)
        if level.moves != "error" or not units.by_id:
            continue
        count = units.n_changed
        if count:
            problems.append(
                f"{count} of {units.n_units} {_plural(configuration, name)} have another "
                f"{units.parent} in another wave ('moves: error'); correct the ids, or choose "
                "episode, first or drop"
            )
    return problems


def _contradiction(
    configuration: Configuration, found: Recurs, spelled: Sequence[SpelledOtherwise]
) -> str:
    hint = _spelling_hint(found, spelled)
    return (
        f"design: {configuration.design} says that each {found.level} is followed over the waves, "
        f"but {found.stay} of {found.before} {_plural(configuration, found.level)} of wave "
        f"{found.wave} are found in wave {found.other} (which has {found.after}); correct "
        f"the ids, or choose the design that fits ({', '.join(map(str, LONGITUDINAL))}){hint}"
    )


def _spelling_hint(found: Recurs, spelled: Sequence[SpelledOtherwise]) -> str:
    """Sentence part on the units that would be found if a difference of spelling were ignored."""
    hints = [
        f"; {check.units} more would be found with 'ignore: [{', '.join(check.spellings)}]' of the "
        f"level: they are spelled {check.shapes[0].there} in wave {check.other} and "
        f"{check.shapes[0].here} in wave {check.wave}"
        for check in spelled
        if check.level == found.level and (check.other, check.wave) == (found.wave, found.other)
    ]
    return "".join(hints)


def _plural(configuration: Configuration, level: str) -> str:
    return configuration.level(level).plural or f"{level}s"


def check_stable_variables(
    configuration: Configuration, rows: SurveyRows
) -> tuple[list[Stable], list[str]]:
    """Checks that variables of recurring units keep their values over the waves."""
    checks, problems = [], []
    recurring = configuration.levels_above_time
    for name, variable in configuration.variables.items():
        if variable.level not in recurring or not variable.is_read:
            continue
        if variable.standardise or variable.centre:
            continue
        unit = rows.unit(configuration.unit_path(variable.level))
        changed, compared = units_that_changed(rows, unit, name)
        is_person = configuration.design.follows_lowest and variable.level == recurring[-1]
        if is_person and changed > MAX_CHANGED * compared:
            plural = _plural(configuration, variable.level)
            problems.append(
                f"{name} changes between waves for {changed} of {compared} {plural}, although it "
                f"belongs to the {variable.level}: the ids seem to be given to others in a later "
                "wave; correct the ids, or say 'level: row' if it may change"
            )
        checks.append(
            Stable(
                result="warning" if changed else "ok",
                variable=name,
                level=variable.level,
                changed=changed,
                compared=compared,
            )
        )
    return checks, problems


def units_that_changed(rows: SurveyRows, unit: np.ndarray, name: str) -> tuple[int, int]:
    """Units whose values differ, and units with a value in two waves at least.

    Parameters
    ----------
    rows : SurveyRows
        The rows of all waves.
    unit : ndarray of int (N,)
        Number of each row's unit.
    name : str
        The variable.
    """
    n_units = int(unit.max()) + 1
    seen, differs = np.zeros(n_units, dtype=np.int16), np.zeros(n_units, dtype=bool)
    known: np.ndarray | None = None
    for wave in range(len(rows.waves)):
        units, found = rows.present_values(unit, name, wave)
        known = np.zeros(n_units, dtype=found.dtype) if known is None else known
        before = seen[units] > 0
        differs[units] |= before & (known[units] != found)
        known[units[~before]] = found[~before]
        seen[units] += 1
    return int(differs.sum()), int((seen > 1).sum())
