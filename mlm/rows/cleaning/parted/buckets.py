"""All rows of some units at the top, brought together from the runs of a wave's parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from mlm.configuration.models import Configuration
from mlm.results.survey.account import MissingReason
from mlm.results.survey.cell_doubts import CellDoubt
from mlm.rows.cleaning.codebook import Distinct
from mlm.rows.cleaning.exclusions import Exclusions
from mlm.rows.cleaning.id_forms import FormCounts
from mlm.rows.cleaning.ids import IdCollector, Ids, row_ids
from mlm.rows.cleaning.intake import ORIGIN, ROW
from mlm.rows.cleaning.parted.account import PartAccount
from mlm.rows.cleaning.parted.runs import RunReader, run_path
from mlm.rows.cleaning.parted.whole import PartedFiles
from mlm.rows.cleaning.store import ColumnFile
from mlm.rows.cleaning.texts import ranks, stable_order

BUCKET_ROWS = 1 << 20
"""Rows from which the units at the top that are looked at together are enough."""


@dataclass
class Bucket:
    """Rows of some units at the top, in the order of the files, as an intake has them.

    Attributes are those of ``cleaning.TakenIn``.
    """

    configuration: Configuration
    wave: str
    delivery: PartedFiles
    ids: dict[str, Ids]
    reasons_of: Mapping[str, Sequence[MissingReason]]
    store: ColumnFile = field(default_factory=ColumnFile)
    exclusions: Exclusions = field(default_factory=Exclusions)
    forms: FormCounts = field(default_factory=FormCounts)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    texts: dict[str, object] = field(default_factory=dict)
    is_whole: bool = False

    def collected_ids(self) -> dict[str, Ids]:
        """Ids of the rows by level."""
        return self.ids

    def reasons(self) -> dict[str, Sequence[MissingReason]]:
        """Reasons of missing cells in the whole wave."""
        return dict(self.reasons_of)

    def cell_doubts(self) -> tuple[CellDoubt, ...]:
        """None: they are told of the whole wave."""
        return ()


@dataclass
class _Run:
    """A run with what puts its rows among those of the wave.

    Attributes
    ----------
    reader : RunReader
    first_row : int
        Rows read before its part.
    origins : dict of str to ndarray of int8
        For each origin of a cell of a variable in the part, that in the wave.
    """

    reader: RunReader
    first_row: int
    origins: Mapping[str, np.ndarray]


class PartedRuns:
    """The runs of all parts of a wave.

    Parameters
    ----------
    configuration, wave
        The survey and the wave.
    files : PartedFiles
        Its files.
    parts : sequence of (Path, PartAccount)
        Folder and account of each part, in order.
    """

    def __init__(
        self,
        configuration: Configuration,
        wave: str,
        files: PartedFiles,
        parts: Sequence[tuple[Path, PartAccount]],
    ):
        self._configuration, self._wave, self._files = configuration, wave, files
        self._levels = configuration.levels_with_ids
        self._runs: list[_Run] = []
        start = 0
        for folder, account in parts:
            origins = files.origins_of(account)
            for number in range(len(account.runs)):
                reader = RunReader(run_path(folder, number), self._levels[-1:])
                self._runs.append(_Run(reader, start, origins))
            start += sum(file.rows_read for file in account.files)

    def buckets(self) -> Iterator[Bucket]:
        """The rows, units at the top by units, in the order of their ids."""
        for rows in self._rows_of_buckets():
            yield self._bucket(rows)

    def _rows_of_buckets(self) -> Iterator[list[int]]:
        """Rows of each run in each bucket; buckets are the same whatever the runs."""
        found = [run.reader.units(self._levels[0]) for run in self._runs]
        rank, first = ranks(pa.concat_arrays([texts for texts, _ in found]))
        ends = np.cumsum([0, *(len(texts) for texts, _ in found)])
        of_run = []
        for (_, counts), start, stop in zip(found, ends[:-1], ends[1:], strict=True):
            rows = np.zeros(len(first) + 1, dtype=np.int64)
            rows[rank[start:stop] + 1] = counts
            of_run.append(np.cumsum(rows))
        so_far, unit = np.sum(of_run, axis=0), 0
        while unit < len(first):
            enough = int(np.searchsorted(so_far, so_far[unit] + BUCKET_ROWS))
            last = min(max(enough, unit + 1), len(first))
            yield [int(rows[last] - rows[unit]) for rows in of_run]
            unit = last

    def _bucket(self, rows: Sequence[int]) -> Bucket:
        collectors = {level: IdCollector() for level in self._levels}
        pieces: dict[str, list[np.ndarray]] = {}
        for run, n in zip(self._runs, rows, strict=True):
            for batch in run.reader.next_rows(n):
                for level, collector in collectors.items():
                    collector.add(Distinct.of_clean(batch.column(level)))
                for name, values in _columns(run, batch, set(self._levels)).items():
                    pieces.setdefault(name, []).append(values)
        columns = {name: np.concatenate(parts) for name, parts in pieces.items()}
        order = stable_order(columns[ROW])
        ids = {level: collector.collected() for level, collector in collectors.items()}
        ids = {level: found.with_codes(found.codes[order]) for level, found in ids.items()}
        numbers = columns[ROW][order]
        all_ids = {
            level: ids.get(level) or row_ids(numbers, self._files.width)
            for level in self._configuration.level_names
        }
        bucket = Bucket(self._configuration, self._wave, self._files, all_ids, self._files.reasons)
        bucket.store.append({name: values[order] for name, values in columns.items()})
        return bucket


def _columns(run: _Run, batch: pa.RecordBatch, levels: set[str]) -> dict[str, np.ndarray]:
    """Columns of a batch of a run, with numbers of rows and origins as the wave has them."""
    names = [name for name in batch.schema.names if name not in levels]
    columns = {name: batch.column(name).to_numpy() for name in names}
    columns[ROW] = columns[ROW] + np.uint32(run.first_row)
    for name, origins in run.origins.items():
        columns[name + ORIGIN] = origins[columns[name + ORIGIN]]
    return columns
