"""Rows of a pandas frame, batch by batch."""

from __future__ import annotations

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
