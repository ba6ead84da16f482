"""Effects of a sample within units and between their means."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.level import Level
from mlm.results.names import Category, VariableName
from mlm.results.reason import NotInModel
from mlm.results.record import Record
from mlm.results.sampled.estimate import SampledEstimate


class SampledUnitMean(Record):
    """A weighted mean over units beside the variable itself."""

    term: VariableName = Field(description="the variable that holds the mean")
    level: Level = Field(description="of the units")
    between: SampledEstimate = Field(
        description="effect of a difference between the means of units"
    )
    contextual: SampledEstimate = Field(description="effect between units less that within")


class SampledWithinBetween(Record):
    """A variable's effect within units and between their means."""

    variable: VariableName
    category: Category | None = Field(
        description="compared with the reference; None: for each unit of a number"
    )
    model: Literal["full", "settled"] = Field(description="in which both are estimated")
    within: SampledEstimate | None = Field(
        description="effect of a difference inside a unit; None: not in the model"
    )
    means: tuple[SampledUnitMean, ...] = Field(description="outermost units first")
    reason: NotInModel | None = Field(description="why parts are missing")
