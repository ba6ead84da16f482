"""Who is compared under a policy in a sample: weighted covariates of its categories."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.coefficient import Factor
from mlm.results.names import Category, WaveName
from mlm.results.policy import NotCompared, RefusedBalance
from mlm.results.record import Record
from mlm.results.sampled.estimate import SampledEstimate
from mlm.results.sampled.selection import SampledTest


class SampledImbalance(Record):
    """Difference of a covariate between a category and the reference, before any adjustment."""

    category: Category
    column: Factor
    mean: float = Field(description="weighted, over the rows of the category in that wave")
    reference_mean: float = Field(description="the same of the reference")
    difference: SampledEstimate | None = Field(
        description="of the means over the weighted sd, the error of which is not counted; None: "
        "no spread"
    )


class BalanceInWave(Record):
    """The covariates of one wave."""

    wave: WaveName
    unequal: int = Field(description="differences above the threshold, in size")
    joint: SampledTest | None = Field(
        description="that no covariate differs between categories; None: nothing to compare"
    )
    rows: tuple[SampledImbalance, ...]
    not_compared: tuple[NotCompared, ...]


class SampledBalance(Record):
    """Who is compared, with the errors of the sample."""

    kind: Literal["made"] = "made"
    threshold: float = Field(description="difference in sd that counts as unequal")
    waves: tuple[BalanceInWave, ...] = Field(
        description="that of the assignment, or all where it is not said"
    )


AnySampledBalance = Annotated[SampledBalance | RefusedBalance, Field(discriminator="kind")]
