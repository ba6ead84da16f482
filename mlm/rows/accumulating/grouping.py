"""Groups of rows by their ids, numbered as they appear from batch to batch."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mlm.rows.accumulating.batches import Batch, Coded, WrittenNumbers
from mlm.rows.accumulating.numbering import Numbering, PairNumbering
from mlm.rows.accumulating.runs import Runs, runs_of, together
from mlm.rows.cleaning.texts import number_texts


class NumberedIds:
    """The ids of one column in normal form, numbered in order of first appearance."""

    def __init__(self):
        self._book = Numbering()
        self._kind: np.dtype | None = None  # of integers, as long as all ids are
        self._are_written = False  # and whether these stand for texts
        self._texts: dict[str, int] = {}
        self._names: list[str] = []  # the same by number
        self._first: np.ndarray | None = None  # the only list of texts so far, numbered by itself
        self._seen: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def size(self) -> int:
        """Number of ids seen."""
        if self._kind is not None:
            return self._book.size
        return len(self._texts) if self._first is None else self._first.size

    def at(self, numbers: np.ndarray) -> np.ndarray:
        """The ids of some numbers (n,): integers where all came as such, otherwise texts."""
        if self._kind is not None:
            keys = self._book.keys[numbers].astype(self._kind)
            return number_texts(keys).to_numpy(zero_copy_only=False) if self._are_written else keys
        out = np.empty(len(numbers), dtype=object)
        if self._first is not None:
            out[:] = self._first[numbers]
        else:
            out[:] = list(map(self._names.__getitem__, numbers.tolist()))
        return out

    def codes(self, column: np.ndarray | Coded) -> np.ndarray:
        """Number of each row's id, shape (n,); no id is missing.

        Parameters
        ----------
        column : ndarray of int (n,) or Coded
            As ``NormalIds.normal`` gives it.
        """
        if isinstance(column, Coded):
            return self._of_values(column)
        is_written = isinstance(column, WrittenNumbers)
        is_other = self._kind is not None and is_written != self._are_written
        if self._texts or self._first is not None or is_other:
            distinct, place = np.unique(column, return_inverse=True)
            texts = np.array(list(map(str, distinct.tolist())), dtype=object)
            return self._of_values(Coded(place, texts))
        self._are_written = is_written
        self._kind = np.promote_types(self._kind or column.dtype, column.dtype)
        return self._book.codes(column)

    def _of_values(self, column: Coded) -> np.ndarray:
        if self._kind is not None:  # ids so far were integers
            self._take(map(str, self._book.keys.tolist()))
            self._kind = None
        elif not self._texts and self._first is None:
            self._first = column.values
        if self._first is column.values:
            return column.codes.astype(np.intp, copy=False)
        if self._first is not None:
            self._take(self._first.tolist())
            self._first = None
        if self._seen is None or self._seen[0] is not column.values:
            self._seen = column.values, np.array(self._take(column.values.tolist()), np.intp)
        return self._seen[1][column.codes]

    def _take(self, texts: Iterable[str]) -> list[int]:
        """Number of each text; new ones are numbered on."""
        known, names, texts = self._texts, self._names, list(texts)
        numbers = [known.setdefault(text, len(known)) for text in texts]
        if len(known) > len(names):
            for number, text in zip(numbers, texts, strict=True):
                if number == len(names):
                    names.append(text)
        return numbers


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

    def names(self, first: int = 0) -> tuple[np.ndarray, ...]:
        """Ids of each group from a number on, one array an id column, outermost first."""
        return self._names_of(np.arange(first, self.size))

    def _names_of(self, groups: np.ndarray) -> tuple[np.ndarray, ...]:
        if self._parent is None:
            return (self._ids.at(groups),)
        outer, ids = self._pairs.pairs(groups)
        return (*self._parent._names_of(outer), self._ids.at(ids))


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
