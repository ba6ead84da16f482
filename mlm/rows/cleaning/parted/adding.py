"""The ledger of a wave, added up from those of rows that were put in order by themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mlm.configuration.models import Configuration
from mlm.errors import FIRST_CASES
from mlm.results.survey.account import (
    CategoryCount,
    CategorySummary,
    CategoryUnits,
    EmptyUnits,
    Excluded,
    ExclusionReason,
    MissingCells,
    MissingReason,
    Place,
    RecodedCells,
    UnitCount,
    WaveLedger,
)

Cells = Counter[tuple]
"""Counts by what they are of."""


class LedgerSums:
    """Counts of the ledgers of some rows of a wave, whose units at the top are different ones.

    Parameters
    ----------
    configuration : Configuration
        The survey.
    files : sequence of str
        Files of the wave in order.
    """

    def __init__(self, configuration: Configuration, files: Sequence[str]):
        self._configuration = configuration
        self._order = {file: i for i, file in enumerate(files)}
        self._reasons: Mapping[str, Sequence[MissingReason]] = {}
        self.rows_kept = 0
        self._excluded: Counter[ExclusionReason] = Counter()
        self._first: dict[ExclusionReason, list[Place]] = {}
        self._missing, self._recoded, self._units = Cells(), Cells(), Cells()
        self._empty, self._empty_rows = Cells(), Cells()
        self._counts, self._found_in = Cells(), Cells()

    def exclude(self, excluded: Iterable[Excluded]) -> None:
        """Add rows that were left out."""
        for entry in excluded:
            self._excluded[entry.reason] += entry.rows
            first = [*self._first.get(entry.reason, []), *entry.first]
            first.sort(key=lambda place: (self._order[place.file], place.line))
            self._first[entry.reason] = first[:FIRST_CASES]

    def add(self, ledger: WaveLedger, reasons: Mapping[str, Sequence[MissingReason]]) -> None:
        """Add the ledger of some rows, and the reasons of missing cells in order."""
        self._reasons = reasons
        self.rows_kept += ledger.rows_kept
        self.exclude(ledger.excluded)
        for cells in ledger.missing:
            self._missing[cells.variable, cells.reason] += cells.cells
        for cells in ledger.recoded:
            self._recoded[cells.variable, cells.category] += cells.cells
        for units in ledger.groups:
            self._units[units.level] += units.n
        for empty in ledger.empty_groups:
            self._empty[empty.variable, empty.level] += empty.groups
            self._empty_rows[empty.variable, empty.level] += empty.rows
        for found in ledger.variables:
            if isinstance(found, CategorySummary):
                for count in found.counts:
                    self._counts[found.variable, count.category] += count.n
                for units in found.units:
                    self._found_in[found.variable, units.level, units.category] += units.groups

    @property
    def excluded(self) -> tuple[Excluded, ...]:
        """Rows that were left out, by reason."""
        return tuple(
            Excluded(reason=reason, rows=n, first=tuple(self._first[reason]))
            for reason, n in self._excluded.items()
        )

    def missing(self) -> Iterator[MissingCells]:
        """Missing cells by variable and reason."""
        for name in self._configuration.single_variables:
            for reason in self._reasons[name]:
                if n := self._missing[name, reason]:
                    yield MissingCells(variable=name, reason=reason, cells=n)

    def recoded(self) -> Iterator[RecodedCells]:
        """Cells that a recode changed."""
        for name, variable in self._configuration.single_variables.items():
            for category in variable.categories if variable.has_categories else ():
                if n := self._recoded[name, category]:
                    yield RecodedCells(variable=name, category=category, cells=n)

    def groups(self) -> Iterator[UnitCount]:
        """Units by level."""
        for level in self._configuration.level_names:
            yield UnitCount(level=level, n=self._units[level])

    def empty_groups(self) -> Iterator[EmptyUnits]:
        """Units in which an outcome is missing in every row."""
        outcomes = dict.fromkeys(a.outcome for a in self._configuration.analyses.values())
        for name in outcomes:
            for level in self._configuration.level_names[:-1]:
                if n := self._empty[name, level]:
                    rows = self._empty_rows[name, level]
                    yield EmptyUnits(variable=name, level=level, groups=n, rows=rows)

    def categories(self, name: str) -> CategorySummary:
        """Rows and units of the categories of a variable."""
        categories = tuple(self._configuration.variables[name].categories)
        counts = [CategoryCount(category=c, n=self._counts[name, c]) for c in categories]
        return CategorySummary(
            variable=name,
            n=sum(count.n for count in counts),
            counts=tuple(counts),
            units=tuple(
                CategoryUnits(level=level, category=c, groups=self._found_in[name, level, c])
                for level in self._configuration.level_names[:-1]
                for c in categories
            ),
        )
