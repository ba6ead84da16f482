"""Designs of repeated surveys: what recurs from wave to wave, and where time stands. Layer: nouns.

A further design is one more constant here, and words for it in the reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Design:
    """What a survey observes again in later waves.

    Attributes
    ----------
    name : str
        As the configuration and the results write it.
    recurring : str or None
        Kind of unit, the lowest one, that is found again in later waves; None where each wave draws
        its own.
    time_below : int
        Level that time comes directly below where nothing else is said, counted from the lowest,
        which is 1; 0 where there is one wave.
    """

    name: str
    recurring: str | None
    time_below: int

    def __str__(self) -> str:
        return self.name

    @property
    def is_longitudinal(self) -> bool:
        """Whether there are several waves."""
        return self.time_below > 0

    @property
    def follows_lowest(self) -> bool:
        """Whether units of the lowest level are followed: a row is one occasion of such a unit.

        Otherwise each unit of the lowest level is one row. Units that are followed may be crossed
        with those above them.
        """
        return self.time_below == 1

    @property
    def recurs(self) -> bool:
        """Whether units above time are followed, so that some of them may be lost."""
        return self.recurring is not None

    def above_time(self, levels: Sequence[str]) -> Sequence[str]:
        """Levels, of those of a survey from the top, that time may come directly below."""
        return levels[-1:] if self.follows_lowest else levels[:-1]

    def usual_level(self, levels: Sequence[str]) -> str | None:
        """Level that time comes directly below where nothing else is said.

        None where time stands above all levels, or where there is one wave.
        """
        return levels[-self.time_below] if 0 < self.time_below <= len(levels) else None

    def is_clear(self, levels: Sequence[str]) -> bool:
        """Whether the place of time follows from the design alone."""
        return self.follows_lowest or len(levels) <= 3


SAME_PUPILS = Design("same_pupils", recurring="pupil", time_below=1)
SAME_SCHOOLS = Design("same_schools", recurring="school", time_below=2)
NEW_SCHOOLS = Design("new_schools", recurring=None, time_below=3)
CROSS_SECTION = Design("cross_section", recurring=None, time_below=0)

DESIGNS = {
    design.name: design for design in (SAME_PUPILS, SAME_SCHOOLS, NEW_SCHOOLS, CROSS_SECTION)
}
"""All designs by name."""

LONGITUDINAL = tuple(design for design in DESIGNS.values() if design.is_longitudinal)
"""Designs of several waves."""


def design_named(name: str) -> Design:
    """The design of that name.

    Raises
    ------
    KeyError
        No design has the name.
    """
    return DESIGNS[name]
