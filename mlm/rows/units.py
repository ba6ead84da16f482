"""Rows in the order of their units, and what follows: groups, repeats, constancy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mlm.rows.codebook import Distinct


@dataclass(frozen=True)
class UnitOrder:
    """Kept rows sorted by the ids of their units, top to bottom.

    Ids are local to their parent: a unit is a path of ids from the top.

    Attributes
    ----------
    rows : ndarray of int, shape (n,)
        Row numbers (of N rows read) in sorted order; rows of one unit keep their order.
    groups : dict
        Level: number (n,) of each sorted row's unit, counted from 0 in sorted order.
    n_read : int
        N.
    """

    rows: np.ndarray
    groups: dict[str, np.ndarray]
    n_read: int

    def counts(self) -> dict[str, int]:
        """Number of units of each level."""
        return {level: int(group[-1]) + 1 for level, group in self.groups.items()}

    def repeated_rows(self) -> np.ndarray:
        """Rows (bool, N) whose lowest unit has a row before."""
        lowest = list(self.groups.values())[-1]
        repeats = np.flatnonzero(lowest[1:] == lowest[:-1]) + 1
        return self._mask(self.rows[repeats])

    def varying(self, level: str, values: pa.Array) -> tuple[int, np.ndarray]:
        """Units of a level in which values (N) differ, and the rows (bool, N) that show it."""
        encoded = values.take(pa.array(self.rows)).dictionary_encode()
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        present = codes >= 0
        group, code = self.groups[level][present], codes[present]
        first_of_group = np.unique(group, return_index=True)[1]
        expected = np.repeat(code[first_of_group], np.diff([*first_of_group, len(code)]))
        differs = code != expected
        return len(np.unique(group[differs])), self._mask(self.rows[present][differs])

    def _mask(self, rows: np.ndarray) -> np.ndarray:
        mask = np.zeros(self.n_read, dtype=bool)
        mask[rows] = True
        return mask


def order_units(ids: dict[str, Distinct], kept: np.ndarray) -> UnitOrder:
    """Order of the kept rows by their ids; the texts of a Distinct are sorted, so codes sort."""
    candidates = np.flatnonzero(kept)
    keys = [distinct.codes[candidates] for distinct in ids.values()]
    order = np.lexsort(keys[::-1])
    starts = np.zeros(len(order), dtype=bool)
    groups = {}
    for level, key in zip(ids, keys, strict=True):
        in_order = key[order]
        starts[1:] |= in_order[1:] != in_order[:-1]
        groups[level] = np.cumsum(starts)
    return UnitOrder(candidates[order], groups, len(kept))
