"""Some files of a wave taken in by themselves: coded, their rows on disk, what is wrong noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mlm.configuration.models import Configuration
from mlm.errors import SurveyError
from mlm.rows.cleaning.blocks import left_out_columns
from mlm.rows.cleaning.codebook import Distinct
from mlm.rows.cleaning.delivery import open_delivery
from mlm.rows.cleaning.intake import ROW, Intake
from mlm.rows.cleaning.ledger import variable_labels
from mlm.rows.cleaning.parted.account import MarkedNumbers, PartAccount, ReasonsOf
from mlm.rows.cleaning.parted.runs import RunWriter

NOTHING = PartAccount(
    files=(),
    first_rows=(),
    is_sound=False,
    rows_kept=0,
    last_kept=0,
    runs=(),
    excluded=(),
    reasons=(),
    labels=(),
    quoted=(),
    marked=(),
    late=(),
    id_forms=(),
    left_out=(),
)
"""What is told of files with which something is wrong."""


@dataclass
class _RunIntake(Intake):
    """Chunks coded and handed on to the runs of a part."""

    writer: RunWriter | None = None
    last_kept: int = 0

    def _keep(
        self, ids: Mapping[str, Distinct], kept: np.ndarray, columns: Mapping[str, np.ndarray]
    ) -> None:
        self.n_kept += int(kept.sum())
        self.last_kept = int(columns[ROW].max(initial=self.last_kept))
        self.writer.add(ids, kept, columns)


def take_in(
    configuration: Configuration, wave: str, files: Sequence[str], folder: Path
) -> PartAccount:
    """Take in some files of a wave; their rows are written to a folder, as runs.

    Parameters
    ----------
    configuration : Configuration
        The survey, for which ``fits_parts`` holds.
    wave : str
        Name of the wave.
    files : sequence of str
        Some of its files, one after the other, as the configuration names them.
    folder : Path
        A folder that is there.

    Returns
    -------
    PartAccount
        ``NOTHING`` where files cannot be read, or cells or ids are not what was expected.
    """
    own = _with_files(configuration, wave, files)
    writer = RunWriter(folder, own.levels_with_ids)
    try:
        delivery = open_delivery(own, wave)
        intake = _RunIntake(own, wave, delivery, writer=writer)
    except SurveyError:
        return NOTHING
    try:
        if intake.read() or delivery.row_problems() or intake.cell_problems(show_values=False):
            return NOTHING
    finally:
        intake.store.close()
    writer.finish()
    doubts = {name: coder.doubts for name, coder in intake.coders.items()}
    return PartAccount(
        files=delivery.account(),
        first_rows=tuple(file.first_number() for file in delivery.files),
        is_sound=True,
        rows_kept=intake.n_kept,
        last_kept=intake.last_kept,
        runs=tuple(writer.runs),
        excluded=intake.exclusions.account(delivery),
        reasons=tuple(
            ReasonsOf(variable=name, reasons=tuple(reasons))
            for name, reasons in intake.reasons().items()
        ),
        labels=variable_labels(intake.labels),
        quoted=tuple(delivery.quoted_rows()),
        marked=tuple(
            MarkedNumbers(variable=name, cells=n, mark=mark, are_alike=alike)
            for name, (n, mark, alike) in ((name, d.marked) for name, d in doubts.items())
        ),
        late=tuple(late for found in doubts.values() for late in found.late()),
        id_forms=tuple(intake.forms.found()),
        left_out=tuple(left_out_columns(own, wave, delivery)),
    )


def _with_files(configuration: Configuration, wave: str, files: Sequence[str]) -> Configuration:
    """The survey with some of a wave's files alone; rows that are announced of all are not told."""
    entry = configuration.wave(wave)
    rows = entry.rows
    own = {name: n for name, n in rows.items() if name in files} if isinstance(rows, dict) else None
    changed = entry.model_copy(update={"files": tuple(files), "rows": own})
    waves = tuple(changed if each.name == wave else each for each in configuration.waves)
    return configuration.model_copy(update={"waves": waves})
