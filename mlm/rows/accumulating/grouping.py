"""Groups of rows, numbered as they appear: ids to codes that grow from batch to batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.nouns.hierarchy import Level
from mlm.rows.accumulating.batches import Batch, Coded
from mlm.rows.accumulating.key_table import KeyTable
from mlm.rows.accumulating.runs import Runs, runs_of, together

TABLE_SPAN = 1 << 26  # keys within this range are looked up in a table, others in a hash table
EXACT_INTEGERS = 2.0**53


class Codebook:
    """Distinct integers, numbered in order of first appearance."""

    def __init__(self):
        self._low = 0
        self._table: np.ndarray | None = np.zeros(0, dtype=np.int32)  # code + 1; 0: not seen
        self._known: KeyTable | None = None
        self._keys: list[np.ndarray] = []
        self.size = 0

    @property
    def keys(self) -> np.ndarray:
        """The distinct integers, by code."""
        if self._known is not None:
            return self._known.keys
        return np.concatenate([np.empty(0, dtype=np.int64), *self._keys])

    def codes(self, keys: np.ndarray) -> np.ndarray:
        """Number of each key, shape (n,); new ones are numbered on."""
        low, high = int(keys.min()), int(keys.max())
        self._cover(low, high)
        if self._table is None:
            return self._looked_up(keys)
        places = np.subtract(keys, self._low, dtype=np.intp, casting="unsafe")
        codes = self._table[places]
        if codes.min() == 0:
            self._add(places[codes == 0])
            codes = self._table[places]
        return np.subtract(codes, 1, dtype=np.intp)

    def _add(self, places: np.ndarray) -> None:
        """Number places of the table that were not seen before, in order of first appearance."""
        order = np.arange(1, places.size + 1, dtype=np.int32)
        self._table[places[::-1]] = order[::-1]  # of equal places the first one stays
        new = places[self._table[places] == order]
        self._table[new] = np.arange(self.size + 1, self.size + 1 + new.size)
        self._keys.append(new.astype(np.int64) + self._low)
        self.size += new.size

    def _looked_up(self, keys: np.ndarray) -> np.ndarray:
        import pandas as pd

        local, distinct = pd.factorize(keys)
        codes = self._known.numbers(distinct.astype(np.int64, copy=False))
        self.size = self._known.size
        return codes[local]

    def _cover(self, low: int, high: int) -> None:
        """Let the table hold a range of keys, or give it up for a hash table."""
        if self._table is None:
            return
        last = self._low + self._table.size - 1
        if self._table.size and self._low <= low and high <= last:
            return
        if self._table.size:
            low, high = min(low, self._low), max(high, last)
        span = high - low + 1
        if span > TABLE_SPAN:
            known = KeyTable()
            known.numbers(self.keys)
            self._table, self._known, self._keys = None, known, []
            return
        table = np.zeros(min(2 * span, TABLE_SPAN), dtype=np.int32)
        low = max(low - (table.size - span) // 2, np.iinfo(np.int64).min) if self.size else low
        if self.size:
            table[self._low - low : self._low - low + self._table.size] = self._table
        self._low, self._table = low, table


class Ids:
    """The values of one id column, numbered in order of first appearance."""

    def __init__(self):
        self._book = Codebook()
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
        self._book, self._as_bits, self._kind = Codebook(), True, np.dtype(np.float64)
        if old.size:
            self._book.codes(old.astype(np.float64).view(np.int64))


def _are_integers(values: np.ndarray) -> bool:
    return bool((np.trunc(values) == values).all() and np.abs(values).max() < EXACT_INTEGERS)


class Groups:
    """Groups made by the ids of one column inside the groups of the columns before it."""

    def __init__(self, ids: Ids, name: str, parent: Groups | None):
        self._ids, self._name, self._parent = ids, name, parent
        self._book, self._stride = Codebook(), 1
        self._last: tuple[Batch, Runs] | None = None

    @property
    def size(self) -> int:
        """Number of groups seen."""
        return self._ids.size if self._parent is None else self._book.size

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
        if self._ids.size > self._stride:
            self._widen()
        outer, inner, starts = together(self._parent.codes(batch), ids)
        return Runs(self._book.codes(outer * self._stride + inner), starts, ids.n)

    def _widen(self) -> None:
        """Make room for more ids in the keys ``outer * stride + id``."""
        outer, ids = np.divmod(self._book.keys, self._stride)
        self._stride = 1 << int(2 * self._ids.size - 1).bit_length()
        self._book = Codebook()
        if outer.size:
            self._book.codes(outer * self._stride + ids)

    def names(self) -> tuple[np.ndarray, ...]:
        """Ids of each group, one array an id column, outermost first."""
        if self._parent is None:
            return (self._ids.values,)
        outer, ids = np.divmod(self._book.keys, self._stride)
        return (*(key[outer] for key in self._parent.names()), self._ids.values[ids])


def groups_of(levels: Sequence[Level]) -> list[Groups]:
    """The groups of some levels; levels that share id columns share their numbering."""
    ids: dict[str, Ids] = {}
    nodes: dict[tuple[str, ...], Groups] = {}
    for level in levels:
        for depth in range(1, len(level.group) + 1):
            group = level.group[:depth]
            if group not in nodes:
                column = ids.setdefault(group[-1], Ids())
                nodes[group] = Groups(column, group[-1], nodes.get(group[:-1]))
    return [nodes[level.group] for level in levels]
