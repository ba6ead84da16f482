"""Policies: weighted contrasts in the settled model, and without covariates."""

from __future__ import annotations

from pydantic import Field

from mlm.results.names import Category, Formula, VariableName, WaveName
from mlm.results.policy import Evidence, PolicyAssignment, Standing
from mlm.results.record import Record
from mlm.results.sampled.balance import AnySampledBalance
from mlm.results.sampled.estimate import SampledEstimate
from mlm.results.sampled.selection import SampledTest


class WeightedSize(Record):
    """An effect in weighted standard deviations of the outcome."""

    weighted_sd: float = Field(
        description="of the outcome in the comparison group in that wave, all levels together, "
        "mean over the draws; of an effect for all waves: within waves"
    )
    estimate: float
    lower: float | None = Field(description="of the 95 % interval; the error of sd is not counted")
    upper: float | None = Field(description="of the 95 % interval")


class SampledContrast(SampledEstimate):
    """A category of a policy against the reference, or the effect of a number per unit."""

    category: Category | None = Field(description="None for a policy that is a number")
    wave: WaveName | None = Field(description="None: the same in every wave")
    standing: Standing = Field(
        description="caused by the allocation; attended, by the group of that wave; before the "
        "allocation; unsaid, at random without level or wave; compared, not at random"
    )
    size: WeightedSize | None = Field(description="None: the spread of that group is not known")


class UnadjustedSampledContrast(SampledContrast):
    """The difference of weighted means in one wave, without covariates."""

    apart: bool | None = Field(
        description="whether it differs from the model's by more than the larger standard error of "
        "the two; None: the model has none"
    )


class SampledPolicy(Record):
    """What is told of one policy."""

    variable: VariableName
    evidence: Evidence = Field(description="how the comparison came about")
    assignment: PolicyAssignment
    reference: Category | None = Field(
        description="category that the others are compared with; None for a number"
    )
    by_wave: bool = Field(description="whether the model has effects by wave")
    formula: Formula = Field(description="of the settled model")
    effects: tuple[SampledContrast, ...] = Field(description="in that model")
    time_test: SampledTest | None = Field(
        description="that the effect is the same in every wave; None: the model has one for all"
    )
    balance: AnySampledBalance = Field(
        description="who is compared: covariates of its categories, before any adjustment"
    )
    unadjusted: tuple[UnadjustedSampledContrast, ...] = Field(
        description="weighted means of one wave alone; none for a number"
    )
