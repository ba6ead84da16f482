"""Ids of which only the spelling differs, as a check."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.names import LevelName, SpelledId, WaveName
from mlm.results.record import Record

Spelling = Literal["zeros", "case", "accents", "characters", "marks", "blanks"]


class TwoSpellings(Record):
    """Ids of two units that may be one."""

    here: SpelledId = Field(description="in the wave")
    there: SpelledId = Field(description="in the other wave")


class SpelledOtherwise(Record):
    """Units that would be found in a wave before, or be one in a wave, but for their spelling."""

    kind: Literal["spelled_otherwise"] = "spelled_otherwise"
    result: Literal["ok", "warning"]
    level: LevelName
    wave: WaveName
    other: WaveName = Field(description="the wave before; the same one for units of one wave")
    units: int = Field(description="units of the wave that may be others")
    of: int = Field(description="units of the wave")
    spellings: tuple[Spelling, ...] = Field(description="all ways in which they differ")
    shapes: tuple[TwoSpellings, ...] = Field(
        description="how the first ones are spelled: 9 for digits, a and A for letters"
    )
    ids: tuple[TwoSpellings, ...] = Field(description="the first ones; none of persons")
