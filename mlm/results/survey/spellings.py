"""Ids of which only the spelling differs, as a check."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.names import FileName, LevelName, SpelledId, WaveName
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


class DigitCount(Record):
    """Ids of digits alone, of one length."""

    length: int = Field(description="digits of the id")
    rows: int


class IdForms(Record):
    """How the ids of a level are written in a file, in rows that have one."""

    level: LevelName
    file: FileName
    rows: int
    decimals: int = Field(description="with empty decimal places, read without: 9001.0")
    composed: int = Field(description="in another Unicode form, read in NFC")
    padded: int = Field(description="of digits, with a zero in front")
    capitals: int = Field(description="with letters, all of them capital")
    small: int = Field(description="with letters, none of them capital")
    digits: tuple[DigitCount, ...] = Field(description="of digits alone, by their number")


class WrittenOtherwise(Record):
    """Ids of a file in another form than those of another file."""

    kind: Literal["written_otherwise"] = "written_otherwise"
    result: Literal["ok", "warning"]
    level: LevelName
    wave: WaveName
    file: FileName
    how: Literal["decimals", "composed", "zeros", "case"] = Field(
        description="the first two are read as the same ids, the others are not"
    )
    rows: int
    of: int = Field(description="rows of the file that have an id")
    beside: FileName = Field(description="a file in which they are not")
