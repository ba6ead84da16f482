"""Checks of the settled model that need no row."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.coefficient import Term
from mlm.results.level import Level
from mlm.results.names import Unit, WaveName
from mlm.results.random_part import WaveForm
from mlm.results.reason import NoGroups, OverImputations, Reason
from mlm.results.record import Record
from mlm.results.test import AnyTest


class WaveVariance(Record):
    """Residual variance of a wave."""

    wave: WaveName
    variance: float = Field(description="in squared units of the outcome")
    sd: float = Field(description="in units of the outcome")


class ResidualVariances(Record):
    """Residual variance by wave, against one for all."""

    kind: Literal["made"] = "made"
    in_settled: bool = Field(description="whether the settled model has them")
    waves: tuple[WaveVariance, ...]
    test: AnyTest = Field(description="that all waves have one variance")


class ResidualInForm(Record):
    """A form over waves that stands in the place of a residual: units with one row in a wave."""

    kind: Literal["in_form"] = "in_form"
    level: Level = Field(description="of the units")
    form: WaveForm
    waves: tuple[WaveVariance, ...] = Field(description="of the rows of each wave, by the form")


class RefusedResidualVariances(Record):
    """Residual variances that were not told apart."""

    kind: Literal["refused"] = "refused"
    reason: Reason


class QuantilePoint(Record):
    """Neighbouring units on a normal quantile plot: their number and their means."""

    units: int = Field(description="how many")
    expected: float = Field(description="mean normal quantile")
    observed: float = Field(description="mean standardised effect")


class Normality(Record):
    """Distribution of a level's standardised effects."""

    kind: Literal["made"] = "made"
    level: Level
    units: int
    skewness: float | None = Field(description="of the standardised effects")
    kurtosis: float | None = Field(description="above that of a normal distribution")
    correlation: float | None = Field(description="of the quantiles")
    largest: float = Field(description="standardised effect in size")
    points: tuple[QuantilePoint, ...]


class RefusedNormality(Record):
    """A level whose effects have no distribution to look at."""

    kind: Literal["refused"] = "refused"
    level: Level
    units: int
    reason: Reason


class UnitInfluence(Record):
    """How far one unit moves the coefficients."""

    unit: Unit
    distance: float = Field(description="Cook's distance")
    term: Term = Field(description="coefficient that moves most")
    change: float = Field(description="of it, in standard errors")


class InfluenceSummary(Record):
    """Influence of all units of a level."""

    level: Level = Field(description="of the units")
    n: int = Field(description="units that can be left out")
    threshold: float = Field(description="4 over the number of units")
    above: int = Field(description="units whose distance is above the threshold")
    largest_distance: float = Field(description="Cook's distance of the unit where it is largest")
    largest_change: float = Field(
        description="move of a coefficient, in standard errors, largest in size"
    )
    term: Term = Field(description="the coefficient of that move")


class Influence(InfluenceSummary):
    """Influence with the variances held (mean shift)."""

    kind: Literal["made"] = "made"
    units: tuple[UnitInfluence, ...] = Field(description="those of the largest distances")


class RefusedInfluence(Record):
    """A model without groups that could be left out one by one."""

    kind: Literal["refused"] = "refused"
    reason: Annotated[NoGroups | OverImputations, Field(discriminator="kind")]


class LevelVariance(Record):
    """A level's variance."""

    level: Level
    variance: float = Field(description="in squared units of the outcome")


class VarianceRange(LevelVariance):
    """A level's variance, and its extremes over fits without one unit each."""

    lowest: float = Field(description="without one of the units")
    highest: float = Field(description="without one of the units")


class UnitDeletion(UnitInfluence):
    """What the model would be without a unit."""

    exact: bool = Field(description="whether the model was fitted again")
    variances: tuple[LevelVariance, ...] = Field(description="without the unit")


class Deletion(InfluenceSummary):
    """Each unit left out, rows and all."""

    kind: Literal["made"] = "made"
    of: int | None = Field(
        description="units of the level, where only those were left out whose means alone move "
        "the coefficients most"
    )
    range: tuple[VarianceRange, ...] = Field(description="of the variance of each level")
    units: tuple[UnitDeletion, ...] = Field(
        description="those of the largest distances, and that of the largest change"
    )


class RefusedDeletion(Record):
    """Groups that are not left out with their rows."""

    kind: Literal["refused"] = "refused"
    level: Level | None = Field(description="of the groups; None: the model has none")
    reason: Reason


class Diagnostics(Record):
    """Checks of the settled model."""

    residual_variance: Annotated[
        ResidualVariances | ResidualInForm | RefusedResidualVariances, Field(discriminator="kind")
    ]
    normality: tuple[Annotated[Normality | RefusedNormality, Field(discriminator="kind")], ...]
    influence: Annotated[Influence | RefusedInfluence, Field(discriminator="kind")]
    deletion: Annotated[Deletion | RefusedDeletion, Field(discriminator="kind")]
