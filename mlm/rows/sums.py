"""Sums of products over groups, for groups that appear while the rows go by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

LONG_RUN = 8  # mean rows of a run of equal groups from which runs are summed first


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

    def reserve(self, n_groups: int) -> None:
        """Make room for the groups 0 to ``n_groups - 1``."""
        if n_groups > self._sums.shape[2]:
            grown = np.zeros((*self._sums.shape[:2], n_groups + n_groups // 2))
            grown[:, :, : self._sums.shape[2]] = self._sums
            self._sums = grown

    def add(self, block: np.ndarray, codes: np.ndarray) -> None:
        """Add a block (k, n) to the sums of its groups, given by their numbers (n,)."""
        if not self._multiples:
            return
        place = _places(codes)
        for sums, row in zip(self._sums, self._multiples, strict=True):
            _scatter(sums, block if row == 0 else block * block[row], codes, place)

    def taken(self, groups: np.ndarray) -> np.ndarray:
        """Sums of some groups, in the order given: shape (multiples, groups, k)."""
        out = np.empty((len(self._multiples), groups.size, self._sums.shape[1]))
        for to, sums in zip(out, self._sums, strict=True):
            to[:] = sums.T[groups]
        return out


def _places(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool] | None:
    """Starts of the runs of equal groups, their groups, and whether these follow without a gap."""
    starts = np.flatnonzero(codes[1:] != codes[:-1])
    if (starts.size + 1) * LONG_RUN > codes.size:
        return None
    starts = np.concatenate([[0], starts + 1])
    groups = codes[starts]
    is_slice = groups[-1] - groups[0] == groups.size - 1 and bool((np.diff(groups) == 1).all())
    return starts, groups, is_slice


def _scatter(sums: np.ndarray, block: np.ndarray, codes: np.ndarray, place) -> None:
    """Add a block (k, n) to sums (k, G)."""
    if place is None:
        for to, row in zip(sums, block, strict=True):
            np.add.at(to, codes, row)
        return
    starts, groups, is_slice = place
    runs = np.add.reduceat(block, starts, axis=1)
    if is_slice:
        sums[:, groups[0] : groups[-1] + 1] += runs
    else:
        for to, row in zip(sums, runs, strict=True):
            np.add.at(to, groups, row)
