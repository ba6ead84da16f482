"""The rules of disclosure of a survey: which counts may be shown, and which units named."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mlm.configuration.models import Configuration
from mlm.results.reading import At
from mlm.results.some_items import Some

PUBLIC = "public"
OPEN_WIDTH = 0.5
"""What the range of a hidden total must measure at least, as a share of the total: nine persons
must not be known to be nine or ten."""


@dataclass(frozen=True)
class Rules:
    """What a report may show of few people.

    A count from 1 to ``threshold - 1`` persons is small. Zero is not: it counts nobody. Means,
    shares and coefficients rest on at least ``threshold`` persons of at least ``units`` units.
    ``waves`` bounds the rows that one pupil can have where the same pupils are observed in every
    wave. ``nameless`` are the places of units that are persons, such as teachers: none is named.
    """

    mode: str = PUBLIC
    threshold: int = 10
    units: int = 3
    waves: int = 1
    nameless: tuple[str, ...] = ()

    @property
    def is_public(self) -> bool:
        """Whether the report is made for publication."""
        return self.mode == PUBLIC

    def is_small(self, value: Any) -> bool:
        """Whether a count, or the size of a move of one, is too small to be shown."""
        return value is not None and self.is_public and 0 < abs(value) < self.threshold

    def is_few(self, value: Any, persons: int = 1) -> bool:
        """Whether a count is of fewer persons than the threshold.

        Parameters
        ----------
        value : int or None
            The count, or the size of a move of one.
        persons : int
            The fewest persons that each of the things counted holds.
        """
        return self.is_small(None if value is None else value * persons)

    def open_to(self, value: int, persons: int = 1) -> int:
        """How large readers must be able to think that a hidden count is.

        As large as the threshold, and so much larger than it is that whatever its least possible
        value, its range is as wide as `OPEN_WIDTH` of it.

        Parameters
        ----------
        value, persons
            As for `is_few`.
        """
        total = abs(value) * persons
        return math.ceil(max(self.threshold, (1.0 + OPEN_WIDTH) * total) / persons)

    def are_few_units(self, units: int) -> bool:
        """Whether a mean, a share or a coefficient rests on too few units."""
        return self.is_public and 0 < units < self.units

    def may_name(self, unit: At) -> bool:
        """Whether a unit may be named: it surely has as many people as the threshold.

        Where a pupil has a row in every wave, the rows of a unit are at most ``waves`` times its
        pupils; a unit is named only when even that leaves enough.
        """
        if not self.is_public:
            return True
        if str(unit.source).startswith(self.nameless):
            return False
        return math.ceil(unit.value.n / self.waves) >= self.threshold

    def named(self, units: At | Some) -> Some:
        """The units that may be named."""
        some = Some(units) if isinstance(units, At) else units
        if not self.is_public:
            return some
        if f"{some.items.source}/".startswith(self.nameless):
            return Some(some.items, some.places[:0])
        # as many rows as the threshold says of one wave, over all waves
        return some.only("n", "least", (self.threshold - 1) * self.waves + 1)


def rules_of(configuration: Configuration, waves: int, effects: Iterable[At] = ()) -> Rules:
    """The rules that a configuration sets.

    Parameters
    ----------
    configuration : Configuration
    waves : int
        Of the models.
    effects : iterable of At
        Effects of the units of each level, now and before.
    """
    named = [item for item in effects if item.level.value.unit in configuration.persons]
    nameless = tuple(f"{item.source}/" for item in named)
    chosen = configuration.disclosure
    repeated = configuration.design.follows_lowest
    return Rules(
        chosen.mode, chosen.threshold, chosen.units, max(waves, 1) if repeated else 1, nameless
    )
