"""How standards change over waves in the settled model, and how stable the effects of units are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.level import Level
from mlm.results.names import Category, Formula, VariableName, WaveName
from mlm.results.over_time import Matrix
from mlm.results.random_part import WaveForm
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
    """Correlation of the effects of units between two waves."""

    first: WaveName
    second: WaveName


class EstimatedCovarianceOverWaves(Record):
    """Effects of units as one vector of all waves, beside the settled model."""

    kind: Literal["estimated"] = "estimated"
    form: WaveForm
    formula: Formula = Field(description="of the model; its other parts are the settled model's")
    holds_rows: bool = Field(
        description="whether units have one row a wave, so that their effects hold what is of the "
        "row alone"
    )
    sd: tuple[SampledEstimate, ...] = Field(
        description="of the effects in each wave, units of the outcome"
    )
    pairs: tuple[CorrelationOfWaves, ...]
    alike: SampledTest = Field(
        description="that the effects have one standard deviation in all waves, and one "
        "correlation in all pairs of them"
    )


class RefusedCovarianceOverWaves(Record):
    """Effects of units that are not told as one vector of all waves."""

    kind: Literal["refused"] = "refused"
    reason: SampledReason | Reason


CovarianceOverWaves = Annotated[
    EstimatedCovarianceOverWaves | RefusedCovarianceOverWaves, Field(discriminator="kind")
]


class EstimatedSampledStability(Record):
    """How far the effects of units agree from wave to wave."""

    kind: Literal["estimated"] = "estimated"
    level: Level = Field(description="whose units are seen in several waves")
    within: Level | None = Field(
        description="the same units in each wave, whose variance in the settled model is what does "
        "not last; None: that model has no such level, and what is told is of the covariance over "
        "waves"
    )
    waves: tuple[WaveName, ...]
    sd: tuple[float, ...] = Field(description="of the effects in each wave, units of the outcome")
    correlation: Matrix = Field(description="of the effects between waves")
    average: SampledEstimate = Field(
        description="the correlation between two waves: with a level within, one for all pairs, "
        "the part of the variance of the effects that lasts; else the mean over the pairs"
    )
    over_waves: CovarianceOverWaves = Field(
        description="with a standard deviation of each wave and correlations of the pairs"
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
