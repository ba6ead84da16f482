"""What the parts of a wave tell together: files, reasons, labels, doubts; whether they fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mlm.configuration.models import Configuration
from mlm.errors import FIRST_CASES, and_more
from mlm.results.survey.account import (
    FileAccount,
    MissingReason,
    Place,
    VariableLabels,
)
from mlm.results.survey.cell_doubts import CellDoubt
from mlm.rows.cleaning.codebook import RECODED, Reasons
from mlm.rows.cleaning.delivery import format_of_wave
from mlm.rows.cleaning.doubts import CellDoubts
from mlm.rows.cleaning.ledger import variable_labels
from mlm.rows.cleaning.parted.account import PartAccount
from mlm.rows.files.opening import open_file
from mlm.rows.files.wave_file import WaveFile
from mlm.rows.messages import first_of


class PartedFiles:
    """The files of a wave that were taken in by several jobs.

    Parameters
    ----------
    configuration, wave
        The survey and the wave.
    parts : sequence of PartAccount
        Its parts in order, which fit.

    Attributes
    ----------
    files : tuple of FileAccount
    reasons : dict of str to list of MissingReason
        Reasons of missing cells by variable, in the order of their numbers.
    width : int
        Digits of the number of the last row that is kept.
    """

    def __init__(self, configuration: Configuration, wave: str, parts: Sequence[PartAccount]):
        self._configuration, self._wave, self._parts = configuration, wave, parts
        self.files = tuple(file for part in parts for file in part.files)
        self._first_rows = [first for part in parts for first in part.first_rows]
        self._ends = np.cumsum([0, *(file.rows_read for file in self.files)])
        self._reasons = {name: Reasons() for name in configuration.read_variables}
        for part in parts:
            for entry in part.reasons:
                for reason in entry.reasons:
                    self._reasons[entry.variable].number(reason)
        starts = np.cumsum([0, *(sum(f.rows_read for f in part.files) for part in parts)])
        last = [s + p.last_kept for s, p in zip(starts, parts, strict=False) if p.rows_kept]
        self.width = len(str(max(last, default=0) + 1))

    @property
    def reasons(self) -> dict[str, list[MissingReason]]:
        """Reasons of missing cells by variable, in the order of their numbers."""
        return {name: reasons.in_order for name, reasons in self._reasons.items()}

    def origins_of(self, part: PartAccount) -> dict[str, np.ndarray]:
        """By variable: the origin in the wave of each origin in a part; the last is ``RECODED``."""
        return {
            entry.variable: np.array(
                [0, *map(self._reasons[entry.variable].number, entry.reasons), RECODED], np.int8
            )
            for entry in part.reasons
        }

    def account(self) -> tuple[FileAccount, ...]:
        """None: the files are told of the whole wave."""
        return ()

    def places(self, rows: Sequence[int]) -> str:
        """Text that says where all of some rows are, by their numbers among all rows read."""
        found = "; ".join(
            f"{self.files[number].file} {self._opened(number).places(inside)}"
            for number, inside in self._by_file(rows)
        )
        return found + and_more(len(rows) - FIRST_CASES)

    def first_places(self, rows: Sequence[int]) -> tuple[Place, ...]:
        """Where the first of some rows stand, by their numbers among all rows read."""
        return tuple(
            Place(file=self.files[number].file, line=line)
            for number, inside in self._by_file(rows)
            for line in self._lines(number, inside)
        )

    def _by_file(self, rows: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
        """Numbers of the files of the first of some rows, and their rows."""
        first = first_of(rows)
        files = np.searchsorted(self._ends, first, side="right") - 1
        for number in np.unique(files).tolist():
            start = int(self._ends[number])
            own = zip(first, files.tolist(), strict=True)
            yield number, [row - start for row, file in own if file == number]

    def _lines(self, number: int, rows: Sequence[int]) -> list[int]:
        first = self._first_rows[number]
        if first is None:
            return self._opened(number).numbers(rows)
        return [first + row for row in rows]

    def _opened(self, number: int) -> WaveFile:
        path = self._configuration.wave_files(self._wave)[number]
        form = format_of_wave(self._configuration.wave(self._wave))
        return open_file(path, name=self.files[number].file, form=form)

    def labels(self) -> tuple[VariableLabels, ...]:
        """Value labels of all files."""
        return variable_labels(_labels(self._parts))

    def cell_doubts(self) -> tuple[CellDoubt, ...]:
        """Cells and lines of all files that may mean something else than they say."""
        doubts = {
            name: CellDoubts(name, variable.in_wave(self._wave))
            for name, variable in self._configuration.read_variables.items()
        }
        for part in self._parts:
            for marked in part.marked:
                doubts[marked.variable].take(marked.cells, marked.mark, marked.are_alike)
            for late in part.late:
                doubts[late.variable].take_late(late)
        quoted = (lines for part in self._parts for lines in part.quoted)
        return (*quoted, *(doubt for found in doubts.values() for doubt in found.found()))


def _labels(parts: Sequence[PartAccount]) -> dict[str, dict[str, str]]:
    known: dict[str, dict[str, str]] = {}
    for part in parts:
        for entry in part.labels:
            own = known.setdefault(entry.variable, {})
            own.update({label.code: label.label for label in entry.labels})
    return known


def fit_together(configuration: Configuration, wave: str, parts: Sequence[PartAccount]) -> bool:
    """Whether parts are sound and one wave: its files, each once, as many rows as announced.

    Nor may they have columns of ids that nothing reads, which are looked at in all rows together.
    """
    settings = configuration.wave(wave)
    files = [file for part in parts for file in part.files]
    rows = sum(file.rows_read for file in files)
    known = _labels(parts)
    labelled = (
        (entry.variable, label) for part in parts for entry in part.labels for label in entry.labels
    )
    left_out = set.intersection(*(set(part.left_out) for part in parts)) if parts else set()
    return (
        all(part.is_sound for part in parts)
        and [file.file for file in files] == list(settings.files)
        and len({file.sha256 for file in files}) == len(files)
        and not (isinstance(settings.rows, int) and settings.rows != rows)
        and any(part.rows_kept for part in parts)
        and all(known[name][label.code] == label.label for name, label in labelled)
        and not left_out
    )
