"""Question 5: how standards, and the effects of units, change over time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.coefficient import Estimate
from mlm.results.level import Level
from mlm.results.names import Category, Formula, Unit, VariableName, WaveName
from mlm.results.reason import Reason
from mlm.results.record import Record
from mlm.results.test import AnyTest

CovarianceForm = Literal["unstructured", "compound_symmetry", "autoregressive", "linear_trend"]
Matrix = tuple[tuple[float | None, ...], ...]


class AdjustedMean(Estimate):
    """The mean of a wave at the covariates of all rows."""

    wave: WaveName
    change: Estimate | None = Field(description="since the wave before; None for the first")


class GroupMean(Estimate):
    """The mean of a wave within a group."""

    wave: WaveName
    difference: Estimate | None = Field(description="from the first group; None for that one")


class GroupOfMeans(Record):
    """One group: a category of a variable, or a value of a number."""

    category: Category | None
    value: float | None
    rows: tuple[GroupMean, ...]


class AdjustedMeansBy(Record):
    """Adjusted means by wave within groups, and the test that all groups change alike."""

    variable: VariableName
    groups: tuple[GroupOfMeans, ...]
    test: AnyTest | None


class CorrelationInterval(Record):
    """Mean correlation between waves with its interval."""

    value: float | None
    lower: float | None
    upper: float | None


class FormComparison(Record):
    """One form that the covariance over waves may have."""

    form: CovarianceForm
    deviance: float
    n_params: int
    aic: float
    sd: tuple[float, ...]
    average_correlation: CorrelationInterval
    carried_forward: bool = Field(description="whether the next wave is predicted from it")
    test: AnyTest | None = Field(description="against the form before it; None: not nested")


class UnitPrediction(Record):
    """A unit's effect in the next wave."""

    unit: Unit
    estimate: float
    std_error: float
    lower: float
    upper: float
    mean_rank: float
    rank_lower: float
    rank_upper: float
    probability_top: float
    probability_bottom: float


class Prediction(Record):
    """The next wave: how much is known of it before it comes."""

    form: CovarianceForm
    time: float
    sd: float
    error: float = Field(description="root mean square error of the units")
    correlation_with_last: float | None
    reliability: float
    expected_rank_correlation: float | None
    units: tuple[UnitPrediction, ...]


class Trajectory(Record):
    """A unit's effect in each wave."""

    unit: Unit
    estimate: tuple[float, ...]
    std_error: tuple[float, ...]
    present: tuple[bool, ...] = Field(description="whether it has rows in the wave")


class TrajectoryQuantile(Record):
    """A quantile of the effects in each wave."""

    probability: float
    estimate: tuple[float, ...]


class Trajectories(Record):
    """Effects of the units by wave."""

    waves: tuple[WaveName, ...]
    units: tuple[Trajectory, ...]
    quantiles: tuple[TrajectoryQuantile, ...]
    present: tuple[int, ...] = Field(description="units with rows in each wave")


class BackTest(Record):
    """The last wave predicted from those before it."""

    kind: Literal["made"] = "made"
    form: CovarianceForm
    wave: WaveName
    units: int
    coverage: float = Field(description="share of the units inside their 95 % interval")
    correlation: float | None
    expected_correlation: float | None
    reliability_predicted: float
    reliability_observed: float
    returning: float = Field(description="share of its rows in units inside seen before")


class RefusedBackTest(Record):
    """A back-test that was not made."""

    kind: Literal["refused"] = "refused"
    reason: Reason


class StabilityDetails(Record):
    """What is told beside the covariance of a level's effects over waves."""

    kind: Literal["details"] = "details"
    lower: Matrix = Field(description="of the correlations")
    upper: Matrix
    average: CorrelationInterval
    alternatives: tuple[FormComparison, ...]
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
    form: CovarianceForm
    simpler_because: Reason | None = Field(description="why no richer form was taken")
    waves: tuple[WaveName, ...]
    sd: tuple[float, ...]
    correlation: Matrix
    average_correlation: float | None
    test: AnyTest | None = Field(description="against effects that are the same in every wave")
    constant_in_models: bool = Field(description="whether the final model takes them as constant")
    details: Annotated[StabilityDetails | RefusedDetails, Field(discriminator="kind")]


class RefusedStability(Record):
    """A level whose covariance over waves was not estimated."""

    kind: Literal["refused"] = "refused"
    level: Level
    reason: Reason
    waves: tuple[WaveName, ...]
    constant_in_models: bool


LevelStability = Annotated[EstimatedStability | RefusedStability, Field(discriminator="kind")]


class OverTime(Record):
    """Adjusted means by wave, and how stable the effects of units are."""

    adjusted_means: tuple[AdjustedMean, ...]
    test: AnyTest | None = Field(description="that the means of all waves are the same")
    by: tuple[AdjustedMeansBy, ...]
    formula: Formula = Field(description="of the model that the means are told from")
    by_wave: tuple[Level, ...] = Field(description="levels whose effects that model has by wave")
    levels: tuple[LevelStability, ...]
