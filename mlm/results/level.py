"""A level of the hierarchy as a record."""

from __future__ import annotations

from pydantic import Field

from mlm.results.names import LevelName
from mlm.results.record import Record


class Level(Record):
    """A level of the models: units, units in waves, or the rows."""

    unit: LevelName = Field(description="the units, such as school; of units in waves: the units")
    in_wave: bool = Field(False, description="whether each unit counts anew in every wave")
    ids: tuple[LevelName, ...] = Field(
        description="id columns that name a unit, outermost first; none: each row is one"
    )
