"""Ids of all waves with differences of spelling ignored, as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.nouns.ids.spelling import folded
from mlm.rows.cleaning.texts import are_digits, begin_with, number, ranks

if TYPE_CHECKING:
    from mlm.rows.linking.survey_rows import SurveyRows

PLAIN = r"^(0|[1-9][0-9]*|[a-z]+)$"
"""Texts that are their own folded form, as most ids are."""

# what folds texts of ASCII, in the order of mlm.nouns.ids.spelling
_ASCII_FOLDS = (
    ("['\"`]+", ""),
    (r"[\s]+", ""),
    ("(^|[^0-9.,])0+([0-9])", r"\1\2"),
    (r"^[+]?(-?[0-9]+)([.,]0*)?$", r"\1"),
)


def all_folded(texts: pa.StringArray) -> pa.StringArray:
    """Texts with all differences of spelling ignored, as ``mlm.nouns.ids.spelling.folded`` does."""
    if _are_plain(texts):
        return texts
    is_ascii = pc.string_is_ascii(texts)
    out = pc.ascii_lower(pc.if_else(is_ascii, texts, ""))
    for pattern, text in _ASCII_FOLDS:
        out = pc.replace_substring_regex(out, pattern, text)
    if pc.all(is_ascii).as_py():
        return out
    others = [folded(text) for text in texts.filter(pc.invert(is_ascii)).to_pylist()]
    return pc.replace_with_mask(out, pc.invert(is_ascii), pa.array(others, pa.string()))


def _are_plain(texts: pa.StringArray) -> bool:
    if (
        are_digits(texts)
        and not begin_with(texts, "0").any()
        and not pc.any(pc.equal(texts, "")).as_py()
    ):
        return True
    return bool(pc.all(pc.match_substring_regex(texts, PLAIN)).as_py())


class Folding:
    """Numbers of ids that are the same for all spellings of one, level by level.

    Parameters
    ----------
    rows : SurveyRows
        Cleaned rows of all waves.
    """

    def __init__(self, rows: SurveyRows):
        self.rows = rows
        self._numbers: dict[str, np.ndarray] = {}

    def numbers(self, level: str) -> np.ndarray:
        """Number (U,) of each distinct id of a level."""
        if level not in self._numbers:
            texts = self.rows.ids(level).texts
            other = all_folded(texts)
            is_own = other is texts  # distinct and in order
            own = np.arange(len(texts), dtype=np.int32) if is_own else ranks(other)[0]
            self._numbers[level] = own
        return self._numbers[level]

    def merges(self, levels: Sequence[str]) -> bool:
        """Whether two ids of some level are spellings of one."""
        found = (self.numbers(level) for level in levels)
        return any(int(own.max()) + 1 < len(own) for own in found)

    def keys(self, first: np.ndarray, levels: Sequence[str]) -> np.ndarray:
        """Number (G,) of the folded ids, at some levels, of units given by a row of each (G,)."""
        key = np.zeros(len(first), dtype=np.int64)
        for level in levels:
            own = self.numbers(level)[self.rows.ids(level).codes[first]]
            key = number(key * (int(own.max()) + 1) + own)[0].astype(np.int64)
        return key
