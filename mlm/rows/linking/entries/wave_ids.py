"""Ids of a level wave by wave: whether they are unique, just serial numbers, and which recur."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.rows.cleaning.texts import MOST_DIGITS, are_digits

if TYPE_CHECKING:
    from mlm.rows.linking.survey_rows import SurveyRows

MAX_SHARED_IDS = 0.05
"""Ids count as unique in a wave when at most this share of them has several parents."""


class _Numbered:
    """What is told by numbers of units, of different ids, and of the least and the largest id.

    Attributes
    ----------
    units, distinct : int
        Units, and their different ids.
    low, high : int or None
        The least and the largest id as a whole number; -1 for one that is none.
    """

    units: int
    distinct: int
    low: int | None
    high: int | None

    @property
    def are_unique(self) -> bool:
        """Whether hardly any id occurs under two parents."""
        return self.distinct >= (1 - MAX_SHARED_IDS) * self.units

    @property
    def are_serial(self) -> bool:
        """Whether the ids are just 1 to n, in which case the same id need not be the same unit."""
        return self.low in (0, 1) and self.high - self.low + 1 == self.units


class WaveIds(_Numbered):
    """Ids of the units of a level in one wave.

    Parameters
    ----------
    codes : ndarray of int, shape (G,)
        Id of each unit among those of all waves.
    numbers : ndarray of int, shape (G,)
        The id as a whole number; -1 where it is none.
    """

    def __init__(self, codes: np.ndarray, numbers: np.ndarray):
        self.units, self.low, self.high = len(codes), int(numbers.min()), int(numbers.max())
        self._found = np.zeros(int(codes.max(initial=-1)) + 1, dtype=bool)
        self._found[codes] = True
        self.distinct = int(np.count_nonzero(self._found))

    def in_common(self, other: WaveIds) -> int:
        """Number of different ids that another wave has too."""
        size = min(self._found.size, other._found.size)
        return int(np.count_nonzero(self._found[:size] & other._found[:size]))


class CountedIds(_Numbered):
    """The same of units that are looked at some at a time.

    Parameters
    ----------
    units : int
        Units of the wave.
    """

    def __init__(self, units: int):
        self.units, self.distinct, self.low, self.high = units, 0, None, None
        self._in_next = 0

    def count(self, numbers: np.ndarray, in_next: int) -> None:
        """Count some different ids, as whole numbers (m,), of which the next wave has so many."""
        self.distinct += len(numbers)
        self._in_next += in_next
        if len(numbers):
            low, high = int(numbers.min()), int(numbers.max())
            self.low = low if self.low is None else min(self.low, low)
            self.high = high if self.high is None else max(self.high, high)

    def in_common(self, other: CountedIds) -> int:
        """Number of different ids that the next wave has too."""
        return self._in_next


def wave_ids(rows: SurveyRows, path: Sequence[str]) -> list[WaveIds] | list[CountedIds]:
    """Ids of the units of the last level of a path, by wave."""
    if path[-1] not in rows.held:
        return rows.lowest.ids
    unit, ids = rows.unit(path), rows.ids(path[-1])
    numbers = whole_numbers(ids.texts)
    first = (ids.codes[rows.first_entries(unit, wave)] for wave in range(len(rows.waves)))
    return [WaveIds(codes, numbers[codes]) for codes in first]


def may_recur(before: WaveIds | CountedIds, after: WaveIds | CountedIds) -> bool:
    """Whether an id found in two waves tells of the same unit: it is unique, and no serial number.

    It is a matter of these two waves alone: no other wave changes the answer.
    """
    both_serial = before.are_serial and after.are_serial
    return before.are_unique and after.are_unique and not both_serial


def whole_numbers(texts: pa.StringArray) -> np.ndarray:
    """Texts (U,) of digits as numbers; -1 for other texts."""
    if len(texts) and are_digits(texts) and pc.max(pc.binary_length(texts)).as_py() <= MOST_DIGITS:
        has_any = pc.not_equal(texts, "")
        return pc.cast(pc.if_else(has_any, texts, "-1"), pa.int64()).to_numpy()
    is_number = pc.match_substring_regex(texts, r"^\d{1,18}$")
    return pc.cast(pc.if_else(is_number, texts, "-1"), pa.int64()).to_numpy(zero_copy_only=False)
