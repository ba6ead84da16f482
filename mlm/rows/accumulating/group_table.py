"""Sums of products over groups, for groups that appear while the rows go by."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence

import numpy as np

from mlm.rows.accumulating.runs import Runs
from mlm.rows.cleaning.store import temporary_folder
from mlm.statistics.evidence.arrays.array_files import FiledSums
from mlm.statistics.evidence.arrays.distinct_sums import DistinctSums

EXPECTED_NUMBERS = 64_000_000  # sums for which room is made before their groups have appeared

HELD_NUMBERS = 32_000_000
"""Sums that are held where those of groups that are done may be put into files."""

DONE_GROUPS = 1 << 14  # that are put into files together


class GroupTable:
    """Sums per group of some multiples of the stored columns; it grows with the groups.

    Parameters
    ----------
    multiples : sequence of int
        Rows of a block to multiply the block by; row 0 is the constant.
    k : int
        Number of stored columns.
    may_file : bool
        Whether sums may be put into files where they are many and groups come one after the other,
        as in rows that are sorted by them; the distinct ones are then handed over.
    which : ndarray of int (multiples, k), optional
        Number of each product among the distinct ones, of which the others are no further; without
        it each is its own.
    """

    def __init__(
        self,
        multiples: Sequence[int],
        k: int,
        may_file: bool = False,
        which: np.ndarray | None = None,
    ):
        self._multiples, self.k = list(multiples), k
        every = np.arange(len(self._multiples) * k).reshape(-1, k)
        self._which = every if which is None or not every.size else which
        self._made = list(_new_products(self._which))
        self._sums = np.zeros((int(self._which.max(initial=-1)) + 1, 0))
        self._first, self._seen = 0, 0  # group that the held sums begin with; groups seen
        self._may_file = self._hands_over = may_file and bool(self._multiples)
        self._filed: FiledSums | None = None

    @property
    def size(self) -> int:
        """Groups for which there is room."""
        return self._first + self._sums.shape[1]

    def reserve(self, n_groups: int, expected: int = 0, first: int = 0) -> None:
        """Make room for the groups 0 to ``n_groups - 1``, and for more that are expected.

        ``first`` is the least of the groups that the next rows are of.
        """
        if first < self._first:
            self._take_back()
        numbers = len(self._sums)
        if self._may_file and numbers * n_groups > HELD_NUMBERS:
            self._put_away(min(first, self._seen))
        self._seen = max(self._seen, n_groups)
        if n_groups > self.size:
            room = min(expected, max(0, EXPECTED_NUMBERS // (numbers or 1)))
            held = n_groups - self._first
            size = max(n_groups, room) if self.size == 0 else held + held // 2
            grown = np.zeros((numbers, size))
            grown[:, : self._sums.shape[1]] = self._sums
            self._sums = grown

    def _put_away(self, first: int) -> None:
        """Put the sums of the groups before one into files."""
        done = first - self._first
        if done < DONE_GROUPS:
            return
        if self._filed is None:
            file = tempfile.TemporaryFile(prefix="mlm-", dir=temporary_folder())  # noqa: SIM115
            self._filed = FiledSums([file], len(self._sums))
        self._filed.append(self._sums[None, :, :done].transpose(0, 2, 1))
        self._sums = self._sums[:, done : self._seen - self._first].copy()
        self._first = first

    def _take_back(self) -> None:
        """Hold all sums again, since the groups do not come one after the other."""
        before = np.asarray(self._filed)[0].T
        self._sums = np.concatenate([before, self._sums], axis=1)
        self._filed, self._may_file, self._first = None, False, 0

    def add(self, block: np.ndarray, weighted: np.ndarray, codes: Runs) -> None:
        """Add a block (k, n) to the sums of its groups; ``weighted`` is it times the weights."""
        if not self._multiples:
            return
        groups = codes.values - self._first if self._first else codes.values
        is_slice = groups[-1] - groups[0] == groups.size - 1 and bool((np.diff(groups) == 1).all())
        for place, columns, numbers in self._made:
            row, sums = self._multiples[place], self._sums[numbers]
            own = weighted[columns]
            product = own if row == 0 else own * block[row]
            if codes.starts is not None:
                product = np.add.reduceat(product, codes.starts, axis=1)
            if is_slice:
                sums[:, groups[0] : groups[-1] + 1] += product
            else:
                for to, values in zip(sums, product, strict=True):
                    np.add.at(to, groups, values)

    def occurring(self, n_groups: int) -> np.ndarray:
        """Which of the groups (bool, n) have rows."""
        counts = self._sums[self._which[0, 0], : n_groups - self._first]
        if self._filed is not None:
            before = self._filed.part(0, 0, self._first)[:, self._which[0, 0]]
            counts = np.concatenate([before, counts])
        return counts > 0

    def taken(self, groups: np.ndarray) -> np.ndarray | DistinctSums:
        """Sums of some groups, in the order given: shape (multiples, groups, k).

        They are put in this order where they lie, since with millions of groups a copy takes as
        much memory again; the table holds them, and no other groups, from then on.
        """
        n = groups.size
        as_they_came = n > 0 and groups[-1] == n - 1 and bool((np.diff(groups) == 1).all())
        if as_they_came and self._filed is not None and n == self._seen:
            self._filed.append(self._sums[None, :, : n - self._first].transpose(0, 2, 1))
            self._sums, self._first = self._sums[:, :0], n
            return DistinctSums(self._filed, self._which)
        if self._filed is not None:
            self._take_back()
        if not as_they_came:
            for sums in self._sums:
                sums[:n] = sums[groups]
        if not self._hands_over and self._which.size == len(self._sums):
            return self._sums[:, :n].reshape(*self._which.shape, n).transpose(0, 2, 1)
        found = DistinctSums(self._sums[None, :, :n].transpose(0, 2, 1), self._which)
        return found if self._hands_over else np.asarray(found)


def _new_products(which: np.ndarray) -> Iterator[tuple[int, slice | np.ndarray, slice]]:
    """The products that each multiple (place, columns, numbers) is the first to have."""
    known = 0
    for place, numbers in enumerate(which):
        columns = np.flatnonzero(numbers >= known)
        columns = columns[np.unique(numbers[columns], return_index=True)[1]]
        if columns.size:
            own = slice(known, known + columns.size)
            known = own.stop
            are_all = columns.size == len(numbers)
            yield place, slice(None) if are_all else columns, own
