"""What a source of rows hands over: one batch of columns after another, as plain arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlm.nouns.characters import nfc
from mlm.rows.accumulating.column_kinds import numbers_in

BATCH_ROWS = 65_536  # rows of a batch: what is decoded at a time
SAMPLE_ROWS = 20_000  # rows that give origin and unit; any value near mean and sd will do


@dataclass(frozen=True)
class Coded:
    """A column as positions in a list of distinct values.

    Attributes
    ----------
    codes : ndarray of int (n,)
        Position of each row's value; -1 where it is missing.
    values : ndarray (m,)
        Distinct values; some may not occur.
    """

    codes: np.ndarray
    values: np.ndarray

    def __getitem__(self, rows) -> Coded:
        return Coded(self.codes[rows], self.values)


class WrittenNumbers(np.ndarray):
    """Ids that are texts, as the integers (n,) that are written as these texts are."""


@dataclass(frozen=True)
class Batch:
    """Some rows that follow each other in their source.

    Attributes
    ----------
    columns : mapping of str to ndarray (n,) or Coded
        Numbers (missing ones NaN), or anything else as positions in its values.
    rows : int
        Number of rows n.
    first : int
        Number of the first row in its source, from 0.
    where : str
        The source as an error message names it; empty when there is one only.
    """

    columns: Mapping[str, np.ndarray | Coded]
    rows: int
    first: int
    where: str = ""

    def only(self, names: Iterable[str]) -> Batch:
        """The batch with some of its columns."""
        columns = {name: self.columns[name] for name in names}
        return Batch(columns, self.rows, self.first, self.where)

    def kept(self, rows: np.ndarray) -> Batch:
        """The batch with the rows for which a truth value (n,) holds."""
        columns = {name: column[rows] for name, column in self.columns.items()}
        return Batch(columns, int(np.count_nonzero(rows)), self.first, self.where)


def in_nfc(column: Coded) -> Coded:
    """A column whose texts are in Unicode's form NFC; values that become one are one."""
    if column.values.dtype != object or are_nfc(column.values.tolist()):
        return column
    import pandas as pd

    texts = [nfc(value) if isinstance(value, str) else value for value in column.values.tolist()]
    values = np.empty(len(texts), dtype=object)
    values[:] = texts
    places, distinct = pd.factorize(values)
    return Coded(np.append(places, -1)[column.codes], distinct)


def are_nfc(values: Sequence) -> bool:
    """Whether texts among some values are in Unicode's form NFC."""
    try:
        return "".join(values).isascii() or all(nfc(text) == text for text in values)
    except TypeError:
        return are_nfc([value for value in values if isinstance(value, str)])


def as_numbers(name: str, column: np.ndarray | Coded) -> np.ndarray:
    """A column as numbers (n,), missing ones NaN.

    Raises
    ------
    SurveyError
        When a value is no number, such as text or a date.
    """
    if not isinstance(column, Coded):
        return column
    return np.append(numbers_in(name, column.values), np.nan)[column.codes]


def sorted_values(values: Sequence) -> list:
    """Values in their order, or in that of their text when they cannot be compared."""
    try:
        return sorted(values)
    except TypeError:
        return sorted(values, key=str)


def as_coded(column: np.ndarray | Coded) -> Coded:
    """A column as positions in its distinct values."""
    if isinstance(column, Coded):
        return column
    import pandas as pd

    codes, values = pd.factorize(column)
    return Coded(codes, values)


def missing_rows(column: np.ndarray | Coded) -> np.ndarray | None:
    """Where a column is missing, shape (n,), or None when it is nowhere."""
    if isinstance(column, Coded):
        where = column.codes < 0
    elif column.dtype.kind != "f" or not np.isnan(column.min()):
        return None
    else:
        where = np.isnan(column)
    return where if where.any() else None
