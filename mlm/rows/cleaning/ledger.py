"""The ledger of a wave: what was read, kept, excluded and found missing, to the row and cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mlm.configuration.models import Configuration
from mlm.configuration.variable import Variable
from mlm.rows.cleaning.codebook import RECODED
from mlm.rows.cleaning.spikes import spikes
from mlm.rows.cleaning.store import ColumnFile
from mlm.rows.cleaning.units import UnitOrder

ORIGIN = " origin"


def build_ledger(
    configuration: Configuration,
    wave: str,
    *,
    files: Sequence[dict],
    excluded: Sequence[dict],
    columns: ColumnFile,
    reasons: Mapping[str, list[str]],
    units: UnitOrder,
) -> dict:
    """Ledger of a cleaned wave: plain numbers and text, ready for JSON.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    wave : str
        Name of the wave.
    files : sequence of dict
        file, sha256 and rows_read of each file.
    excluded : sequence of dict
        reason, rows and first lines of each kind of exclusion; a row is in one of them only.
    columns : ColumnFile
        Values and origins of every variable, kept rows in sorted order.
    reasons : mapping of str to list of str
        Reasons of missing cells by variable, in the order of their numbers.
    units : UnitOrder
        The kept rows.

    Returns
    -------
    dict
        wave, files, rows_read, rows_kept, excluded, missing, recoded, groups, empty_groups,
        suspect_codes, variables. ``rows_read`` is ``rows_kept`` plus the rows of ``excluded``, and
        for each variable ``rows_kept`` is n plus the cells of ``missing``, exactly.
    """
    missing, recoded, variables = [], [], {}
    for name, variable in configuration.variables.items():
        values, origins = columns.column(name), columns.column(name + ORIGIN)
        counts = np.bincount(origins[origins > 0], minlength=len(reasons[name]) + 1)
        missing += [
            {"variable": name, "reason": reason, "cells": int(counts[number])}
            for number, reason in enumerate(reasons[name], start=1)
            if counts[number]
        ]
        if variable.has_categories:
            places = _places(variable, values)
            changed = np.bincount(places[(origins == RECODED) & (places >= 0)])
            recoded += [
                {"variable": name, "category": category, "cells": int(n)}
                for category, n in zip(variable.categories, changed, strict=False)
                if n
            ]
        if variable.is_category:
            variables[name] = _counts(list(variable.categories), values)
        else:
            variables[name] = _moments(values)
    return {
        "wave": wave,
        "files": list(files),
        "rows_read": sum(file["rows_read"] for file in files),
        "rows_kept": len(units.rows),
        "excluded": list(excluded),
        "missing": missing,
        "recoded": recoded,
        "groups": units.counts(),
        "empty_groups": _empty_groups(configuration, columns, units),
        "suspect_codes": _suspect_codes(configuration, wave, columns),
        "variables": variables,
    }


def _suspect_codes(configuration: Configuration, wave: str, columns: ColumnFile) -> list[dict]:
    """Numbers without a range that look like codes for missing, with the cells that hold them."""
    found = []
    for name, variable in configuration.read_variables.items():
        entry = variable.in_wave(wave)
        as_read = not (entry.rescale or entry.centre or entry.standardise)
        if entry.type != "number" or entry.range or not as_read:
            continue
        values = columns.column(name)
        codes, cells = np.unique(values[spikes(values)], return_counts=True)
        found += [
            {"variable": name, "code": float(code), "cells": int(n)}
            for code, n in zip(codes, cells, strict=True)
        ]
    return found


def _places(variable: Variable, values: np.ndarray) -> np.ndarray:
    """Place of the category of each cell (n,); -1 where missing."""
    if variable.is_category:
        return values.astype(np.int64)
    return np.where(np.isnan(values), -1, np.searchsorted(variable.scores, values))


def _counts(categories: list[str], values: np.ndarray) -> dict:
    """Number of rows with a value, and of each category."""
    found = np.bincount(values[values >= 0].astype(np.int64), minlength=len(categories))
    counts = {category: int(n) for category, n in zip(categories, found, strict=True)}
    return {"n": int(found.sum()), "counts": counts}


def _moments(values: np.ndarray) -> dict:
    """Number of rows with a value, their mean and standard deviation."""
    present = values[~np.isnan(values)]
    n = len(present)
    return {
        "n": n,
        "mean": float(present.mean()) if n else None,
        "sd": float(present.std(ddof=1)) if n > 1 else None,
    }


def _empty_groups(
    configuration: Configuration, columns: ColumnFile, units: UnitOrder
) -> list[dict]:
    """Units of a named level in which an outcome is missing in every row."""
    entries = []
    outcomes = dict.fromkeys(analysis.outcome for analysis in configuration.analyses.values())
    for name in outcomes:
        present = ~np.isnan(columns.column(name))
        for level in configuration.level_names[:-1]:
            group = units.groups[level]
            n_groups = int(group[-1]) + 1
            without = n_groups - len(np.unique(group[present]))
            if without:
                entries.append({"variable": name, "level": level, "groups": without})
    return entries
