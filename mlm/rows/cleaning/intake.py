"""The files of a wave taken in, chunk by chunk: ids, coded columns, faults, exclusions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pyarrow as pa

from mlm.configuration.models import Configuration
from mlm.configuration.sampled.columns import entry_of, sampled_columns
from mlm.errors import SurveyError, listed
from mlm.results.survey.account import MissingReason, NoId
from mlm.results.survey.cell_doubts import CellDoubt
from mlm.rows.cleaning.codebook import Coder, Distinct
from mlm.rows.cleaning.delivery import Delivery, open_delivery
from mlm.rows.cleaning.doubts import last_day
from mlm.rows.cleaning.exclusions import Exclusions
from mlm.rows.cleaning.id_forms import FormCounts
from mlm.rows.cleaning.ids import IdCells, IdCollector, Ids, read_ids, row_ids
from mlm.rows.cleaning.number_hints import Written
from mlm.rows.cleaning.sampled.texts import SampledTexts
from mlm.rows.cleaning.store import ColumnFile
from mlm.rows.files.wave_file import Notes, WaveFile
from mlm.rows.messages import counted

ROW = "row"
ORIGIN = " origin"

_SPOILED = {
    "rounded": (
        "are rounded numbers such as 1.2E+10",
        "a spreadsheet or another program has changed them: export the column as text",
    ),
    "date": (
        "are dates such as 1-Jan",
        "a spreadsheet has changed them: export the column as text",
    ),
    "hidden": (
        "hold characters that cannot be shown",
        "the file is damaged or in another encoding than declared: correct 'encoding' of the wave, "
        "or the ids",
    ),
    "stored": (
        "are rounded numbers",
        "the column's type holds whole numbers exactly only below 2^53 = 9007199254740992 (double) "
        "or 2^24 = 16777216 (float of four bytes): export it as text or as a type of integers from "
        "where the ids are still whole",
    ),
}
"""What is wrong with ids that a program has changed, and what to do."""


@dataclass
class Intake:
    """Chunks of a wave coded and put on disk; ids collected; faults and exclusions noted.

    Attributes
    ----------
    configuration, wave, delivery
        The wave, and its files.
    store : ColumnFile
        ``ROW`` (numbers of the rows that have all ids), and of each variable of the files its
        values and (name + ``ORIGIN``) where each cell comes from; of each column of the sample its
        numbers, or the numbers of its texts.
    exclusions : Exclusions
        Rows without an id.
    labels : dict
        Value labels of the files by variable and code.
    n_kept : int
        Rows that have all ids.
    forms : FormCounts
        How the ids of the files are written.
    coders, numbers, texts : dict
        What codes the cells of variables, and of columns of the sample that hold numbers or ids.
    is_whole : bool
        Whether these are all rows of the wave.
    """

    configuration: Configuration
    wave: str
    delivery: Delivery
    store: ColumnFile = field(default_factory=ColumnFile)
    exclusions: Exclusions = field(default_factory=Exclusions)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    n_kept: int = 0
    forms: FormCounts = field(default_factory=FormCounts)
    is_whole: ClassVar[bool] = True

    def __post_init__(self) -> None:
        self._ids = {level: IdCollector() for level in self.configuration.levels_with_ids}
        last = last_day(self.configuration, self.wave)
        self.coders = {
            name: Coder(name, variable.in_wave(self.wave), last)
            for name, variable in self.configuration.read_variables.items()
        }
        sampled = sampled_columns(self.configuration)
        self.numbers = {
            name: Coder(name, entry_of(self.configuration, column).in_wave(self.wave))
            for name, column in sampled.items()
            if not column.is_text
        }
        self._text_columns = {n: column for n, column in sampled.items() if column.is_text}
        self.texts = {name: SampledTexts() for name in self._text_columns}
        self._spoiled: dict[tuple[str, str], list[int]] = {}
        self._written = Written.of(self.delivery.files)

    def read(self) -> list[str]:
        """Read all chunks; return what makes the files unreadable, or gives a code two labels."""
        problems: list[str] = []
        for name, wanted in self._labels():
            problems += self._take_labels(name, wanted)
        self.store.expect(sum(file.most_rows for file in self.delivery.files))
        try:
            for start, file, texts, notes in self.delivery.chunks():
                ids, kept = self._identify(texts, start, file, notes)
                rows = np.arange(start, start + len(kept), dtype=np.uint32)
                columns: dict[str, np.ndarray] = {ROW: rows}
                for name, coder in (*self.coders.items(), *self.numbers.items()):
                    chunk = coder.code(texts[name], start, notes[name], file.marks)
                    columns[name], columns[name + ORIGIN] = chunk.values, chunk.origins
                for name in self.texts:
                    columns[name] = self._codes(name, texts, start, file, notes)
                if not kept.all():
                    columns = {name: values[kept] for name, values in columns.items()}
                self._keep(ids, kept, columns)
        except SurveyError as error:
            problems += error.problems
        return problems

    def _keep(
        self, ids: Mapping[str, Distinct], kept: np.ndarray, columns: Mapping[str, np.ndarray]
    ) -> None:
        """Take up a chunk: ids of all its rows, which of them (bool, N) are kept, their columns."""
        for level, distinct in ids.items():
            self._ids[level].add(distinct, kept)
        self.store.append(columns)
        self.n_kept += int(kept.sum())

    def collected_ids(self) -> dict[str, Ids]:
        """Ids of the kept rows by level, top to bottom; those of a level without any are the rows'.

        What was collected is given back.
        """
        rows = self.store.column(ROW)
        return {
            level: self._ids[level].collected() if level in self._ids else row_ids(rows)
            for level in self.configuration.level_names
        }

    def reasons(self) -> dict[str, list[MissingReason]]:
        """Reasons of missing cells by variable or column, in the order of their numbers."""
        known = {**self.coders, **self.numbers}
        return {name: coder.reasons.in_order for name, coder in known.items()}

    def cell_doubts(self) -> tuple[CellDoubt, ...]:
        """Cells and lines that were read, but may mean something else than they say."""
        coders = (*self.coders.values(), *self.numbers.values())
        doubts = [doubt for coder in coders for doubt in coder.doubts.found()]
        return (*self.delivery.quoted_rows(), *doubts)

    def cell_problems(self, show_values: bool) -> list[str]:
        """What is wrong with cells of variables and with ids."""
        places = self.delivery.places
        problems = [
            f"{level}: {counted(len(rows), 'id')} {_SPOILED[kind][0]} ({places(rows)}); "
            f"{_SPOILED[kind][1]}"
            for (level, kind), rows in self._spoiled.items()
        ]
        for coder in (*self.coders.values(), *self.numbers.values()):
            problems += coder.log.messages(places, self._written, show_values)
        return problems

    def _identify(
        self, texts: pa.Table, start: int, file: WaveFile, notes: Mapping[str, Notes]
    ) -> tuple[dict[str, Distinct], np.ndarray]:
        """Ids of a chunk by level, and the rows (bool, N) that have one at every level."""
        kept = np.ones(texts.num_rows, dtype=bool)
        found = {}
        for name in self.configuration.levels_with_ids:
            level = self.configuration.level(name)
            cells = read_ids(level, texts[name], notes[name], file.marks.decimal)
            found[name] = cells.distinct
            self.forms.note(file.name, name, cells)
            for reason, rows in cells.missing.items():
                without = NoId(level=level.name, reason=reason)
                self.exclusions.add(without, start + np.flatnonzero(rows & kept))
                kept &= ~rows
            self._note_spoiled(name, cells, start)
        return found, kept

    def _codes(
        self, name: str, texts: pa.Table, start: int, file: WaveFile, notes: Mapping[str, Notes]
    ) -> np.ndarray:
        """Numbers (N,) of the ids of strata, clusters or pairs in a chunk."""
        column = self._text_columns[name]
        cells = read_ids(column, texts[name], notes[name], file.marks.decimal)
        self._note_spoiled(name, cells, start)
        return self.texts[name].code(cells)

    def _note_spoiled(self, name: str, cells: IdCells, start: int) -> None:
        for kind, rows in cells.spoiled.items():
            places = self._spoiled.setdefault((name, kind), [])
            places += (start + np.flatnonzero(rows)).tolist()

    def _labels(self) -> Iterator[tuple[str, tuple[str, dict[str, str]]]]:
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
            f"{file}: {name}: {counted(len(changed), 'code')} ({listed(changed)}) with "
            "another label than in the file before; correct the coding of one of the files"
        ]


def ids_of_wave(configuration: Configuration, wave: str) -> tuple[dict[str, Ids], np.ndarray]:
    """Ids of a wave alone, and the rows that have all of them; used to look at other waves.

    Raises
    ------
    SurveyError
        The files of the wave cannot be read.
    """
    delivery = open_delivery(configuration, wave, wanted=configuration.levels_with_ids)
    collectors = {level: IdCollector() for level in configuration.levels_with_ids}
    rows = []
    for start, file, texts, notes in delivery.chunks():
        kept = np.ones(texts.num_rows, dtype=bool)
        found = {
            level: read_ids(
                configuration.level(level), texts[level], notes[level], file.marks.decimal
            )
            for level in configuration.levels_with_ids
        }
        for cells in found.values():
            for without in cells.missing.values():
                kept &= ~without
        for level, cells in found.items():
            collectors[level].add(cells.distinct, kept)
        rows.append(start + np.flatnonzero(kept))
    ids = {level: collector.collected() for level, collector in collectors.items()}
    return ids, np.concatenate(rows)
