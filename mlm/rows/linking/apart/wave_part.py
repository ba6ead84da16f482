"""What linking needs of one wave, without its rows: ids, first values, counts, patterns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

IDS, ENTRIES, ANSWERS = "ids.arrow", "entries.arrow", "answers.npz"
"""Files of a part: ids of the lowest units, ids of the entries, answers to questions."""

ROWS = "rows"
"""Name of the column of entries that has their numbers of rows."""

ROWS_ARE_UNITS = "rows_are_units"
"""Name of the answer whether each row is a unit of the lowest level; else there is no other."""

BUCKETS = 64
"""Buckets of the ids of a wave: few of them together are a bucket of a small survey."""


class LinkedPart:
    """What ``part_of_wave`` wrote of a wave.

    Parameters
    ----------
    folder : Path
        Where it lies.
    """

    def __init__(self, folder: Path):
        self._folder = folder

    @cached_property
    def _answers(self) -> Mapping[str, np.ndarray]:
        return np.load(self._folder / ANSWERS, allow_pickle=False)

    @cached_property
    def _questions(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in self._answers:
            question, _, key = name.rpartition("/")
            found.setdefault(question, []).append(key)
        return found

    @property
    def rows_are_units(self) -> bool:
        """Whether each row is a unit of the lowest level, and those of one unit above follow."""
        return bool(self._answers[ROWS_ARE_UNITS])

    def stored(self, question: str) -> dict[str, np.ndarray] | None:
        """What the wave answers to a question; None where it was not asked."""
        if question not in self._questions:
            return None
        return {key: self._answers[f"{question}/{key}"] for key in self._questions[question]}

    def entries(self) -> pa.RecordBatch:
        """Ids of the entries by level, as dictionaries, and their numbers of rows."""
        with pa.OSFile(str(self._folder / ENTRIES)) as file, pa.ipc.open_file(file) as reader:
            return reader.get_batch(0)

    @property
    def have_ids(self) -> bool:
        """Whether the units of the lowest level have ids."""
        return (self._folder / IDS).is_file()

    @cached_property
    def are_numbers(self) -> bool:
        """Whether these are whole numbers."""
        with self._ids() as reader:
            return pa.types.is_integer(reader.schema.field("id").type)

    def ids(self, buckets: range) -> Iterator[tuple[pa.Array, np.ndarray]]:
        """The ids of some buckets, and the entry (n,) of the wave that each is found in."""
        with self._ids() as reader:
            for number in buckets:
                batch = reader.get_batch(number)
                yield batch.column("id"), batch.column("entry").to_numpy()

    def _ids(self) -> pa.ipc.RecordBatchFileReader:
        return pa.ipc.open_file(pa.memory_map(str(self._folder / IDS)))
