"""Where rows come from: a data frame, or Parquet files, read batch by batch."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np

from mlm.errors import SurveyError
from mlm.rows.accumulating.batches import SAMPLE_ROWS, Batch, Coded, as_numbers
from mlm.rows.accumulating.frame_source import FrameSource
from mlm.rows.accumulating.parquet_source import ParquetSource


class Rows(Protocol):
    """Rows that can be read batch by batch, more than once.

    Attributes
    ----------
    names : tuple of str
        Their columns.
    where : str
        Where they are, as an error message names it.
    rows : int
        How many there are.
    """

    names: tuple[str, ...]
    where: str
    rows: int

    def batches(self, names: Sequence[str]) -> Iterator[Batch]:
        """All rows, some columns, in order."""


class Source(Rows, Protocol):
    """Rows whose columns can be asked what they hold."""

    def is_number(self, name: str) -> bool:
        """Whether a column holds numbers, truth values among them; dates are refused."""

    def distinct(self, names: Sequence[str]) -> dict[str, list]:
        """Distinct values of some columns, in the order of the file's own list or sorted."""

    def sample(self, numbers: Sequence[str], others: Sequence[str]) -> dict[str, np.ndarray]:
        """Numbers of some rows; the other columns are about to be read too."""


def source_of(data) -> Source:
    """The source of a data frame, a Parquet file, a folder of them, or a list; sources as they are.

    Raises
    ------
    SurveyError
        When a path does not exist, is no Parquet file, or a folder holds none.
    """
    if callable(getattr(type(data), "batches", None)):
        return data
    if isinstance(data, str | Path):
        data = [data]
    if isinstance(data, Sequence) and all(isinstance(item, str | Path) for item in data):
        return ParquetSource.of([Path(item) for item in data])
    if not hasattr(data, "columns"):
        raise SurveyError(
            f"rows were given as {type(data).__name__}; expected a DataFrame, the path of a "
            "Parquet file or of a folder of them, or a list of paths."
        )
    return FrameSource(data)


def check_columns(source: Rows, names: Sequence[str]) -> None:
    """Refuse a source that lacks a column or has it twice, naming the nearest ones.

    Raises
    ------
    SurveyError
        One problem for each column.
    """
    problems = []
    for name in dict.fromkeys(names):
        count = source.names.count(name)
        if count == 0:
            near = difflib.get_close_matches(name, source.names, n=2, cutoff=0.6)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            problems.append(f"column {name} is not in {source.where}.{hint}")
        elif count > 1:
            problems.append(f"column {name} occurs {count} times in {source.where}; expected once.")
    if problems:
        raise SurveyError(problems)


class RenamedRows:
    """Rows of which some columns can be asked for by other names too.

    Parameters
    ----------
    rows : Rows
        The rows.
    columns : mapping of str to str
        Column of the rows by its further name.
    """

    def __init__(self, rows: Rows, columns: Mapping[str, str]):
        self._source, self._columns = rows, columns
        self.names = tuple(dict.fromkeys([*rows.names, *columns]))
        self.where, self.rows = rows.where, rows.rows

    def batches(self, names: Sequence[str]) -> Iterator[Batch]:
        """All rows, some columns, in order."""
        read = {name: self._columns.get(name, name) for name in names}
        for batch in self._source.batches(list(dict.fromkeys(read.values()))):
            named = {name: batch.columns[column] for name, column in read.items()}
            yield replace(batch, columns=named)


class LabelledRows:
    """Rows with further columns that have one value in all of them, such as their wave.

    Parameters
    ----------
    rows : Rows
        The rows.
    labels : mapping of str to str or float
        Value of each further column; a column of the rows with its name is not read.
    """

    def __init__(self, rows: Rows, labels: Mapping[str, str | float]):
        self._source, self._labels = rows, labels
        self._texts = {
            name: np.array([value], dtype=object)
            for name, value in labels.items()
            if isinstance(value, str)
        }
        self.names = tuple(dict.fromkeys([*rows.names, *labels]))
        self.where, self.rows = rows.where, rows.rows

    def batches(self, names: Sequence[str]) -> Iterator[Batch]:
        """All rows, some columns, in order."""
        labels = [name for name in self._labels if name in names]
        for batch in self._source.batches([name for name in names if name not in self._labels]):
            made = {name: self._label(name, batch.rows) for name in labels}
            yield replace(batch, columns={**batch.columns, **made})

    def _label(self, name: str, n: int) -> np.ndarray | Coded:
        if name in self._texts:
            return Coded(np.zeros(n, dtype=np.int8), self._texts[name])
        return np.full(n, self._labels[name])


def evenly_spaced(rows: Rows, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Numeric columns (n,) of at most 20,000 rows, evenly spaced over all."""
    stride = max(1, -(-rows.rows // SAMPLE_ROWS))
    parts: dict[str, list[np.ndarray]] = {name: [np.empty(0)] for name in names}
    first = 0
    for batch in rows.batches(names):
        for name, found in parts.items():
            chosen = as_numbers(name, batch.columns[name][-first % stride :: stride])
            found.append(chosen.astype(float))  # a copy: a view would hold the whole batch
        first += batch.rows
    return {name: np.concatenate(found) for name, found in parts.items()}
