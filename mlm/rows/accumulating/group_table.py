"""Sums of products over groups, for groups that appear while the rows go by."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence

import numpy as np

from mlm.rows.accumulating.runs import Runs
from mlm.rows.cleaning.store import temporary_folder
from mlm.statistics.evidence.array_files import FiledSums

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
        as in rows that are sorted by them.
    """

    def __init__(self, multiples: Sequence[int], k: int, may_file: bool = False):
        self._multiples, self.k = list(multiples), k
        self._sums = np.zeros((len(self._multiples), k, 0))
        self._first, self._seen = 0, 0  # group that the held sums begin with; groups seen
        self._may_file = may_file and bool(self._multiples)
        self._filed: FiledSums | None = None

    @property
    def size(self) -> int:
        """Groups for which there is room."""
        return self._first + self._sums.shape[2]

    def reserve(self, n_groups: int, expected: int = 0, first: int = 0) -> None:
        """Make room for the groups 0 to ``n_groups - 1``, and for more that are expected.

        ``first`` is the least of the groups that the next rows are of.
        """
        if first < self._first:
            self._take_back()
        numbers = self._sums.shape[0] * self.k
        if self._may_file and numbers * n_groups > HELD_NUMBERS:
            self._put_away(min(first, self._seen))
        self._seen = max(self._seen, n_groups)
        if n_groups > self.size:
            room = min(expected, max(0, EXPECTED_NUMBERS // (numbers or 1)))
            held = n_groups - self._first
            size = max(n_groups, room) if self.size == 0 else held + held // 2
            grown = np.zeros((*self._sums.shape[:2], size))
            grown[:, :, : self._sums.shape[2]] = self._sums
            self._sums = grown

    def _put_away(self, first: int) -> None:
        """Put the sums of the groups before one into files."""
        done = first - self._first
        if done < DONE_GROUPS:
            return
        if self._filed is None:
            folder = temporary_folder()
            files = [
                tempfile.TemporaryFile(prefix="mlm-", dir=folder)  # noqa: SIM115
                for _ in self._multiples
            ]
            self._filed = FiledSums(files, self.k)
        self._filed.append(self._sums[:, :, :done].transpose(0, 2, 1))
        self._sums = self._sums[:, :, done : self._seen - self._first].copy()
        self._first = first

    def _take_back(self) -> None:
        """Hold all sums again, since the groups do not come one after the other."""
        before = np.asarray(self._filed).transpose(0, 2, 1)
        self._sums = np.concatenate([before, self._sums], axis=2)
        self._filed, self._may_file, self._first = None, False, 0

    def add(self, block: np.ndarray, weighted: np.ndarray, codes: Runs) -> None:
        """Add a block (k, n) to the sums of its groups; ``weighted`` is it times the weights."""
        if not self._multiples:
            return
        groups = codes.values - self._first if self._first else codes.values
        is_slice = groups[-1] - groups[0] == groups.size - 1 and bool((np.diff(groups) == 1).all())
        for sums, row in zip(self._sums, self._multiples, strict=True):
            product = weighted if row == 0 else weighted * block[row]
            if codes.starts is not None:
                product = np.add.reduceat(product, codes.starts, axis=1)
            if is_slice:
                sums[:, groups[0] : groups[-1] + 1] += product
            else:
                for to, values in zip(sums, product, strict=True):
                    np.add.at(to, groups, values)

    def occurring(self, n_groups: int) -> np.ndarray:
        """Which of the groups (bool, n) have rows."""
        counts = self._sums[0, 0, : n_groups - self._first]
        if self._filed is not None:
            counts = np.concatenate([self._filed.part(0, 0, self._first)[:, 0], counts])
        return counts > 0

    def taken(self, groups: np.ndarray) -> np.ndarray | FiledSums:
        """Sums of some groups, in the order given: shape (multiples, groups, k).

        They are put in this order where they lie, since with millions of groups a copy takes as
        much memory again; the table holds them, and no other groups, from then on.
        """
        n = groups.size
        as_they_came = n > 0 and groups[-1] == n - 1 and bool((np.diff(groups) == 1).all())
        if as_they_came and self._filed is not None and n == self._seen:
            self._filed.append(self._sums[:, :, : n - self._first].transpose(0, 2, 1))
            self._sums, self._first = self._sums[:, :, :0], n
            return self._filed
        if self._filed is not None:
            self._take_back()
        if not as_they_came:
            for sums in self._sums.reshape(-1, self._sums.shape[2]):
                sums[:n] = sums[groups]
        return self._sums[:, :, :n].transpose(0, 2, 1)
