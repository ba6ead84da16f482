"""Rows of a pandas frame, batch by batch."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from mlm.nouns.characters import nfc
from mlm.rows.accumulating.batches import (
    BATCH_ROWS,
    SAMPLE_ROWS,
    Batch,
    Coded,
    as_numbers,
    in_nfc,
    sorted_values,
)
from mlm.rows.accumulating.column_kinds import dates_refused, kind_of_value, one_kind


class FrameSource:
    """The rows of a data frame, cut into batches without a copy of its numbers."""

    where = "the data"

    def __init__(self, frame):
        self.names = tuple(nfc(str(name)) for name in frame.columns)
        self.rows = len(frame)
        self._delivered = dict(zip(self.names, frame.columns, strict=True))
        self._frame = frame
        self._columns: dict[str, np.ndarray | Coded] = {}

    def is_number(self, name: str) -> bool:
        """Whether a column holds numbers, truth values among them.

        Raises
        ------
        SurveyError
            The column holds dates, or a mixture of numbers and text.
        """
        column = self.column(name)
        if not isinstance(column, Coded):
            return True
        if is_category(self._frame[self._delivered[name]].dtype):
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
            column = self.column(name)
            values = list(column.values if isinstance(column, Coded) else pd.unique(column))
            is_ordered = is_category(self._frame[self._delivered[name]].dtype)
            out[name] = values if is_ordered else sorted_values(values)
        return out

    def sample(self, numbers: Sequence[str], others: Sequence[str]) -> dict[str, np.ndarray]:
        """Numbers of at most 20,000 rows, evenly spaced."""
        stride = max(1, -(-self.rows // SAMPLE_ROWS))
        return {name: as_numbers(name, self.column(name)[::stride]) for name in numbers}

    def numbers(self, name: str) -> np.ndarray:
        """A column (n,) as numbers, missing ones NaN.

        Raises
        ------
        SurveyError
            A value is no number.
        """
        return as_numbers(name, self.column(name))

    def batches(self, names: Sequence[str]) -> Iterator[Batch]:
        """All rows, some columns, in order."""
        columns = {name: self.column(name) for name in names}
        for start in range(0, self.rows, BATCH_ROWS):
            stop = min(start + BATCH_ROWS, self.rows)
            part = {name: column[start:stop] for name, column in columns.items()}
            yield Batch(part, stop - start, start)

    def column(self, name: str) -> np.ndarray | Coded:
        """A column of all rows, as batches have it."""
        if name not in self._columns:
            self._columns[name] = _array(self._frame[self._delivered[name]])
        return self._columns[name]


def is_category(dtype) -> bool:
    """Whether a type of pandas has a list of categories of its own."""
    import pandas as pd

    return isinstance(dtype, pd.CategoricalDtype)


def in_normal_form(frame, categories: Iterable[str]):
    """A data frame with names of columns, and texts of some categories, in Unicode's form NFC."""
    named = {name: nfc(name) for name in frame.columns if isinstance(name, str)}
    frame = frame.rename(columns={name: form for name, form in named.items() if form != name})
    changed = {
        name: frame[name].map(_text_in_nfc, na_action="ignore")
        for name in categories
        if name in frame.columns and any(map(_is_foreign, frame[name].unique()))
    }
    return frame.assign(**changed)


def _is_foreign(value: object) -> bool:
    return isinstance(value, str) and not value.isascii()


def _text_in_nfc(value: object) -> object:
    return nfc(value) if isinstance(value, str) else value


def _array(series) -> np.ndarray | Coded:
    """Numbers of a column as an array; everything else as positions in its distinct values.

    Whole numbers and truth values beside missing ones stay what they are, since they may be ids.
    """
    import pandas as pd

    dtype = series.dtype
    if is_category(dtype):
        return in_nfc(Coded(series.cat.codes.to_numpy(), series.cat.categories.to_numpy()))
    if isinstance(dtype, np.dtype) and dtype.kind in "iuf":
        return series.to_numpy()
    if pd.api.types.is_extension_array_dtype(dtype) and dtype.kind in "iuf":
        if dtype.kind == "f":
            single = dtype.itemsize < np.dtype(float).itemsize
            return series.to_numpy(dtype=np.float32 if single else float, na_value=np.nan)
        if not series.isna().any():
            return series.to_numpy(dtype=np.uint64 if dtype.kind == "u" else np.int64)
    return _decoded(in_nfc(_coded(series)))


def _coded(series) -> Coded:
    """Positions in the distinct values; of mixed ones, truth values are not the numbers 0 and 1."""
    import pandas as pd

    codes, values = pd.factorize(series)
    values = np.asarray(values)
    if series.dtype != object or not any(_is_0_or_1(value) for value in values):
        return Coded(codes, values)
    is_truth = np.fromiter((isinstance(v, bool | np.bool_) for v in series), bool, len(series))
    if not is_truth.any() or is_truth[codes >= 0].all():
        return Coded(codes, values)
    truth = np.array([False, True], dtype=object)
    codes = np.where(is_truth, len(values) + (series == True).to_numpy(), codes)  # noqa: E712
    return Coded(codes, np.concatenate([values, truth]))


def _is_0_or_1(value: object) -> bool:
    return isinstance(value, int | float | np.bool_ | np.number) and value in (0, 1)


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
