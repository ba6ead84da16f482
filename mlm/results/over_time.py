"""Question 5: how standards, and the effects of units, change over time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.coefficient import Estimate
from mlm.results.level import Level
from mlm.results.names import Category, Formula, Unit, VariableName, WaveName
from mlm.results.random_part import WaveForm
from mlm.results.reason import Reason
from mlm.results.record import Record
from mlm.results.storing.tabled import Tabled
from mlm.results.test import AnyTest

Matrix = tuple[tuple[float | None, ...], ...]


class CurvePoint(Record):
    """A point of the line or curve of time, covariates as for the adjusted means."""

    time: float = Field(description="on the scale of the waves")
    estimate: float = Field(description="in units of the outcome")


class LackOfFit(Record):
    """Whether a line or curve of time fits the waves."""

    test: AnyTest = Field(description="of the departures of the waves from it, jointly")
    rejected: bool = Field(
        description="whether it does not fit; means are told of the waves as categories then"
    )
    formula: Formula | None = Field(
        description="of the model with the departures; None where it could not be fitted"
    )


class AdjustedMean(Estimate):
    """The mean of a wave at the covariates of all rows."""

    wave: WaveName
    change: Estimate | None = Field(description="since the first wave; None for that one")
    saturated: float | None = Field(
        None, description="with the waves as categories, where time is a line or curve; else None"
    )


class GroupMean(Estimate):
    """The mean of a wave within a group."""

    wave: WaveName
    difference: Estimate | None = Field(description="from the first group; None for that one")
    moved: Estimate | None = Field(
        None,
        description="change of that difference since the first wave; None for the first group and "
        "the first wave",
    )
    saturated: float | None = Field(
        None, description="with the waves as categories, where time is a line or curve; else None"
    )


class GroupOfMeans(Record):
    """One group: a category of a variable, or a value of a number."""

    category: Category | None = Field(description="None for a number")
    value: float | None = Field(description="None for a category")
    rows: tuple[GroupMean, ...] = Field(description="one a wave")
    curve: tuple[CurvePoint, ...] = Field(
        (), description="of time, within the group; none where waves are categories"
    )


class AdjustedMeansBy(Record):
    """Adjusted means by wave within groups, and the test that all groups change alike."""

    variable: VariableName
    groups: tuple[GroupOfMeans, ...]
    test: AnyTest | None = Field(
        description="that all groups change alike; None: there is nothing to test"
    )
    lack_of_fit: LackOfFit | None = Field(
        None, description="of the differences between the groups; None as for the means"
    )


class CorrelationInterval(Record):
    """Correlation between two waves, the mean over all pairs of them, with its interval."""

    value: float | None = Field(description="None: not known")
    lower: float | None = Field(description="of the 95 % interval, by profile")
    upper: float | None = Field(description="of the 95 % interval, by profile")


class UnitPrediction(Record):
    """A unit's effect in the next wave."""

    unit: Unit
    estimate: float = Field(description="in units of the outcome")
    std_error: float = Field(description="of the prediction, with what the wave adds")
    lower: float = Field(description="of the 95 % interval")
    upper: float = Field(description="of the 95 % interval")
    mean_rank: float = Field(description="mean of its rank over draws, 1 the highest")
    rank_lower: float = Field(description="of the 95 % interval of its rank")
    rank_upper: float = Field(description="of the 95 % interval of its rank")
    probability_top: float = Field(description="of being in the top tenth")
    probability_bottom: float = Field(description="of being in the bottom tenth")


class Prediction(Record):
    """The next wave: how much is known of it before it comes."""

    form: WaveForm = Field(description="that is carried forward")
    time: float = Field(description="of the wave, on the scale of the waves")
    sd: float = Field(description="of the true effects in that wave")
    error: float = Field(description="root mean square error of the units")
    reliability: float = Field(
        description="share of the variance of the effects that is known in advance"
    )
    expected_rank_correlation: float | None = Field(
        description="of the order predicted with the order to come"
    )
    draws: int = Field(description="behind the ranks and the probabilities")
    units: Annotated[tuple[UnitPrediction, ...], Tabled("predictions")]


class Trajectory(Record):
    """A unit's effect in each wave."""

    unit: Unit
    estimate: tuple[float, ...] = Field(description="one a wave, in units of the outcome")
    std_error: tuple[float, ...] = Field(description="one a wave")
    present: tuple[bool, ...] = Field(description="whether it has rows in the wave")


class TrajectoryQuantile(Record):
    """A quantile of the effects in each wave."""

    probability: float = Field(description="share of the units below it")
    estimate: tuple[float, ...] = Field(description="one a wave")


class Trajectories(Record):
    """Effects of the units by wave."""

    waves: tuple[WaveName, ...]
    units: Annotated[tuple[Trajectory, ...], Tabled("trajectories")]
    quantiles: tuple[TrajectoryQuantile, ...]
    present: tuple[int, ...] = Field(description="units with rows in each wave")


class BackTest(Record):
    """The last wave predicted from those before it."""

    kind: Literal["made"] = "made"
    form: WaveForm = Field(description="that was carried forward")
    wave: WaveName = Field(description="the last one")
    units: int = Field(description="in that wave and in an earlier one")
    coverage: float = Field(description="share of the units inside their 95 % interval")
    correlation: float | None = Field(description="of the predictions with the means of the wave")
    expected_correlation: float | None = Field(description="its mean if the model is right")
    expected_lower: float | None = Field(description="of the range of 95 % if the model is right")
    expected_upper: float | None = Field(description="of the range of 95 % if the model is right")
    reliability_predicted: float = Field(
        description="share of the variance that was known in advance"
    )
    reliability_observed: float = Field(description="of the means of the wave")
    returning: float = Field(description="share of its rows in units inside seen before")


class RefusedBackTest(Record):
    """A back-test that was not made."""

    kind: Literal["refused"] = "refused"
    reason: Reason


class StabilityDetails(Record):
    """What is told beside the covariance of a level's effects over waves."""

    kind: Literal["details"] = "details"
    prediction: Prediction
    trajectories: Trajectories
    back_test: Annotated[BackTest | RefusedBackTest, Field(discriminator="kind")]


class RefusedDetails(Record):
    """Details that could not be told."""

    kind: Literal["refused"] = "refused"
    reason: Reason


class EstimatedStability(Record):
    """Covariance over waves of one level's effects."""

    kind: Literal["estimated"] = "estimated"
    level: Level
    form: WaveForm = Field(description="of the covariance over waves in the settled model")
    waves: tuple[WaveName, ...]
    sd: tuple[float, ...] = Field(
        description="of the effects in each wave, in units of the outcome"
    )
    correlation: Matrix = Field(
        description="of the true effects between waves; None where a variance is zero"
    )
    lower: Matrix = Field(description="of the 95 % intervals of the correlations, by profile")
    upper: Matrix = Field(description="of the 95 % intervals of the correlations, by profile")
    average: CorrelationInterval = Field(description="the correlation, or the mean of several")
    other_form: WaveForm | None = Field(
        description="form with as many parameters that the data do not rule out: intervals hold "
        "the correlations under it, too"
    )
    test: AnyTest | None = Field(description="against effects that are the same in every wave")
    details: Annotated[StabilityDetails | RefusedDetails, Field(discriminator="kind")]


class RefusedStability(Record):
    """A level whose covariance over waves was not estimated."""

    kind: Literal["refused"] = "refused"
    level: Level
    reason: Reason
    waves: tuple[WaveName, ...]


LevelStability = Annotated[EstimatedStability | RefusedStability, Field(discriminator="kind")]


class OverTime(Record):
    """Adjusted means by wave, and how stable the effects of units are."""

    adjusted_means: tuple[AdjustedMean, ...] = Field(
        description="one a wave; none where there is one wave"
    )
    test: AnyTest | None = Field(description="that the means of all waves are the same")
    curve: tuple[CurvePoint, ...] = Field(
        (), description="of time; none where the waves are categories"
    )
    lack_of_fit: LackOfFit | None = Field(
        None, description="of the course of the mean; None where no wave can depart from it"
    )
    by: tuple[AdjustedMeansBy, ...] = Field(
        description="within the groups of variables whose effect changes"
    )
    formula: Formula = Field(description="of the model that the means are told from")
    by_wave: tuple[Level, ...] = Field(description="levels whose effects that model has by wave")
    levels: tuple[LevelStability, ...] = Field(description="whose units recur")
