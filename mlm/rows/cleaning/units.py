"""Rows in the order of their units, and what follows: groups, repeats, constancy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mlm.rows.cleaning.ids import Ids
from mlm.rows.cleaning.texts import PACKED_BITS, stable_order


@dataclass(frozen=True)
class UnitOrder:
    """Rows sorted by the ids of their units, top to bottom.

    Ids are local to their parent: a unit is a path of ids from the top.

    Attributes
    ----------
    rows : ndarray of int, shape (n,)
        Positions of the rows, among those that have ids, in sorted order; rows of one unit keep
        their order.
    groups : dict
        Level: number (n,) of each sorted row's unit, counted from 0 in sorted order.
    """

    rows: np.ndarray
    groups: dict[str, np.ndarray]

    def counts(self) -> dict[str, int]:
        """Number of units of each level."""
        return {level: int(group[-1]) + 1 for level, group in self.groups.items()}

    def repeated(self, level: str) -> np.ndarray:
        """Sorted rows (bool, n) whose unit has a row before."""
        group = self.groups[level]
        repeats = np.zeros(len(group), dtype=bool)
        repeats[1:] = group[1:] == group[:-1]
        return repeats

    def varying(
        self, level: str, values: np.ndarray, present: np.ndarray
    ) -> tuple[int, np.ndarray]:
        """Units of a level in which sorted values (n,) differ, and the sorted rows that show it.

        Parameters
        ----------
        level : str
            Level of the units.
        values : ndarray, shape (n,)
            Values in sorted order.
        present : ndarray of bool, shape (n,)
            Rows that have a value.
        """
        rows, group, found = np.arange(0), self.groups[level], values
        if not present.all():
            rows = np.flatnonzero(present)
            group, found = group[rows], found[rows]
        if not ((found[1:] != found[:-1]) & (group[1:] == group[:-1])).any():
            return 0, rows[:0]
        rows = rows if rows.size else np.arange(len(found))
        first = np.flatnonzero(np.diff(group, prepend=-1))
        expected = np.repeat(found[first], np.diff(first, append=len(found)))
        differs = found != expected
        return len(np.unique(group[differs])), rows[differs]


def order_units(ids: Mapping[str, Ids], rows: np.ndarray) -> UnitOrder:
    """Order of some rows (positions) by their ids, whose numbers sort as their texts do."""
    groups = {}
    if (found := _sorted_paths(ids, rows)) is not None:
        order, paths = found
        for level, bits in reversed(_bits(ids).items()):
            starts = np.zeros(len(rows), dtype=bool)
            np.not_equal(paths[1:], paths[:-1], out=starts[1:])
            groups[level] = np.cumsum(starts, dtype=np.int32)
            paths >>= bits
        rows = order if _are_all(rows) else rows[order]
        return UnitOrder(rows, {level: groups[level] for level in ids})
    rows = rows[_order(ids, rows)]
    starts = np.zeros(len(rows), dtype=bool)
    for level, collected in ids.items():
        in_order = collected.codes[rows]
        starts[1:] |= in_order[1:] != in_order[:-1]
        groups[level] = np.cumsum(starts, dtype=np.int32)
    return UnitOrder(rows, groups)


def _bits(ids: Mapping[str, Ids]) -> dict[str, int]:
    """Bits that hold the number of an id, by level."""
    return {name: max(each.n_texts - 1, 0).bit_length() for name, each in ids.items()}


def _sorted_paths(ids: Mapping[str, Ids], rows: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Positions that sort some rows, and the paths of ids as integers in order (n,).

    None where a path, beside the position, does not fit into one integer. Where no two rows have
    the same lowest id, that is the position.
    """
    bits, n = _bits(ids), len(rows)
    beside, needed = max(n - 1, 0).bit_length(), sum(bits.values())
    place = None
    if needed + beside > PACKED_BITS:
        place = _only_places(list(ids.values())[-1], rows) if needed <= PACKED_BITS else None
        if place is None:
            return None
    paths = np.zeros(n, dtype=np.int64)
    for level, collected in ids.items():
        paths <<= bits[level]
        paths |= _of_rows(collected.codes, rows)
    if place is None:
        paths <<= beside
        paths |= np.arange(n)
        paths.sort()
        order = paths & ((1 << beside) - 1)
        paths >>= beside
    else:
        paths.sort()
        order = place.take(paths & ((1 << bits[next(reversed(ids))]) - 1), mode="clip")
    return order, paths


def _only_places(lowest: Ids, rows: np.ndarray) -> np.ndarray | None:
    """Position (U,) among some rows of each id; None where an id comes twice."""
    place = np.full(lowest.n_texts, -1, dtype=_kind(len(rows)))
    place[_of_rows(lowest.codes, rows)] = np.arange(len(rows))
    return place if np.count_nonzero(place >= 0) == len(rows) else None


def _are_all(rows: np.ndarray) -> bool:
    """Whether some rows are the first ones, in order."""
    are_first = len(rows) > 0 and rows[0] == 0 and rows[-1] == len(rows) - 1
    return are_first and bool((rows[1:] > rows[:-1]).all())


def _of_rows(codes: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Codes of some rows; where these are all rows, as they are."""
    return codes if _are_all(rows) and len(rows) == len(codes) else codes[rows]


def _order(ids: Mapping[str, Ids], rows: np.ndarray) -> np.ndarray:
    """Positions (n,) that sort some rows by the path of their ids; equal paths keep their order.

    They are sorted by the lowest ids first, then by those above: as many levels at a time as are
    one integer beside the position.
    """
    order, key, width = None, np.zeros(len(rows), dtype=np.int64), 1
    most = (1 << PACKED_BITS) // max(len(rows), 1)
    for collected in reversed(ids.values()):
        size = max(collected.n_texts, 1)
        if width > 1 and width * size > most:
            order, key, width = _sorted_by(key, order), np.zeros(len(rows), dtype=np.int64), 1
        key += collected.codes[rows] * np.int64(width)
        width *= size
    return _sorted_by(key, order).astype(_kind(len(rows)), copy=False)


def _sorted_by(key: np.ndarray, order: np.ndarray | None) -> np.ndarray:
    """Positions in some order, sorted by their keys (n,)."""
    return stable_order(key) if order is None else order[stable_order(key[order])]


def _kind(n: int) -> type:
    """Integers that hold n positions in the least memory."""
    return np.int32 if n <= np.iinfo(np.int32).max else np.int64


def all_rows(n: int) -> np.ndarray:
    """Positions of n rows, in order."""
    return np.arange(n, dtype=_kind(n))
