"""Ids of a level wave by wave: whether they are unique, just serial numbers, and which recur."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.rows.cleaning.texts import MOST_DIGITS, are_digits
from mlm.rows.linking.survey_rows import SurveyRows

MAX_SHARED_IDS = 0.05
"""Ids count as unique in a wave when at most this share of them has several parents."""


@dataclass(frozen=True)
class WaveIds:
    """Ids of the units of a level in one wave.

    Attributes
    ----------
    codes : ndarray of int, shape (G,)
        Id of each unit among those of all waves.
    numbers : ndarray of int, shape (G,)
        The id as a whole number; -1 where it is none.
    """

    codes: np.ndarray
    numbers: np.ndarray

    @cached_property
    def _found(self) -> np.ndarray:
        """Whether each code, up to the largest, is that of a unit, bool."""
        found = np.zeros(int(self.codes.max(initial=-1)) + 1, dtype=bool)
        found[self.codes] = True
        return found

    @property
    def distinct(self) -> int:
        """Number of different ids."""
        return int(np.count_nonzero(self._found))

    @property
    def are_unique(self) -> bool:
        """Whether hardly any id occurs under two parents."""
        return self.distinct >= (1 - MAX_SHARED_IDS) * len(self.codes)

    @property
    def are_serial(self) -> bool:
        """Whether the ids are just 1 to n, in which case the same id need not be the same unit."""
        low, high = int(self.numbers.min()), int(self.numbers.max())
        return low in (0, 1) and high - low + 1 == len(self.numbers)

    def in_common(self, other: WaveIds) -> int:
        """Number of different ids that another wave has too."""
        size = min(self._found.size, other._found.size)
        return int(np.count_nonzero(self._found[:size] & other._found[:size]))


def wave_ids(rows: SurveyRows, path: Sequence[str]) -> list[WaveIds]:
    """Ids of the units of the last level of a path, by wave."""
    unit, ids = rows.unit(path), rows.ids(path[-1])
    numbers = _whole_numbers(ids.texts)
    first = (ids.codes[rows.first_rows(unit, wave)] for wave in range(len(rows.waves)))
    return [WaveIds(codes, numbers[codes]) for codes in first]


def may_recur(before: WaveIds, after: WaveIds) -> bool:
    """Whether an id found in two waves tells of the same unit: it is unique, and no serial number.

    It is a matter of these two waves alone: no other wave changes the answer.
    """
    both_serial = before.are_serial and after.are_serial
    return before.are_unique and after.are_unique and not both_serial


def _whole_numbers(texts: pa.StringArray) -> np.ndarray:
    """Texts (U,) of digits as numbers; -1 for other texts."""
    if len(texts) and are_digits(texts) and pc.max(pc.binary_length(texts)).as_py() <= MOST_DIGITS:
        has_any = pc.not_equal(texts, "")
        return pc.cast(pc.if_else(has_any, texts, "-1"), pa.int64()).to_numpy()
    is_number = pc.match_substring_regex(texts, r"^\d{1,18}$")
    return pc.cast(pc.if_else(is_number, texts, "-1"), pa.int64()).to_numpy(zero_copy_only=False)
