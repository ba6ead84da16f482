"""Checks of linked waves: does what recurs fit the design, do units stay, do stable facts stay.

A check is a dict with check, result (``ok``, ``warning`` or ``not known``) and detail. What
contradicts the configuration is a problem, and no result is computed from it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mlm.configuration.models import Configuration
from mlm.nouns.design import LONGITUDINAL
from mlm.rows.linking.ledger_checks import check
from mlm.rows.linking.survey_rows import SurveyRows, present
from mlm.rows.linking.tracks import Track

MIN_RECURRING = 0.05
"""Share of the smaller wave's units that must be found in the next wave for 'the same units'."""

MAX_RECURRING = 0.5
"""Share of recurring unique ids from which units 'drawn anew' are in doubt."""

MAX_CHANGED = 0.2
"""Share of pupils whose stable facts change from which ids count as given twice."""


def check_design(
    configuration: Configuration, tracks: Mapping[str, Track]
) -> tuple[list[dict], list[str]]:
    """Checks of the recurring units, and the contradictions to the design."""
    checks, problems = [], []
    for level, units in tracks.items():
        expected = level in configuration.levels_above_time
        for flow in units.flows():
            before, after = flow["stay"] + flow["leave"], flow["stay"] + flow["new"]
            share = flow["stay"] / min(before, after)
            text = (
                f"{flow['stay']} of {before} {_plural(configuration, level)} of wave "
                f"{flow['from']} are found in wave {flow['to']} (which has {after})"
            )
            if expected and share < MIN_RECURRING:
                problems.append(_contradiction(configuration, level, text))
            elif expected:
                checks.append(check(f"{level} recurs", "ok", text))
            elif units.by_id and share > MAX_RECURRING:
                checks.append(check(f"{level} is new", "warning", _doubt(configuration, text)))
    problems += _moves(configuration, tracks)
    checks += [_shared(configuration, units) for units in tracks.values() if units.by_id]
    return checks, problems


def _moves(configuration: Configuration, tracks: Mapping[str, Track]) -> list[str]:
    """Units with another parent in another wave, where the level's policy is an error."""
    problems = []
    for name, units in tracks.items():
        level = configuration.level(name)
        if level.moves != "error" or not units.by_id:
            continue
        count = int(units.changed_parent().sum())
        if count:
            problems.append(
                f"{count} of {units.n_units} {_plural(configuration, name)} have another "
                f"{units.parent} in another wave ('moves: error'); correct the ids, or choose "
                "episode, first or drop"
            )
    return problems


def _contradiction(configuration: Configuration, level: str, text: str) -> str:
    design = configuration.design
    return (
        f"design: {design} says that each {level} is followed over the waves, but {text}; correct "
        f"the ids, or choose the design that fits ({', '.join(map(str, LONGITUDINAL))})"
    )


def _doubt(configuration: Configuration, text: str) -> str:
    return (
        f"{text} although {configuration.design} takes them as different; if they are the same, "
        "choose another design"
    )


def _shared(configuration: Configuration, units: Track) -> dict:
    count = int(units.shared_in_a_wave().sum())
    names = _plural(configuration, units.level)
    text = f"{count} {names} belong to more than one {units.parent} in one wave"
    return check(f"{units.level} has one {units.parent}", "warning" if count else "ok", text)


def _plural(configuration: Configuration, level: str) -> str:
    return configuration.level(level).plural or f"{level}s"


def check_stable_variables(
    configuration: Configuration, rows: SurveyRows
) -> tuple[list[dict], list[str]]:
    """Checks that variables of recurring units keep their values over the waves."""
    checks, problems = [], []
    recurring = configuration.levels_above_time
    for name, variable in configuration.variables.items():
        if variable.level not in recurring or not variable.is_read:
            continue
        if variable.standardise or variable.centre:
            continue
        unit = rows.unit(configuration.unit_path(variable.level))
        changed, compared = _changed(rows, unit, name)
        plural = _plural(configuration, variable.level)
        text = f"{name} changes between waves for {changed} of {compared} {plural}"
        is_person = configuration.design.follows_lowest and variable.level == recurring[-1]
        if is_person and changed > MAX_CHANGED * compared:
            problems.append(
                f"{text}, although it belongs to the {variable.level}: the ids seem to be given "
                "to others in a later wave; correct the ids, or say 'level: row' if it may change"
            )
        checks.append(check(f"{name} is stable", "warning" if changed else "ok", text))
    return checks, problems


def _changed(rows: SurveyRows, unit: np.ndarray, name: str) -> tuple[int, int]:
    """Units whose values differ, and units with a value in two waves at least."""
    n_units = int(unit.max()) + 1
    seen, differs = np.zeros(n_units, dtype=np.int16), np.zeros(n_units, dtype=bool)
    known: np.ndarray | None = None
    for wave in range(len(rows.waves)):
        values = rows.column(name, wave)
        first = rows.first_rows(unit, wave, present(values))
        units, found = unit[first], values[first - rows.part(wave).start]
        known = np.zeros(n_units, dtype=values.dtype) if known is None else known
        before = seen[units] > 0
        differs[units] |= before & (known[units] != found)
        known[units[~before]] = found[~before]
        seen[units] += 1
    return int(differs.sum()), int((seen > 1).sum())
