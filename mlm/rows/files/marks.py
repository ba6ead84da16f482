"""Marks inside the numbers of a text: decimal mark, and mark between groups of thousands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_SAME_MARKS = {" ": " \u00a0\u2007\u2009\u202f", "'": "'\u2019"}
"""Characters that are written for a mark between thousands."""


@dataclass(frozen=True)
class Marks:
    """How the numbers of a text are written.

    Attributes
    ----------
    decimal : str
        Decimal mark, ``.`` or ``,``.
    thousands : str or None
        Mark between groups of three digits, which a number may have; None where none may.
    """

    decimal: str = "."
    thousands: str | None = None

    def numbers(self, texts: pa.StringArray) -> np.ndarray:
        """Texts (U,) as numbers; NaN for what is no finite number written with these marks."""
        fits = pc.match_substring_regex(texts, f"^{self._pattern}$")
        texts = pc.if_else(fits, texts, "nan")
        if self.thousands is not None:
            texts = pc.replace_substring_regex(texts, _any_of(self.thousands), "")
        if self.decimal != ".":
            texts = pc.replace_substring(texts, self.decimal, ".")
        numbers = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False) + 0.0
        return np.where(np.isfinite(numbers), numbers, np.nan)

    def like_thousands(self, texts: pa.StringArray) -> np.ndarray:
        """Texts (bool, U) whose decimal mark stands as one between thousands does: 12.345."""
        pattern = rf"^[+-]?[1-9]\d{{0,2}}{_any_of(self.decimal)}\d{{3}}$"
        return pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)

    @property
    def _pattern(self) -> str:
        decimal = _any_of(self.decimal)
        whole = r"\d+"
        if self.thousands is not None:
            whole = rf"(\d+|[1-9]\d{{0,2}}({_any_of(self.thousands)}\d{{3}})+)"
        return rf"[+-]?({whole}({decimal}\d*)?|{decimal}\d+)([eE][+-]?\d+)?"


POINT = Marks()
"""A decimal point and nothing between thousands."""

MARKS = tuple(
    Marks(decimal, thousands)
    for decimal in (".", ",")
    for thousands in (None, ",", ".", " ", "'")
    if decimal != thousands
)
"""All ways to write numbers: points before commas, of each those without other marks first."""


def likely_marks(
    texts: Iterable[str], range_: tuple[float, float] | None = None
) -> tuple[Marks, ...]:
    """Ways of writing in which all of some texts are numbers; several where they do not tell.

    Parameters
    ----------
    texts : iterable of str
        Cells of a column, at least one.
    range_ : (low, high), optional
        Lowest and highest valid number.
    """
    column = pa.array(list(texts), pa.string())
    low, high = range_ or (-np.inf, np.inf)
    found: list[Marks] = []
    for marks in MARKS:
        numbers = marks.numbers(column)
        is_used = marks.thousands is None or Marks(marks.decimal) not in found
        if is_used and ((numbers >= low) & (numbers <= high)).all():
            found.append(marks)
    return tuple(found)


def _any_of(mark: str) -> str:
    return f"[{_SAME_MARKS.get(mark, mark)}]"
