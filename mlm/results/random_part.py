"""How the random part of the settled model was reached: forms over waves, level by level."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.level import Level
from mlm.results.names import Formula
from mlm.results.record import Record
from mlm.results.test import AnyTest

WaveForm = Literal[
    "constant",
    "part_by_wave",
    "variances_by_wave",
    "autoregressive",
    "autoregressive_variances",
    "line",
    "unstructured",
]
"""Forms that the effects of a level's units have over waves."""


class LevelForm(Record):
    """The form over waves of one level."""

    level: Level
    form: WaveForm
    recurs: bool = Field(description="whether units of the level are seen in several waves")


class FormStep(Record):
    """A simpler form of one level, tried while all others stayed as they were."""

    level: Level
    before: WaveForm = Field(description="the form of the level until then")
    form: WaveForm = Field(description="the simpler one")
    taken: bool = Field(description="whether the simpler form was taken")
    test: AnyTest = Field(description="that the simpler form holds, by REML")


class RandomPartPath(Record):
    """The random part of the settled model, and the path to it."""

    formula: Formula = Field(description="of the model that the forms were chosen in")
    levels: tuple[LevelForm, ...] = Field(description="the forms of all levels, outermost first")
    path: tuple[FormStep, ...] = Field(
        description="forms that were tried, in order; those of one step stand together"
    )
