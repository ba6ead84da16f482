"""Policies: effects, who is compared, and the crude estimates."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.coefficient import Estimate, Factor
from mlm.results.level import Level
from mlm.results.names import Category, Formula, VariableName, WaveName
from mlm.results.reason import Reason
from mlm.results.record import Record
from mlm.results.test import AnyTest

Evidence = Literal["randomised", "adjusted", "observational"]


class CrudeEffect(Estimate):
    """A contrast of a policy, in units of the outcome."""

    category: Category | None = Field(description="None for a policy that is a number")
    wave: WaveName | None = Field(description="None: the same in every wave")


class PolicyEffect(CrudeEffect):
    """An effect of a policy in the model."""

    standardised: float = Field(description="in sd of the outcome that the model leaves")


class WavesApart(Record):
    """Effects by wave from a model that keeps the product with time."""

    effects: tuple[PolicyEffect, ...]
    formula: Formula


class ArmSize(Record):
    """Assigned units of a category."""

    category: Category
    n: int


class Imbalance(Record):
    """Difference of a covariate between a category and the reference, before any adjustment."""

    category: Category
    column: Factor
    mean: float
    reference_mean: float
    standardised: float | None


class Balance(Record):
    """Who is compared."""

    level: Level = Field(description="of assignment")
    units: tuple[ArmSize, ...]
    mixed: int = Field(description="units with rows in several categories")
    threshold: float
    unequal: int = Field(description="differences above the threshold")
    rows: tuple[Imbalance, ...]


class Overlap(Record):
    """Units or rows of a category whose covariates are found among the reference's too."""

    category: Category
    units: int | None
    inside: int | None
    share: float | None
    reason: Reason | None


class Policy(Record):
    """What is told of one policy."""

    variable: VariableName
    evidence: Evidence
    reference: Category | None
    by_wave: bool
    effects: tuple[PolicyEffect, ...]
    time_test: AnyTest | None = Field(description="that the effect is the same in every wave")
    formula: Formula
    waves_apart: WavesApart | None
    balance: Balance | None
    overlap: tuple[Overlap, ...]
    unadjusted: tuple[CrudeEffect, ...] | None = Field(
        description="without covariates; None for a randomised policy"
    )
