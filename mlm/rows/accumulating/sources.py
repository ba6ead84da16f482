"""Sources of rows: a data frame, or Parquet files, read batch by batch with the columns needed."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from mlm.errors import SurveyError
from mlm.rows.accumulating.batches import BATCH_ROWS, Batch, Coded, as_numbers

SAMPLE_ROWS = 20_000  # rows that give origin and unit; any value near mean and sd will do


class Source(Protocol):
    """Where rows come from; it can be read several times."""

    names: tuple[str, ...]
    where: str
    rows: int

    def is_number(self, name: str) -> bool:
        """Whether a column holds numbers (truth values are categories)."""

    def distinct(self, names: Sequence[str]) -> dict[str, list]:
        """Distinct values of some columns, in the order of the file's own list or sorted."""

    def sample(self, numbers: Sequence[str], others: Sequence[str]) -> dict[str, np.ndarray]:
        """Numbers of some rows; the other columns are about to be read too."""

    def batches(self, names: Sequence[str]) -> Iterator[Batch]:
        """All rows, some columns, in order."""


def source_of(data) -> Source:
    """The source of a data frame, a Parquet file, a folder of them, or a list of these.

    Raises
    ------
    SurveyError
        When a path does not exist, is no Parquet file, or a folder holds none.
    """
    if isinstance(data, str | Path):
        data = [data]
    if isinstance(data, Sequence) and all(isinstance(item, str | Path) for item in data):
        from mlm.rows.accumulating.parquet import ParquetSource

        return ParquetSource.of([Path(item) for item in data])
    if not hasattr(data, "columns"):
        raise SurveyError(
            f"rows were given as {type(data).__name__}; expected a DataFrame, the path of a "
            "Parquet file or of a folder of them, or a list of paths."
        )
    return FrameSource(data)


def check_columns(source: Source, names: Sequence[str]) -> None:
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


class FrameSource:
    """The rows of a data frame, cut into batches without a copy of its numbers."""

    where = "the data"

    def __init__(self, frame):
        self.names = tuple(str(name) for name in frame.columns)
        self.rows = len(frame)
        self._frame = frame
        self._columns: dict[str, np.ndarray | Coded] = {}

    def is_number(self, name: str) -> bool:
        """Whether a column holds numbers."""
        from pandas.api.types import is_bool_dtype, is_numeric_dtype

        dtype = self._frame[name].dtype
        return is_numeric_dtype(dtype) and not is_bool_dtype(dtype)

    def distinct(self, names: Sequence[str]) -> dict[str, list]:
        """Distinct values of some columns: in a category's own order, otherwise sorted."""
        import pandas as pd

        out = {}
        for name in names:
            column = self._column(name)
            values = list(column.values if isinstance(column, Coded) else pd.unique(column))
            ordered = isinstance(self._frame[name].dtype, pd.CategoricalDtype)
            out[name] = values if ordered else sorted_values(values)
        return out

    def sample(self, numbers: Sequence[str], others: Sequence[str]) -> dict[str, np.ndarray]:
        """Numbers of at most 20,000 rows, evenly spaced."""
        stride = max(1, -(-self.rows // SAMPLE_ROWS))
        return {name: as_numbers(name, self._column(name)[::stride]) for name in numbers}

    def batches(self, names: Sequence[str]) -> Iterator[Batch]:
        """All rows, some columns, in order."""
        columns = {name: self._column(name) for name in names}
        for start in range(0, self.rows, BATCH_ROWS):
            stop = min(start + BATCH_ROWS, self.rows)
            part = {name: column[start:stop] for name, column in columns.items()}
            yield Batch(part, stop - start, start)

    def _column(self, name: str) -> np.ndarray | Coded:
        if name not in self._columns:
            self._columns[name] = _array(self._frame[name])
        return self._columns[name]


def _array(series) -> np.ndarray | Coded:
    """Numbers of a column as an array; everything else as positions in its distinct values."""
    import pandas as pd

    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return Coded(series.cat.codes.to_numpy(), series.cat.categories.to_numpy())
    if isinstance(dtype, np.dtype) and dtype.kind in "iuf":
        return series.to_numpy()
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype):
        if series.isna().any() or dtype.kind not in "iu":
            return series.to_numpy(dtype=float, na_value=np.nan)
        return series.to_numpy(dtype=np.int64)
    codes, values = pd.factorize(series)
    return Coded(codes, np.asarray(values))


def sorted_values(values: Sequence) -> list:
    """Values in their order, or in that of their text when they cannot be compared."""
    try:
        return sorted(values)
    except TypeError:
        return sorted(values, key=str)
