"""Sums of products over groups, for groups that appear while the rows go by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlm.rows.accumulating.runs import Runs

EXPECTED_NUMBERS = 64_000_000  # sums for which room is made before their groups have appeared


class GroupTable:
    """Sums per group of some multiples of the stored columns; it grows with the groups.

    Parameters
    ----------
    multiples : sequence of int
        Rows of a block to multiply the block by; row 0 is the constant.
    k : int
        Number of stored columns.
    """

    def __init__(self, multiples: Sequence[int], k: int):
        self._multiples, self.k = list(multiples), k
        self._sums = np.zeros((len(self._multiples), k, 0))

    @property
    def size(self) -> int:
        """Groups for which there is room."""
        return self._sums.shape[2]

    def reserve(self, n_groups: int, expected: int = 0) -> None:
        """Make room for the groups 0 to ``n_groups - 1``, and for more that are expected."""
        if n_groups > self._sums.shape[2]:
            room = min(expected, max(0, EXPECTED_NUMBERS // (self._sums.shape[0] * self.k or 1)))
            size = max(n_groups, room) if self._sums.shape[2] == 0 else n_groups + n_groups // 2
            grown = np.zeros((*self._sums.shape[:2], size))
            grown[:, :, : self._sums.shape[2]] = self._sums
            self._sums = grown

    def add(self, block: np.ndarray, weighted: np.ndarray, codes: Runs) -> None:
        """Add a block (k, n) to the sums of its groups; ``weighted`` is it times the weights."""
        if not self._multiples:
            return
        groups = codes.values
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

    def taken(self, groups: np.ndarray) -> np.ndarray:
        """Sums of some groups, in the order given: shape (multiples, groups, k).

        They are put in this order where they lie, since with millions of groups a copy takes as
        much memory again; the table holds them, and no other groups, from then on.
        """
        n = groups.size
        as_they_came = n > 0 and groups[-1] == n - 1 and bool((np.diff(groups) == 1).all())
        if not as_they_came:
            for sums in self._sums.reshape(-1, self._sums.shape[2]):
                sums[:n] = sums[groups]
        return self._sums[:, :, :n].transpose(0, 2, 1)
