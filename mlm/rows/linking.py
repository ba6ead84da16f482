"""The waves of a survey linked to each other: units, flows, and checks of the claimed design."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from mlm.errors import SurveyError
from mlm.rows.attrition import attrition_by_category
from mlm.rows.configuration.models import Configuration
from mlm.rows.design_checks import check_design, check_stable_variables
from mlm.rows.hierarchy_account import hierarchy_account
from mlm.rows.identifiability import identifiability_notes
from mlm.rows.ledger_checks import check_ledgers, ledger_problems
from mlm.rows.tracks import Track, track


def link_waves(
    configuration: Configuration,
    tables: Mapping[str, pd.DataFrame],
    ledgers: Mapping[str, dict] | None = None,
) -> dict:
    """Account of a survey over its waves, ready for JSON (``survey.json``).

    Parameters
    ----------
    configuration : Configuration
        The survey.
    tables : mapping of str to DataFrame
        Cleaned rows of every wave.
    ledgers : mapping of str to dict, optional
        Ledger of every wave.

    Returns
    -------
    dict
        survey, design, waves (ledgers), rows (totals), levels (units by wave), children (sizes),
        unit_changes, attrition and attrition_by (category), missingness (wave, variable, reason),
        hierarchy (groups of the models), identifiability (notes), checks.

    Raises
    ------
    SurveyError
        The units that recur contradict the design; the message gives the counts.
    """
    tables = {name: tables[name] for name in configuration.wave_names}
    ledgers = ledgers or {}
    tracks = {
        level.name: track(tables, configuration.level_names[: i + 1], level.ids)
        for i, level in enumerate(configuration.levels)
    }
    checks, problems = check_design(configuration, tracks)
    more_checks, more_problems = check_stable_variables(configuration, tables)
    in_order = [ledgers[name] for name in configuration.wave_names if name in ledgers]
    problems += [*more_problems, *ledger_problems(configuration, in_order)]
    if problems:
        raise SurveyError(problems)
    recurring = configuration.levels_above_time
    return {
        "survey": configuration.survey,
        "design": configuration.design,
        "waves": in_order,
        "rows": _totals(in_order),
        "levels": [_level(configuration, tables, tracks[name]) for name in tracks],
        "children": _children(configuration, tables),
        "unit_changes": [
            _changes(tracks[name]) for name in recurring if tracks[name].parent is not None
        ],
        "attrition": [flow for name in recurring for flow in tracks[name].flows()],
        "attrition_by": [
            entry
            for name in recurring
            for entry in attrition_by_category(configuration, tables, tracks[name])
        ],
        "missingness": _missingness(configuration, in_order),
        "hierarchy": hierarchy_account(configuration, tables),
        "identifiability": identifiability_notes(configuration, tables),
        "checks": [*checks, *more_checks, *check_ledgers(configuration, in_order)],
    }


def columns_to_link(configuration: Configuration) -> list[str]:
    """Columns of the cleaned rows that ``link_waves`` needs."""
    used = {
        name
        for analysis in configuration.analyses.values()
        for name in configuration.variables_of(analysis)
    }
    recurring = configuration.levels_above_time
    return [
        *configuration.level_names,
        *(
            name
            for name, variable in configuration.variables.items()
            if name in used or variable.is_category or variable.level in recurring
        ),
    ]


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


def _level(configuration: Configuration, tables: Mapping[str, pd.DataFrame], units: Track) -> dict:
    """Units of a level: in each wave, in all, and in how many waves each of them is found.

    Units of a level below time belong to one wave each. A unit that changes its parent is another
    unit of the path, and one unit of the survey (``persons_or_units``) where ids are unique.
    """
    level = configuration.level(units.level)
    path = list(configuration.level_names[: configuration.level_names.index(level.name) + 1])
    by_wave = {name: len(table[path].drop_duplicates()) for name, table in tables.items()}
    entry = {
        "name": level.name,
        "plural": level.plural or f"{level.name}s",
        "groups_by_wave": by_wave,
        "groups_total": sum(by_wave.values()),
        "recurring": level.name in configuration.levels_above_time,
    }
    if entry["recurring"]:
        all_units = pd.concat([table[path].drop_duplicates() for table in tables.values()])
        number_of_waves = np.bincount(units.found.sum(axis=1), minlength=len(tables) + 1)
        entry["groups_total"] = len(all_units.drop_duplicates())
        entry["distinct"] = units.n_units
        entry["known_by"] = "id" if units.by_id else "path"
        entry["in_waves"] = {str(i): int(number_of_waves[i]) for i in range(1, len(tables) + 1)}
    return entry


def _children(configuration: Configuration, tables: Mapping[str, pd.DataFrame]) -> dict:
    """Sizes of the units of each level in its children, by wave."""
    names = configuration.level_names
    children = {}
    for i, level in enumerate(names[:-1]):
        path, child = list(names[: i + 1]), names[i + 1]
        children[level] = {
            "child": child,
            "by_wave": {
                wave: _sizes(table[[*path, child]].drop_duplicates(), path)
                for wave, table in tables.items()
            },
        }
    if configuration.design == "same_pupils":
        rows = pd.concat([table[list(names)] for table in tables.values()])
        occasions = rows.groupby(list(names), sort=False).size()
        counts = occasions.value_counts().sort_index()
        children[names[-1]] = {
            "child": "occasion",
            "counts": {str(size): int(n) for size, n in counts.items()},
        }
    return children


def _sizes(pairs: pd.DataFrame, path: list[str]) -> dict:
    sizes = pairs.groupby(path, sort=False).size()
    return {
        "groups": len(sizes),
        "min": int(sizes.min()),
        "median": float(sizes.median()),
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
