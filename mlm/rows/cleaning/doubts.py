"""Cells that are read, but may mean something else than they say: collected over the chunks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow.compute as pc

from mlm.configuration.models import Configuration
from mlm.configuration.variable import Variable
from mlm.results.survey.cell_doubts import LateDates, MarkBeforeThreeDigits
from mlm.rows.files.marks import Marks

if TYPE_CHECKING:
    from mlm.rows.cleaning.codebook import Distinct

FEWEST_MARKED = 10
"""Numbers with a mark from which on it is remarkable that three digits follow each."""

_ALL = (-np.inf, np.inf)

CALENDAR = (1900, 2200)
"""Positions of waves in time that can be years."""


class CellDoubts:
    """What is doubtful in the cells of one variable of a wave.

    Parameters
    ----------
    name : str
        The variable.
    variable : Variable
        Its codebook entry in the wave.
    """

    def __init__(self, name: str, variable: Variable):
        self._name, self._variable = name, variable
        self._marked, self._mark, self._are_alike = 0, ".", True
        self._late: Counter[str] = Counter()

    def note_numbers(self, distinct: Distinct, numbers: np.ndarray, marks: Marks) -> None:
        """Note the numbers (U,) of a chunk of text, NaN where a text is none."""
        if not self._are_alike or marks.thousands is not None:
            return
        marked = np.isfinite(numbers) & _holds(distinct, marks.decimal)
        low, high = (None if self._variable.rescale else self._variable.range) or _ALL
        grouped = 1000.0 * numbers[marked]
        fit = marks.like_thousands(distinct.texts)[marked] & (low <= grouped) & (grouped <= high)
        self._are_alike = bool(fit.all())
        self._marked += int(distinct.cells(marked).sum())
        self._mark = marks.decimal

    def note_late(self, distinct: Distinct, after: str, late: np.ndarray) -> None:
        """Note dates (bool, U) that come after a day."""
        self._late[after] += int(distinct.cells(late).sum())

    @property
    def marked(self) -> tuple[int, Literal[".", ","], bool]:
        """Numbers with a decimal mark, the mark, and whether each stands as between thousands."""
        return self._marked, self._mark, self._are_alike

    def take(self, cells: int, mark: Literal[".", ","], are_alike: bool) -> None:
        """Take up what was noted of other files of the wave, which come after those so far."""
        self._are_alike = self._are_alike and are_alike
        self._marked += cells
        self._mark = mark

    def take_late(self, late: LateDates) -> None:
        """Take up dates that come after a day, of other files of the wave."""
        self._late[late.after] += late.cells

    def late(self) -> Iterator[LateDates]:
        """Dates that come after a day."""
        for after, cells in self._late.items():
            if cells:
                yield LateDates(variable=self._name, cells=cells, after=after)

    def found(self) -> Iterator[MarkBeforeThreeDigits | LateDates]:
        """The doubts, after all chunks."""
        if self._are_alike and self._marked >= FEWEST_MARKED:
            yield MarkBeforeThreeDigits(variable=self._name, cells=self._marked, mark=self._mark)
        yield from self.late()


def last_day(configuration: Configuration, wave: str) -> date | None:
    """The last day on which a wave can have been held; None where its time is no year.

    A wave may be named by the year in which a school year begins.
    """
    times = [each.time for each in configuration.waves]
    if not all(CALENDAR[0] <= time < CALENDAR[1] for time in times):
        return None
    return date(int(configuration.wave(wave).time) + 1, 12, 31)


def _holds(distinct: Distinct, mark: str) -> np.ndarray:
    return pc.match_substring(distinct.texts, mark).to_numpy(zero_copy_only=False)
