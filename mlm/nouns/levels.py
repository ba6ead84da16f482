"""Levels that the models have: units, units in waves, and the rows. Layer: nouns."""

from __future__ import annotations

from dataclasses import dataclass

WAVE = "wave"
"""Id column of the waves, where they are among the ids of a group."""

OCCASION = "occasion"
"""Name of the rows where the units of the lowest level are followed."""

ROW = "row"
"""Level of the variables that describe rows."""

RESIDUAL = "residual"
"""Name of what varies between rows, beside the names of grouping factors."""


@dataclass(frozen=True)
class PlannedLevel:
    """A level of the models; they stand from top to bottom, and the last is the residual.

    Attributes
    ----------
    unit : str
        Kind of unit: ``school``, also where each school counts anew in every wave.
    group : tuple of str
        Id columns of its groups, outermost first; empty for the residual.
    in_wave : bool
        Whether each unit counts anew in every wave.
    beside : bool
        Whether the units are crossed with those of the lowest level, which are followed: classes,
        teachers.
    """

    unit: str
    group: tuple[str, ...]
    in_wave: bool = False
    beside: bool = False

    @property
    def is_residual(self) -> bool:
        """Whether the units are the rows."""
        return not self.group

    @property
    def key(self) -> str:
        """Name of the grouping factor as lme4 writes it, or ``residual``."""
        return ":".join(self.group) or RESIDUAL

    @property
    def name(self) -> str:
        """Name in messages and stored results: ``school``, ``school in wave``."""
        return f"{self.unit} in {WAVE}" if self.in_wave else self.unit

    @property
    def place(self) -> str:
        """Name among the levels of a survey, in which units in waves are those of the wave."""
        return WAVE if self.in_wave else self.unit
