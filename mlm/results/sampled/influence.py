"""What of a sample rests on single clusters: results without each of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.coefficient import Term
from mlm.results.level import Level
from mlm.results.record import Record
from mlm.results.sampled.reason import SampledReason


class CoefficientWithout(Record):
    """A coefficient of the settled model, one cluster left out at a time."""

    term: Term
    lowest: float = Field(description="least estimate without one of them")
    highest: float = Field(description="largest")
    in_se: float | None = Field(
        description="largest change in size, in standard errors; None: it has none"
    )


class ShareWithout(Record):
    """A share of the variance, one cluster left out at a time."""

    level: Level
    lowest: float
    highest: float


class SampledInfluence(Record):
    """Estimates without each cluster, of those that move one of them furthest."""

    kind: Literal["made"] = "made"
    clusters: int = Field(description="in the models")
    left_out: int = Field(
        description="clusters without which the model was fitted again: those that move a "
        "coefficient or a variance furthest up or down, to first order"
    )
    coefficients: tuple[CoefficientWithout, ...]
    shares: tuple[ShareWithout, ...] = Field(description="outermost level first")


class RefusedSampledInfluence(Record):
    """Clusters that were not left out."""

    kind: Literal["refused"] = "refused"
    reason: SampledReason


AnySampledInfluence = Annotated[
    SampledInfluence | RefusedSampledInfluence, Field(discriminator="kind")
]
