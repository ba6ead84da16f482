"""Cleaning of one wave: files in, one checked table and its ledger out.

The files are read chunk by chunk; coded columns wait on disk until the units are put in order. What
must fit into memory is the ids and one column, not the wave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from mlm.errors import SurveyError
from mlm.rows.clean_wave import CleanWave
from mlm.rows.codebook import Coder, Distinct, missing_ids
from mlm.rows.completion import complete_columns
from mlm.rows.configuration.models import Configuration
from mlm.rows.delivery import Delivery, open_delivery
from mlm.rows.ids import IdCollector, Ids, spoiled_ids
from mlm.rows.ledger import build_ledger
from mlm.rows.policies import Exclusions, exclude_units
from mlm.rows.roles import role_account, role_problems
from mlm.rows.store import ChunkStore
from mlm.rows.units import UnitOrder, order_units
from mlm.rows.wording import counted

ROW = "row"
ORIGIN = " origin"

_SPOILED = {
    "scientific": "are rounded numbers such as 1.2E+10",
    "date": "are dates such as 1-Jan",
}


def clean_wave(
    configuration: Configuration, wave: str, root: Path | str | None = None
) -> tuple[pa.Table, dict]:
    """Cleaned rows of a wave in one table, and its ledger.

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
    cleaned = clean_in_chunks(configuration, wave, root)
    return cleaned.table(), cleaned.ledger


def clean_in_chunks(
    configuration: Configuration,
    wave: str,
    root: Path | str | None = None,
    *,
    show_values: bool = False,
) -> CleanWave:
    """Cleaned rows of a wave, on disk, for waves that do not fit into memory.

    Parameters
    ----------
    configuration, wave, root
        As for ``clean_wave``.
    show_values : bool
        Whether messages may show codes that few cells share.

    Raises
    ------
    SurveyError
        As for ``clean_wave``.
    """
    delivery = open_delivery(configuration, wave, root)
    intake = _Intake(configuration, wave, delivery)
    try:
        problems = intake.read()
        problems += delivery.row_problems() if not problems else []
        problems += intake.cell_problems(show_values)
        if not intake.n_kept:
            nobody = "no row has an id at every level; correct the ids or the id columns"
            problems += [] if problems else [nobody]
        else:
            cleaned, more = _finished(intake, root)
            problems += more
    except SurveyError as error:
        raise SurveyError([f"wave {wave}: {problem}" for problem in error.problems]) from None
    finally:
        intake.store.close()
    if problems:
        raise SurveyError([f"wave {wave}: {problem}" for problem in problems])
    return cleaned


def _finished(intake: _Intake, root: Path | str | None) -> tuple[CleanWave, list[str]]:
    """The wave with units excluded by their policies, columns completed, and all its problems."""
    configuration, delivery = intake.configuration, intake.delivery
    row = intake.store.column(ROW)
    ids = {level: collector.collected() for level, collector in intake.ids.items()}
    kept, problems = exclude_units(
        configuration, intake.wave, ids, row, delivery, intake.exclusions, root
    )
    units = order_units(ids, kept)
    columns, reasons, more = complete_columns(
        configuration, intake.wave, intake.store, units, intake.reasons(), delivery, row
    )
    problems += more
    if not problems:
        problems += _level_problems(configuration, delivery, units, columns, row)
        problems += _outcome_problems(configuration, columns)
        problems += role_problems(configuration, columns, delivery, row[units.rows])
    ledger = build_ledger(
        configuration,
        intake.wave,
        files=delivery.account(),
        excluded=intake.exclusions.account(delivery),
        columns=columns,
        reasons=reasons,
        units=units,
    )
    ledger |= {"labels": intake.labels, "roles": role_account(configuration, columns)}
    return CleanWave(configuration, intake.wave, ids, units, columns, reasons, ledger), problems


@dataclass
class _Intake:
    """Chunks of a wave coded and put on disk; ids collected; faults and exclusions noted."""

    configuration: Configuration
    wave: str
    delivery: Delivery
    store: ChunkStore = field(default_factory=ChunkStore)
    exclusions: Exclusions = field(default_factory=lambda: Exclusions())
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    n_kept: int = 0

    def __post_init__(self) -> None:
        self.ids = {level: IdCollector() for level in self.configuration.level_names}
        self.coders = {
            name: Coder(name, variable.in_wave(self.wave))
            for name, variable in self.configuration.read_variables.items()
        }
        self._spoiled: dict[tuple[str, str], list[int]] = {}
        self._decimal = self.delivery.settings.decimal

    def read(self) -> list[str]:
        """Read all chunks; return what makes the files unreadable, or gives a code two labels."""
        problems: list[str] = []
        for name, wanted in self._labels():
            problems += self._take_labels(name, wanted)
        try:
            for start, file, texts, notes in self.delivery.chunks():
                kept = self._identify(texts, start)
                columns: dict[str, np.ndarray] = {ROW: start + np.flatnonzero(kept)}
                for name, coder in self.coders.items():
                    chunk = coder.code(texts[name], start, notes[name], file.decimal)
                    columns[name] = chunk.values[kept]
                    columns[name + ORIGIN] = chunk.origins[kept]
                self.store.append(columns)
                self.n_kept += int(kept.sum())
        except SurveyError as error:
            problems += error.problems
        return problems

    def reasons(self) -> dict[str, list[str]]:
        """Reasons of missing cells by variable, in the order of their numbers."""
        return {name: coder.reasons.names for name, coder in self.coders.items()}

    def cell_problems(self, show_values: bool) -> list[str]:
        """What is wrong with cells of variables and with ids."""
        places = self.delivery.places
        problems = [
            f"{level}: {counted(len(rows), 'id')} {_SPOILED[kind]} ({places(rows)}); a spreadsheet "
            "has changed them: export the column as text"
            for (level, kind), rows in self._spoiled.items()
        ]
        for coder in self.coders.values():
            problems += coder.log.messages(places, self._decimal, show_values)
        return problems

    def _identify(self, texts: pa.Table, start: int) -> np.ndarray:
        """Rows (bool, N) of a chunk that have an id at every level."""
        kept = np.ones(texts.num_rows, dtype=bool)
        found = {}
        for level in self.configuration.levels:
            distinct = found[level.name] = Distinct.of(texts[level.name])
            for reason, rows in missing_ids(level, distinct).items():
                self.exclusions.add(
                    f"no {level.name} id ({reason})", start + np.flatnonzero(rows & kept)
                )
                kept &= ~rows
            for kind, rows in spoiled_ids(distinct).items():
                places = self._spoiled.setdefault((level.name, kind), [])
                places += (start + np.flatnonzero(rows)).tolist()
        for level, distinct in found.items():
            self.ids[level].add(distinct, kept)
        return kept

    def _labels(self):
        for file, wanted in zip(self.delivery.files, self.delivery.columns, strict=True):
            for name, column in wanted.items():
                labels = file.notes[column].labels if column in file.notes else {}
                if labels and name in self.coders:
                    yield name, (file.name, labels)

    def _take_labels(self, name: str, found: tuple[str, dict[str, str]]) -> list[str]:
        file, labels = found
        known = self.labels.setdefault(name, {})
        changed = [code for code, text in labels.items() if known.get(code, text) != text]
        known.update(labels)
        if not changed:
            return []
        return [
            f"{file}: {name}: {counted(len(changed), 'code')} ({', '.join(changed[:5])}) with "
            "another label than in the file before; correct the coding of one of the files"
        ]


def _level_problems(
    configuration: Configuration,
    delivery: Delivery,
    units: UnitOrder,
    columns,
    row: np.ndarray,
) -> list[str]:
    """Variables that differ within a unit of the level they describe."""
    problems = []
    for name, variable in configuration.variables.items():
        if variable.level not in configuration.level_names[:-1] or variable.aggregate:
            continue
        values = columns.column(name)
        present = values >= 0 if variable.is_category else ~np.isnan(values)
        varying, rows = units.varying(variable.level, values, present)
        if varying:
            level = configuration.level(variable.level)
            places = delivery.places(_first(row[units.rows[rows]]))
            problems.append(
                f"{name}: differs within {counted(varying, level.name, level.plural)} although "
                f"its level is {level.name} ({places}); correct the cells, or say a lower level"
            )
    return problems


def _first(rows: Sequence[int] | np.ndarray) -> list[int]:
    return np.sort(np.asarray(rows))[:3].tolist()


def _outcome_problems(configuration: Configuration, columns) -> list[str]:
    problems = []
    outcomes = dict.fromkeys(analysis.outcome for analysis in configuration.analyses.values())
    for name in outcomes:
        values = columns.column(name)
        values = values[~np.isnan(values)]
        if not len(values):
            problems.append(f"{name}: the outcome is missing in every row; check its column")
        elif values.min() == values.max():
            problems.append(
                f"{name}: the outcome has the same value in every row, there is nothing to "
                "explain; check its column"
            )
    return problems


def ids_of_wave(
    configuration: Configuration, wave: str, root: Path | str | None = None
) -> tuple[dict[str, Ids], np.ndarray]:
    """Ids of a wave alone, and the rows that have all of them; used to look at other waves.

    Raises
    ------
    SurveyError
        The files of the wave cannot be read.
    """
    delivery = open_delivery(configuration, wave, root, wanted=configuration.level_names)
    collectors = {level: IdCollector() for level in configuration.level_names}
    rows = []
    for start, _, texts, _ in delivery.chunks():
        kept = np.ones(texts.num_rows, dtype=bool)
        found = {level.name: Distinct.of(texts[level.name]) for level in configuration.levels}
        for level in configuration.levels:
            for without in missing_ids(level, found[level.name]).values():
                kept &= ~without
        for level, distinct in found.items():
            collectors[level].add(distinct, kept)
        rows.append(start + np.flatnonzero(kept))
    ids = {level: collector.collected() for level, collector in collectors.items()}
    return ids, np.concatenate(rows)
