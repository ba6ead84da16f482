"""Checks of the final model that need no row."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.coefficient import Term
from mlm.results.level import Level
from mlm.results.names import Unit, WaveName
from mlm.results.reason import NoGroups, Reason
from mlm.results.record import Record
from mlm.results.test import AnyTest


class WaveVariance(Record):
    """Residual variance of a wave."""

    wave: WaveName
    variance: float
    sd: float


class ResidualVariances(Record):
    """Residual variance by wave, against one for all."""

    kind: Literal["made"] = "made"
    waves: tuple[WaveVariance, ...]
    test: AnyTest


class RefusedResidualVariances(Record):
    """Residual variances that were not told apart."""

    kind: Literal["refused"] = "refused"
    reason: Reason


class QuantilePoint(Record):
    """Neighbouring units on a normal quantile plot: their number and their means."""

    units: int
    expected: float
    observed: float


class Normality(Record):
    """Distribution of a level's standardised effects."""

    kind: Literal["made"] = "made"
    level: Level
    units: int
    skewness: float | None
    kurtosis: float | None
    correlation: float | None = Field(description="of the quantiles")
    largest: float
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

    level: Level
    n: int
    threshold: float = Field(description="4 over the number of units")
    above: int
    largest_distance: float
    largest_change: float
    term: Term


class Influence(InfluenceSummary):
    """Influence with the variances held (mean shift)."""

    kind: Literal["made"] = "made"
    units: tuple[UnitInfluence, ...] = Field(description="those of the largest distances")


class RefusedInfluence(Record):
    """A model without groups that could be left out one by one."""

    kind: Literal["refused"] = "refused"
    reason: NoGroups


class LevelVariance(Record):
    """A level's variance."""

    level: Level
    variance: float


class VarianceRange(LevelVariance):
    """A level's variance, and its extremes over fits without one unit each."""

    lowest: float
    highest: float


class UnitDeletion(UnitInfluence):
    """What the model would be without a unit."""

    exact: bool = Field(description="whether the model was fitted again")
    variances: tuple[LevelVariance, ...]


class Deletion(InfluenceSummary):
    """Each unit left out, rows and all."""

    kind: Literal["made"] = "made"
    range: tuple[VarianceRange, ...]
    units: tuple[UnitDeletion, ...] = Field(
        description="those of the largest distances, and that of the largest change"
    )


class RefusedDeletion(Record):
    """Groups that are not left out with their rows."""

    kind: Literal["refused"] = "refused"
    level: Level | None = Field(description="of the groups; None: the model has none")
    reason: Reason


class Diagnostics(Record):
    """Checks of the final model."""

    residual_variance: Annotated[
        ResidualVariances | RefusedResidualVariances, Field(discriminator="kind")
    ]
    normality: tuple[Annotated[Normality | RefusedNormality, Field(discriminator="kind")], ...]
    influence: Annotated[Influence | RefusedInfluence, Field(discriminator="kind")]
    deletion: Annotated[Deletion | RefusedDeletion, Field(discriminator="kind")]
