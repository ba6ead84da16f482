"""How standards change over waves in the settled model, and how stable the effects of units are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.level import Level
from mlm.results.names import Category, Formula, VariableName, WaveName
from mlm.results.over_time import Matrix
from mlm.results.reason import Reason
from mlm.results.record import Record
from mlm.results.sampled.estimate import SampledChange, SampledEstimate
from mlm.results.sampled.reason import SampledReason
from mlm.results.sampled.selection import SampledTest


class AdjustedSampledMean(SampledEstimate):
    """The mean of a wave, covariates at their weighted means over all rows."""

    wave: WaveName
    change: SampledChange | None = Field(description="since the first wave; None for that one")


class AdjustedGroupMean(SampledEstimate):
    """The adjusted mean of a wave within a category."""

    wave: WaveName
    difference: SampledEstimate | None = Field(
        description="from the first category; None for that one"
    )
    moved: SampledEstimate | None = Field(
        description="change of that difference since the first wave; None for the first category "
        "and the first wave"
    )


class AdjustedCategory(Record):
    """Adjusted means of one category, or at one value of a number."""

    category: Category | None = Field(description="None for a number")
    value: float | None = Field(None, description="None for a category")
    waves: tuple[AdjustedGroupMean, ...]


class AdjustedMeansByCategory(Record):
    """Adjusted means within the categories of a variable that has a product with time."""

    variable: VariableName
    categories: tuple[AdjustedCategory, ...]
    test: SampledTest = Field(description="that all categories change alike")


class CorrelationOfWaves(SampledEstimate):
    """Correlation of the true effects of units between two waves."""

    first: WaveName
    second: WaveName


class EstimatedSampledStability(Record):
    """How far the effects of units agree from wave to wave."""

    kind: Literal["estimated"] = "estimated"
    level: Level = Field(description="whose units are seen in several waves")
    within: Level = Field(description="the same units in each wave")
    waves: tuple[WaveName, ...]
    sd: tuple[float, ...] = Field(description="of the effects in each wave, units of the outcome")
    correlation: Matrix = Field(description="of the true effects between waves")
    average: SampledEstimate = Field(
        description="the correlation between two waves, one for all pairs: the part of the "
        "variance of the effects that lasts"
    )


class RefusedSampledStability(Record):
    """A level whose stability is not told."""

    kind: Literal["refused"] = "refused"
    level: Level | None = Field(description="None: no level has units that recur")
    reason: SampledReason | Reason


SampledStability = Annotated[
    EstimatedSampledStability | RefusedSampledStability, Field(discriminator="kind")
]


class DepartureOfWaves(Record):
    """Whether a line or curve of time fits the weighted means of the waves."""

    test: SampledTest = Field(description="of the departures of the waves from it, jointly")
    rejected: bool = Field(
        description="whether it does not fit; means are told of the waves as categories then"
    )


class SampledOverTime(Record):
    """Adjusted means by wave from the settled model, and the stability of the effects of units."""

    formula: Formula = Field(description="of the model that the means are told from")
    adjusted_means: tuple[AdjustedSampledMean, ...] = Field(
        description="one a wave; of one wave alone its mean"
    )
    test: SampledTest | None = Field(
        description="that the means of all waves are the same; None: there is one wave"
    )
    lack_of_fit: DepartureOfWaves | None = Field(
        None, description="of the course of the mean; None where no wave can depart from it"
    )
    by: tuple[AdjustedMeansByCategory, ...]
    levels: tuple[SampledStability, ...]
