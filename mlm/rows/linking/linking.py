"""The waves of a survey linked to each other: units, flows, and checks of the claimed design."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np

from mlm.configuration.models import Configuration
from mlm.errors import SurveyError
from mlm.nouns.levels import OCCASION
from mlm.rows.linking.attrition import attrition_by_category, units_that_left
from mlm.rows.linking.crossed_limit import crossed_problems
from mlm.rows.linking.design_checks import check_design, check_stable_variables
from mlm.rows.linking.hierarchy_account import hierarchy_account
from mlm.rows.linking.identifiability import identifiability_notes
from mlm.rows.linking.ledger_checks import check_ledgers, ledger_problems
from mlm.rows.linking.survey_rows import SurveyRows
from mlm.rows.linking.tracks import Track, track


def link_waves(
    configuration: Configuration,
    waves: Mapping[str, object],
    ledgers: Mapping[str, dict] | None = None,
) -> dict:
    """Account of a survey over its waves, ready for JSON (``survey.json``).

    Parameters
    ----------
    configuration : Configuration
        The survey.
    waves : mapping of str to path, CleanWave, Arrow table or data frame
        Cleaned rows of every wave; a path is a Parquet file.
    ledgers : mapping of str to dict, optional
        Ledger of every wave.

    Returns
    -------
    dict
        survey, design, waves (ledgers), rows (totals), levels (units by wave), children (sizes),
        unit_changes (units that are others after a move) and crossed_units (that are the same),
        attrition and attrition_by (category), units_that_left (ids, not of persons), missingness
        (wave, variable, reason), hierarchy (groups of the models), identifiability (notes), checks.

    Raises
    ------
    SurveyError
        The units that recur contradict the design, or too many effects are crossed; the message
        gives the counts.
    """
    rows, ledgers = SurveyRows(configuration, waves), ledgers or {}
    tracks = {
        level.name: track(rows, configuration.level_names[: i + 1], level.ids)
        for i, level in enumerate(configuration.levels)
    }
    checks, problems = check_design(configuration, tracks)
    more_checks, more_problems = check_stable_variables(configuration, rows)
    in_order = [ledgers[name] for name in configuration.wave_names if name in ledgers]
    problems += [*more_problems, *ledger_problems(configuration, in_order)]
    problems += crossed_problems(configuration, rows)
    if problems:
        raise SurveyError(problems)
    recurring, crossed = configuration.levels_above_time, configuration.crossed_level
    return {
        "survey": configuration.survey,
        "design": configuration.design.name,
        "waves": in_order,
        "rows": _totals(in_order),
        "levels": [_level(configuration, rows, tracks[name]) for name in tracks],
        "children": _children(configuration, rows),
        "unit_changes": [_changes(tracks[name]) for name in recurring[1:] if name != crossed],
        "crossed_units": [_changes(tracks[crossed])] if crossed else [],
        "attrition": [flow for name in recurring for flow in tracks[name].flows()],
        "attrition_by": [
            entry
            for name in recurring
            for entry in attrition_by_category(configuration, rows, tracks[name])
        ],
        "units_that_left": [
            entry
            for name in recurring
            if not (configuration.design.follows_lowest and name == recurring[-1])
            for entry in units_that_left(configuration, rows, tracks[name])
        ],
        "missingness": _missingness(configuration, in_order),
        "hierarchy": hierarchy_account(configuration, rows),
        "identifiability": identifiability_notes(configuration, rows),
        "checks": [*checks, *more_checks, *check_ledgers(configuration, in_order)],
    }


def _missingness(configuration: Configuration, ledgers: list[dict]) -> list[dict]:
    """Cells without a value by variable, wave and reason, with the level of the variable."""
    return [
        {
            "variable": entry["variable"],
            "level": configuration.variables[entry["variable"]].level,
            "wave": ledger["wave"],
            "reason": entry["reason"],
            "cells": entry["cells"],
            "rows": ledger["rows_kept"],
        }
        for ledger in ledgers
        for entry in ledger["missing"]
    ]


def _totals(ledgers: list[dict]) -> dict:
    read = sum(ledger["rows_read"] for ledger in ledgers)
    kept = sum(ledger["rows_kept"] for ledger in ledgers)
    return {"read": read, "kept": kept, "excluded": read - kept}


def _level(configuration: Configuration, rows: SurveyRows, units: Track) -> dict:
    """Units of a level: in each wave, in all, and in how many waves each of them is found.

    Units of a level below time belong to one wave each. A unit that changes its parent is another
    unit of the path, and one unit of the survey (``distinct``) where ids are unique; a crossed
    unit is one unit in both.
    """
    level = configuration.level(units.level)
    unit = rows.unit(configuration.unit_path(level.name))
    by_wave = {name: len(rows.first_rows(unit, i)) for i, name in enumerate(rows.waves)}
    entry = {
        "name": level.name,
        "plural": level.plural or f"{level.name}s",
        "groups_by_wave": by_wave,
        "groups_total": sum(by_wave.values()),
        "recurring": level.name in configuration.levels_above_time,
    }
    if entry["recurring"]:
        n_waves = len(rows.waves)
        found_in = np.bincount(units.found.sum(axis=1), minlength=n_waves + 1)
        entry["groups_total"] = int(unit.max()) + 1
        entry["distinct"] = units.n_units
        entry["known_by"] = "id" if units.by_id else "path"
        entry["in_waves"] = {str(i): int(found_in[i]) for i in range(1, n_waves + 1)}
    return entry


def _children(configuration: Configuration, rows: SurveyRows) -> dict:
    """Sizes of the units of each level in its children, by wave."""
    names = configuration.level_names
    children = {}
    for level, child in itertools.pairwise(names):
        path = names[: names.index(child) + 1]
        unit, of_child = rows.unit(path[:-1]), rows.unit(path)
        children[level] = {
            "child": child,
            "by_wave": {
                wave: _sizes(unit[rows.first_rows(of_child, i)])
                for i, wave in enumerate(rows.waves)
            },
        }
    if configuration.design.follows_lowest:
        counts = np.bincount(np.bincount(rows.unit(configuration.unit_path(names[-1]))))
        children[names[-1]] = {
            "child": OCCASION,
            "counts": {str(size): int(n) for size, n in enumerate(counts) if n},
        }
    return children


def _sizes(parents: np.ndarray) -> dict:
    """Distribution of the numbers of children, from the unit that each child is in."""
    sizes = np.bincount(parents)
    sizes = sizes[sizes > 0]
    return {
        "groups": len(sizes),
        "min": int(sizes.min()),
        "median": float(np.median(sizes)),
        "mean": float(sizes.mean()),
        "max": int(sizes.max()),
        "one_child": int((sizes == 1).sum()),
    }


def _changes(units: Track) -> dict:
    """Units that are found under several parents; null where ids are local to the parent."""
    known = units.by_id
    return {
        "level": units.level,
        "parent": units.parent,
        "count": int(units.changed_parent().sum()) if known else None,
        "of": units.n_units if known else None,
        "same_wave": int(units.shared_in_a_wave().sum()) if known else None,
    }
