"""Policies: effects, who is compared, and the crude estimates."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.coefficient import Estimate, Factor
from mlm.results.level import Level
from mlm.results.names import Category, Formula, VariableName, WaveName
from mlm.results.reason import Reason
from mlm.results.record import Record
from mlm.results.test import AnyTest

Evidence = Literal["randomised", "adjusted", "observational"]
Groups = Literal["assigned", "attended"]
Standing = Literal["caused", "attended", "before", "mixed", "unsaid", "compared"]


class PolicyAssignment(Record):
    """How units came under a policy, as far as the configuration says."""

    level: Level | None = Field(description="whose units were assigned; None: not said")
    wave: WaveName | None = Field(description="in which they were; None: not said")
    groups: Groups = Field(
        description="what the variable tells later: the group assigned, or the one attended then"
    )


class Size(Record):
    """An effect in standard deviations of the outcome."""

    sd: float = Field(
        description="of the outcome in the comparison group in that wave, all levels together; of "
        "an effect for all waves: within waves"
    )
    estimate: float
    lower: float | None = Field(description="of the 95 % interval; the error of sd is not counted")
    upper: float | None = Field(description="of the 95 % interval")


class CrudeEffect(Estimate):
    """A contrast of a policy, in units of the outcome."""

    category: Category | None = Field(description="None for a policy that is a number")
    wave: WaveName | None = Field(description="None: the same in every wave")
    standing: Standing = Field(
        description="caused by the allocation; attended, by the group of that wave; before the "
        "allocation; unsaid, at random without level or wave; compared, not at random"
    )
    size: Size | None = Field(description="None: the spread of the comparison group is not known")


class PolicyEffect(CrudeEffect):
    """An effect of a policy in the model."""


class UnadjustedEffect(CrudeEffect):
    """An effect in the rows of one wave alone, without covariates."""

    apart: bool | None = Field(
        description="whether it differs from the model's by more than the larger standard error of "
        "the two; None: the model has none"
    )


class UnadjustedWave(Record):
    """The policy alone in the rows of one wave."""

    wave: WaveName
    rows: int
    formula: Formula
    levels: tuple[Level, ...] = Field(description="with random intercepts")


class WavesApart(Record):
    """Effects by wave from a model that keeps the product with time."""

    effects: tuple[PolicyEffect, ...]
    formula: Formula


class ArmSize(Record):
    """Units, or rows, that are assigned to a category."""

    category: Category
    n: int


class Imbalance(Record):
    """Difference of a covariate between a category and the reference, before any adjustment."""

    category: Category
    column: Factor
    mean: float = Field(description="over the units, each counted once, or over the rows")
    reference_mean: float = Field(description="the same of the reference category")
    standardised: float | None = Field(
        description="difference of the means over the sd of the units or rows; None: no spread"
    )
    std_error: float | None = Field(
        description="of the standardised difference, over a random allocation of the units"
    )
    chance: float | None = Field(
        description="probability that such an allocation exceeds the threshold, in size"
    )
    standardised_rows: float | None = Field(
        description="over the rows: difference of their means over their sd"
    )


class NotCompared(Record):
    """A category that is not set beside the reference."""

    category: Category
    reason: Reason


class Balance(Record):
    """Who is compared."""

    kind: Literal["made"] = "made"
    level: Level = Field(description="of assignment")
    wave: WaveName | None = Field(description="of assignment; None: over all waves")
    units: tuple[ArmSize, ...]
    mixed: int = Field(description="units with rows in several categories")
    threshold: float = Field(description="standardised difference that counts as unequal")
    unequal: int = Field(description="differences above the threshold, in size")
    expected: float = Field(description="how many a random allocation of the units would give")
    joint: AnyTest = Field(
        description="that no covariate differs between categories by more than at random"
    )
    rows: tuple[Imbalance, ...]
    not_compared: tuple[NotCompared, ...]


class RefusedBalance(Record):
    """A policy whose categories are not compared."""

    kind: Literal["refused"] = "refused"
    reason: Reason


class Overlap(Record):
    """Units of a category or the reference whose covariates are found in the other too."""

    kind: Literal["made"] = "made"
    category: Category
    units: int = Field(description="of the category and the reference together")
    inside: int = Field(description="of these, with a like in the other category")
    share: float = Field(description="inside over units")


class RefusedOverlap(Record):
    """A category whose overlap with the reference is not known without the rows, or at all."""

    kind: Literal["refused"] = "refused"
    category: Category
    reason: Reason


class PolicyInRows(Record):
    """What rows and units tell of a policy, without the settled model."""

    balance: Annotated[Balance | RefusedBalance, Field(discriminator="kind")]
    overlap: tuple[Annotated[Overlap | RefusedOverlap, Field(discriminator="kind")], ...] = Field(
        description="of each category with the reference; none where they are not compared"
    )
    unadjusted: tuple[UnadjustedEffect, ...] = Field(
        description="in each wave alone, without covariates, from the same rows"
    )
    unadjusted_waves: tuple[UnadjustedWave, ...] = Field(description="the models of these")


class Policy(PolicyInRows):
    """What is told of one policy."""

    variable: VariableName
    evidence: Evidence = Field(description="how the comparison came about")
    assignment: PolicyAssignment
    reference: Category | None = Field(
        description="category that the others are compared with; None for a number"
    )
    by_wave: bool = Field(description="whether the model has effects by wave")
    effects: tuple[PolicyEffect, ...] = Field(description="in the model")
    time_test: AnyTest | None = Field(description="that the effect is the same in every wave")
    formula: Formula = Field(description="of that model")
    waves_apart: WavesApart | None = Field(
        description="effects by wave where that model has one for all waves; None: not asked"
    )
