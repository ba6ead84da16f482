"""Groups of rows by their ids, numbered as they appear from batch to batch."""

from __future__ import annotations

import numpy as np

from mlm.rows.accumulating.batches import Batch, Coded
from mlm.rows.accumulating.numbering import Numbering, PairNumbering
from mlm.rows.accumulating.runs import Runs, runs_of, together
from mlm.rows.files.cells import EXACT_INTEGERS


class NumberedIds:
    """The values of one id column, numbered in order of first appearance."""

    def __init__(self):
        self._book = Numbering()
        self._texts: dict[object, int] = {}
        self._first: np.ndarray | None = None  # the only list of values so far, numbered by itself
        self._kind: np.dtype | None = None
        self._as_bits = False
        self._seen: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def size(self) -> int:
        """Number of values seen."""
        if self._kind is not None:
            return self._book.size
        return len(self._texts) if self._first is None else self._first.size

    @property
    def values(self) -> np.ndarray:
        """The distinct values, by code."""
        if self._kind is None:
            out = np.empty(self.size, dtype=object)
            out[:] = list(self._texts) if self._first is None else self._first.tolist()
            return out
        keys = self._book.keys
        same_bits = self._as_bits or self._kind == np.uint64
        return keys.view(self._kind) if same_bits else keys.astype(self._kind)

    def codes(self, column: np.ndarray | Coded) -> np.ndarray:
        """Number of each row's value, shape (n,); no value is missing."""
        if isinstance(column, Coded):
            return self._of_values(column)
        self._kind = self._kind or column.dtype
        if column.dtype.kind != "f":
            wide = column.dtype == np.uint64
            return self._book.codes(column.view(np.int64) if wide else column)
        if not self._as_bits and not _are_integers(column):
            self._take_bits()
        if self._as_bits:
            return self._book.codes((column.astype(np.float64) + 0.0).view(np.int64))
        return self._book.codes(column.astype(np.int64))

    def _of_values(self, column: Coded) -> np.ndarray:
        if self._seen is None and self._first is None:
            self._first = column.values
        if self._first is column.values:
            return column.codes.astype(np.intp, copy=False)
        if self._first is not None:
            self._texts = {value: code for code, value in enumerate(self._first.tolist())}
            self._first = None
        if self._seen is None or self._seen[0] is not column.values:
            known = self._texts
            table = [known.setdefault(value, len(known)) for value in column.values.tolist()]
            self._seen = column.values, np.array(table, dtype=np.intp)
        return self._seen[1][column.codes]

    def _take_bits(self) -> None:
        """Number by the bits of the numbers, now that one is no integer."""
        old = self._book.keys
        self._book, self._as_bits, self._kind = Numbering(), True, np.dtype(np.float64)
        if old.size:
            self._book.codes(old.astype(np.float64).view(np.int64))


def _are_integers(values: np.ndarray) -> bool:
    return bool((np.trunc(values) == values).all() and np.abs(values).max() < EXACT_INTEGERS)


class Groups:
    """Groups made by the ids of one column inside the groups of the columns before it."""

    def __init__(self, ids: NumberedIds, name: str, parent: Groups | None):
        self._ids, self._name, self._parent = ids, name, parent
        self._pairs = PairNumbering()  # of outer group and id
        self._last: tuple[Batch, Runs] | None = None

    @property
    def size(self) -> int:
        """Number of groups seen."""
        return self._ids.size if self._parent is None else self._pairs.size

    def codes(self, batch: Batch) -> Runs:
        """Group of each row of a batch."""
        if self._last is None or self._last[0] is not batch:
            self._last = batch, self._numbered(batch)
        return self._last[1]

    def _numbered(self, batch: Batch) -> Runs:
        column = runs_of(batch.columns[self._name])
        ids = Runs(self._ids.codes(column.values), column.starts, column.n)
        if self._parent is None:
            return ids
        outer, inner, starts = together(self._parent.codes(batch), ids)
        return Runs(self._pairs.codes(outer, inner, self._ids.size), starts, ids.n)

    def names(self) -> tuple[np.ndarray, ...]:
        """Ids of each group, one array an id column, outermost first."""
        if self._parent is None:
            return (self._ids.values,)
        outer, ids = self._pairs.pairs()
        return (*(key[outer] for key in self._parent.names()), self._ids.values[ids])


class Grouping:
    """Groups of rows by their ids; groups that share id columns share their numbering."""

    def __init__(self):
        self._ids: dict[str, NumberedIds] = {}
        self._groups: dict[tuple[str, ...], Groups] = {}

    def of(self, group: tuple[str, ...]) -> Groups:
        """The groups that some id columns make, outermost first."""
        if group not in self._groups:
            ids = self._ids.setdefault(group[-1], NumberedIds())
            parent = self.of(group[:-1]) if len(group) > 1 else None
            self._groups[group] = Groups(ids, group[-1], parent)
        return self._groups[group]
