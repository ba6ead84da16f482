"""How time enters the models of an analysis: as waves, a line, or a curve. Layer: nouns."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from mlm.nouns.levels import WAVE
from mlm.nouns.model import Factor, Term


@dataclass(frozen=True)
class PlannedTime:
    """How time enters the models of an analysis.

    Attributes
    ----------
    name : str
        Its name in formulas.
    coding : str
        ``"categories"``, ``"trend"`` or ``"polynomial"``.
    waves : tuple of str
        Names of the waves.
    times : tuple of float
        Their positions in time, counted from the origin.
    degree : int
        Highest power of time; 1 of a straight line.
    origin : float
        What counts as zero, on the scale of the configuration.
    """

    name: str
    coding: str
    waves: tuple[str, ...]
    times: tuple[float, ...]
    degree: int = 1
    origin: float = 0.0

    @property
    def factor(self) -> str:
        """Variable whose categories are the waves."""
        return self.name if self.coding == "categories" else WAVE

    @property
    def is_trend(self) -> bool:
        """Whether time is a number in the models, and not a set of categories."""
        return self.coding != "categories" and len(self.waves) > 1

    @property
    def term(self) -> Term | None:
        """Main effect of time, of a curve its line; None when there is one wave only."""
        return Term((Factor(self.name),)) if len(self.waves) > 1 else None

    @property
    def terms(self) -> tuple[Term, ...]:
        """Main effect of time and, of a curve, its powers; none when there is one wave only."""
        if self.term is None:
            return ()
        powers = (Factor(self.name, "power", power) for power in range(2, self.degree + 1))
        return (self.term, *(Term((factor,)) for factor in powers))

    @property
    def departures(self) -> Term:
        """The waves as categories: beside a line or a curve, how each departs from it."""
        return Term((Factor(self.factor),))

    @property
    def may_depart(self) -> bool:
        """Whether the waves may depart from a line or curve: it does not go through all of them."""
        return self.is_trend and self.degree < len(self.waves) - 1

    def time_of(self, wave: str) -> float:
        """Position in time of a wave."""
        return self.times[self.waves.index(wave)]

    def columns_of(self, wave: str) -> dict[str, str | float]:
        """What all rows of a wave have alike: its name and, where time is a number, its time."""
        columns: dict[str, str | float] = {WAVE: wave, self.factor: wave}
        if self.is_trend:
            columns[self.name] = float(self.time_of(wave))
        return columns

    def products(self, variable: str) -> tuple[Term, ...]:
        """Products of a variable with time and, of a curve, with each of its powers."""
        return tuple(Term((*term.factors, Factor(variable))) for term in self.terms)

    @property
    def scale(self) -> tuple[float, float]:
        """Origin and unit of the stored column of time: powers of a curve keep their digits."""
        first, last = self.times[0], self.times[-1]
        if self.degree == 1:
            return first, 1.0
        return (first + last) / 2.0, 2.0 ** round(math.log2((last - first) / 2.0))

    def saturated(self, terms: Iterable[Term]) -> tuple[Term, ...]:
        """Fixed terms with the waves as categories wherever time is a number.

        Beside time stand the departures of the waves from its line or curve, beside the product of
        a variable with time those within the variable. Columns that time determines are left out
        by the fit.
        """
        extended = {term.key: term for term in terms}
        for term in list(extended.values()) if self.is_trend else ():
            if self.name in term.variables:
                rest = (factor for factor in term.factors if factor.variable != self.name)
                wide = Term((*self.departures.factors, *rest))
                extended.setdefault(wide.key, wide)
        return tuple(extended.values())
