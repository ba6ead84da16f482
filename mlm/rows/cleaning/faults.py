"""Cells that break their codebook entry, collected over the chunks and told once.

A message tells how many cells, where the first ones are, what was expected and what to do. It shows
a code only when many cells share it, so that it cannot be the fact of one person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from mlm.configuration.variable import Variable
from mlm.errors import FIRST_CASES, and_more, listed
from mlm.rows.cleaning.number_hints import Written, number_hint
from mlm.rows.messages import counted

if TYPE_CHECKING:
    from mlm.rows.cleaning.codebook import Distinct

MIN_SHOWN = 10
"""Cells that must share a code before a message shows it."""

_HIDDEN = "not shown here ('mlm check --show-values' shows them)"
_KEPT_TEXTS = 1000
_SHOWN_CODES = 5
_LISTED_CODES = 12
_SHOWN_LENGTH = 20

Places = Callable[[list[int]], str]
"""From row numbers (of all rows read) to the text of their places."""


class FaultLog:
    """Faults of one variable: their number, first rows and texts, by kind."""

    def __init__(self, name: str, variable: Variable):
        self._name = name
        self._variable = variable
        self._rows: dict[str, list[int]] = {}
        self._cells: Counter[str] = Counter()
        self._texts: dict[str, Counter[str]] = {}
        self._read: set[str] = set()

    def add(self, kind: str, distinct: Distinct, texts: np.ndarray, start: int) -> None:
        """Note the cells of a chunk whose text is marked (bool, U)."""
        at_fault = np.flatnonzero(distinct.cells(texts))
        self._cells[kind] += len(at_fault)
        first = self._rows.setdefault(kind, [])
        first += [start + int(row) for row in at_fault[: FIRST_CASES - len(first)]]
        kept = self._texts.setdefault(kind, Counter())
        found = distinct.texts.take(pa.array(distinct.codes[at_fault])).value_counts()
        for text, n in zip(found.field(0).to_pylist(), found.field(1).to_pylist(), strict=True):
            if text in kept or len(kept) < _KEPT_TEXTS:
                kept[text] += n

    def note_read(self, texts: Iterable[str]) -> None:
        """Note some texts with a decimal mark that are numbers beside others that are none."""
        self._read |= set(texts)

    def messages(self, places: Places, written: Written, show: bool = False) -> list[str]:
        """What to say of all faults; ``show`` tells rare codes too."""
        describe = {
            "not a number": self._not_a_number,
            "not a date": self._not_a_date,
            "outside": self._outside,
        }
        return [
            describe.get(kind, self._unknown)(n, self._at(kind, places), written, show)
            for kind, n in self._cells.items()
        ]

    def _at(self, kind: str, places: Places) -> str:
        """Where the first cells of a kind are, and how many others there are."""
        first, n = self._rows[kind], self._cells[kind]
        return places(first) + and_more(n - len(first))

    def _not_a_number(self, n: int, at: str, written: Written, show: bool) -> str:
        range_ = None if self._variable.rescale else self._variable.range
        texts = self._texts["not a number"]
        hint = number_hint(texts, self._read, written, range_)
        codes = _shown_codes(texts, show)
        return f"{self._name}: {counted(n, 'cell')} not a number ({at}){codes}; {hint}"

    def _not_a_date(self, n: int, at: str, written: Written, show: bool) -> str:
        form = f"written as {self._variable.format}" if self._variable.format else "as 2024-05-31"
        codes = _shown_codes(self._texts["not a date"], show)
        return (
            f"{self._name}: {counted(n, 'cell')} not a date {form} ({at}){codes}; correct them, "
            "say under 'format' how dates are written, or declare codes that mean missing under "
            "'missing'"
        )

    def _outside(self, n: int, at: str, written: Written, show: bool) -> str:
        low, high = self._variable.range
        texts = self._texts["outside"]
        shared = ", all with the same number" if n > 1 and len(texts) == 1 else ""
        codes = _shown_codes(texts, show)
        return (
            f"{self._name}: {counted(n, 'cell')} outside the range {low:g} to {high:g}{shared} "
            f"({at}){codes}; correct them, declare codes that mean missing under 'missing', or "
            "widen 'range'"
        )

    def _unknown(self, n: int, at: str, written: Written, show: bool) -> str:
        texts = self._texts["unknown"]
        expected = listed([*self._variable.categories, *self._variable.recode], _LISTED_CODES)
        codes = _shown_codes(texts, show)
        different = "" if codes else f": {counted(len(texts), 'different text')}, {_HIDDEN}"
        return (
            f"{self._name}: {counted(n, 'cell')} with a code that is not in the codebook "
            f"({at}){codes}{different}; expected {expected}; add the codes under categories, "
            "recode or missing, or correct the cells"
        )


def _shown_codes(texts: Counter[str], show: bool) -> str:
    """The codes with their counts, where they are few, short and not rare."""
    is_long = any(len(text) > _SHOWN_LENGTH for text in texts)
    if len(texts) > _SHOWN_CODES or not show and (is_long or min(texts.values()) < MIN_SHOWN):
        return ""
    return ": " + ", ".join(f"{text!r} ({n})" for text, n in texts.items())
