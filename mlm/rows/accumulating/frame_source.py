"""Rows of a pandas frame, batch by batch."""

from __future__ import annotations

import numbers
from collections.abc import Iterator, Sequence

import numpy as np

from mlm.rows.accumulating.batches import (
    BATCH_ROWS,
    SAMPLE_ROWS,
    Batch,
    Coded,
    as_numbers,
    sorted_values,
)
from mlm.rows.accumulating.column_kinds import dates_refused, kind_of_value, one_kind


class FrameSource:
    """The rows of a data frame, cut into batches without a copy of its numbers."""

    where = "the data"

    def __init__(self, frame):
        self.names = tuple(str(name) for name in frame.columns)
        self.rows = len(frame)
        self._frame = frame
        self._columns: dict[str, np.ndarray | Coded] = {}

    def is_number(self, name: str) -> bool:
        """Whether a column holds numbers, truth values among them.

        Raises
        ------
        SurveyError
            The column holds dates, or a mixture of numbers and text.
        """
        column = self._column(name)
        if not isinstance(column, Coded):
            return True
        if is_category(self._frame[name].dtype):
            return False
        kind = one_kind(name, column.codes, column.values)
        if kind == "date":
            raise dates_refused(name)
        return kind == "number"

    def distinct(self, names: Sequence[str]) -> dict[str, list]:
        """Distinct values of some columns: in a category's own order, otherwise sorted."""
        import pandas as pd

        out = {}
        for name in names:
            column = self._column(name)
            values = list(column.values if isinstance(column, Coded) else pd.unique(column))
            is_ordered = is_category(self._frame[name].dtype)
            out[name] = values if is_ordered else sorted_values(values)
        return out

    def sample(self, numbers: Sequence[str], others: Sequence[str]) -> dict[str, np.ndarray]:
        """Numbers of at most 20,000 rows, evenly spaced."""
        stride = max(1, -(-self.rows // SAMPLE_ROWS))
        return {name: as_numbers(name, self._column(name)[::stride]) for name in numbers}

    def numbers(self, name: str) -> np.ndarray:
        """A column (n,) as numbers, missing ones NaN.

        Raises
        ------
        SurveyError
            A value is no number.
        """
        return as_numbers(name, self._column(name))

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


def is_category(dtype) -> bool:
    """Whether a type of pandas has a list of categories of its own."""
    import pandas as pd

    return isinstance(dtype, pd.CategoricalDtype)


def _array(series) -> np.ndarray | Coded:
    """Numbers of a column as an array; everything else as positions in its distinct values.

    Whole numbers and truth values beside missing ones stay what they are, since they may be ids.
    """
    import pandas as pd

    dtype = series.dtype
    if is_category(dtype):
        return Coded(series.cat.codes.to_numpy(), series.cat.categories.to_numpy())
    if isinstance(dtype, np.dtype) and dtype.kind in "iuf":
        return series.to_numpy()
    if pd.api.types.is_extension_array_dtype(dtype) and dtype.kind in "iuf":
        if dtype.kind == "f":
            return series.to_numpy(dtype=float, na_value=np.nan)
        if not series.isna().any():
            return series.to_numpy(dtype=np.uint64 if dtype.kind == "u" else np.int64)
    codes, values = pd.factorize(series)
    return _decoded(Coded(codes, np.asarray(values)))


def _decoded(column: Coded) -> np.ndarray | Coded:
    """Objects that are all numbers as an array of them; other columns as they are."""
    values = column.values
    is_plain = values.dtype.kind != "O" or not len(values)
    if is_plain or any(type(v) is bool or kind_of_value(v) != "number" for v in values):
        return column
    if all(isinstance(value, numbers.Integral) for value in values):
        try:
            return Coded(column.codes, np.asarray(values, dtype=np.int64))
        except OverflowError:
            return column
    return np.append(np.asarray(values, dtype=float), np.nan)[column.codes]
