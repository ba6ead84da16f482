"""Cleaning of one wave: files in, one checked table and its ledger out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.errors import SurveyError
from mlm.rows.codebook import CleanColumn, Distinct, apply_codebook, read_ids
from mlm.rows.configuration.models import Configuration
from mlm.rows.delivery import Delivery, read_delivery
from mlm.rows.ledger import build_ledger
from mlm.rows.units import UnitOrder, order_units
from mlm.rows.wording import counted


def clean_wave(
    configuration: Configuration, wave: str, root: Path | str | None = None
) -> tuple[pa.Table, dict]:
    """Cleaned rows of a wave, and its ledger.

    Parameters
    ----------
    configuration : Configuration
        The survey and its codebook.
    wave : str
        Name of the wave.
    root : path, optional
        Folder that ``files`` are relative to; default: the project's folder.

    Returns
    -------
    table : pyarrow.Table
        The id of every level (string, never null, named by level), then every variable: double
        for numbers, string for categories, null where missing. Sorted by the ids, top to bottom.
    ledger : dict
        What was read, kept, excluded and missing (see ``build_ledger``).

    Raises
    ------
    SurveyError
        Holds every problem of the files, columns, cells and units of the wave.
    """
    delivery = read_delivery(configuration, wave, root)
    columns = {
        name: apply_codebook(name, variable, delivery.table[name])
        for name, variable in configuration.variables.items()
    }
    ids, kept, excluded = _identify(configuration, delivery)
    problems = _cell_problems(delivery, columns)
    if kept.any():
        units = order_units(ids, kept)
        problems += _unit_problems(configuration, delivery, units, columns)
        problems += _outcome_problems(configuration, columns, kept)
    else:
        problems.append("no row has an id at every level; correct the ids or the id columns")
    if problems:
        raise SurveyError([f"wave {wave}: {problem}" for problem in problems])
    ledger = build_ledger(
        configuration,
        wave,
        files=delivery.account(),
        excluded=excluded,
        kept=kept,
        columns=columns,
        groups=units.counts(),
    )
    return _sorted_table(ids, units, columns), ledger


def _cell_problems(delivery: Delivery, columns: dict[str, CleanColumn]) -> list[str]:
    return [
        fault.describe(int(fault.rows.sum()), delivery.places(fault.rows))
        for column in columns.values()
        for fault in column.faults
    ]


def _identify(
    configuration: Configuration, delivery: Delivery
) -> tuple[dict[str, Distinct], np.ndarray, list[dict]]:
    """Ids by level, rows (N,) that have all of them, and the exclusions of the others."""
    kept = np.ones(delivery.table.num_rows, dtype=bool)
    ids, excluded = {}, []
    for level in configuration.levels:
        ids[level.name], without = read_ids(level, delivery.table[level.name])
        for reason, rows in without.items():
            rows = rows & kept
            if rows.any():
                excluded.append(
                    {
                        "reason": f"no {level.name} id ({reason})",
                        "rows": int(rows.sum()),
                        "first": delivery.first_lines(rows),
                    }
                )
                kept &= ~rows
    return ids, kept, excluded


def _unit_problems(
    configuration: Configuration,
    delivery: Delivery,
    units: UnitOrder,
    columns: dict[str, CleanColumn],
) -> list[str]:
    problems = []
    lowest = configuration.level_names[-1]
    repeated = units.repeated_rows()
    if repeated.any():
        problems.append(
            f"{counted(int(repeated.sum()), 'row')} for a {lowest} that the wave already has "
            f"({delivery.places(repeated)}); each {lowest} may have one row in a wave: "
            "remove the repeated rows, or correct the ids"
        )
    for name, variable in configuration.variables.items():
        if variable.level in configuration.level_names[:-1]:
            varying, rows = units.varying(variable.level, columns[name].values)
            if varying:
                level = configuration.level(variable.level)
                problems.append(
                    f"{name}: differs within {counted(varying, level.name, level.plural)} although "
                    f"its level is {level.name} ({delivery.places(rows)}); correct the cells, or "
                    "say a lower level"
                )
    return problems


def _outcome_problems(
    configuration: Configuration, columns: dict[str, CleanColumn], kept: np.ndarray
) -> list[str]:
    problems = []
    outcomes = dict.fromkeys(analysis.outcome for analysis in configuration.analyses.values())
    for name in outcomes:
        values = columns[name].values.filter(pa.array(kept))
        if values.null_count == len(values):
            problems.append(f"{name}: the outcome is missing in every row; check its column")
        elif pc.min(values).as_py() == pc.max(values).as_py():
            problems.append(
                f"{name}: the outcome has the same value in every row, there is nothing to "
                "explain; check its column"
            )
    return problems


def _sorted_table(
    ids: dict[str, Distinct], units: UnitOrder, columns: dict[str, CleanColumn]
) -> pa.Table:
    order = pa.array(units.rows)
    arrays = {
        level: distinct.texts.take(pa.array(distinct.codes[units.rows]))
        for level, distinct in ids.items()
    }
    arrays |= {name: column.values.take(order) for name, column in columns.items()}
    return pa.table(arrays)
