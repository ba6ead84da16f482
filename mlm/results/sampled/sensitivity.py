"""What the settled model says with its weights scaled otherwise, and without weights."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.coefficient import Term
from mlm.results.level import Level
from mlm.results.record import Record
from mlm.results.sampled.reason import SampledReason

OtherWeights = Literal["effective", "size", "none", "group_only", "gk", "unweighted"]


class ScaledCoefficient(Record):
    """A coefficient of the settled model under other weights."""

    term: Term
    estimate: float
    in_se: float | None = Field(
        description="difference from the estimate told, in its standard errors; None: none known"
    )


class ScaledShare(Record):
    """A share of the settled model under other weights."""

    level: Level
    estimate: float
    in_se: float | None = Field(
        description="difference from the share told, in its standard errors; None: none known"
    )


class ScaledEstimates(Record):
    """The settled model under one scaling of the weights, means over the draws."""

    kind: Literal["made"] = "made"
    scaling: OtherWeights = Field(description="unweighted: all complete rows alike")
    chosen: bool = Field(description="whether it is the scaling of the analysis")
    coefficients: tuple[ScaledCoefficient, ...] = Field(description="in the order of the columns")
    shares: tuple[ScaledShare, ...] = Field(description="outermost level first, the rows last")


class RefusedScaling(Record):
    """A scaling that the sample has no use for."""

    kind: Literal["refused"] = "refused"
    scaling: OtherWeights
    reason: SampledReason


class LargestDifference(Record):
    """What moves most under other weights."""

    scaling: OtherWeights
    term: Term | None = Field(description="of a coefficient; None: a share")
    level: Level | None = Field(description="of a share; None: a coefficient")
    in_se: float = Field(description="difference from what is told, in its standard errors")


class ScalingSensitivity(Record):
    """How far what is told depends on the weights."""

    scalings: tuple[Annotated[ScaledEstimates | RefusedScaling, Field(discriminator="kind")], ...]
    largest: LargestDifference | None = Field(
        description="over the scalings of the weights, unscaled weights and unweighted rows left "
        "out; None: no difference is known"
    )
    largest_unscaled: LargestDifference | None = Field(
        description="of the weights as they are given, without scaling, under which variances of "
        "units with few rows are too large; None: they are so in the analysis"
    )
    largest_unweighted: LargestDifference | None = Field(
        description="of the unweighted rows: a large one means that units or rows were chosen by "
        "what the outcome depends on"
    )
