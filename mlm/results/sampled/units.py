"""Effects of single units, where the outcome was observed or made to describe them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.level import Level
from mlm.results.names import Unit
from mlm.results.record import Record
from mlm.results.sampled.reason import SampledReason
from mlm.results.storing.tabled import Tabled
from mlm.results.units import Licence


class SampledUnit(Record):
    """How far a unit's rows lie from what the settled model expects of them."""

    unit: Unit
    n: int = Field(description="rows")
    estimate: float = Field(description="posterior mean of its effect")
    std_error: float = Field(description="conditional, of its true effect")
    comparative_se: float = Field(
        description="for comparisons, with the error of the fixed effects by the design"
    )
    reliability: float = Field(
        description="share of the variance of the estimate that is true, at the effective number "
        "of its rows"
    )
    lower: float = Field(description="of the comparative 95 % interval")
    upper: float = Field(description="of the comparative 95 % interval")


class SampledUnits(Record):
    """Effects of the units of one level."""

    kind: Literal["estimated"] = "estimated"
    level: Level
    n: int = Field(description="units")
    reliability_mean: float = Field(description="over the units")
    reliability_min: float = Field(description="over the units")
    variance: float = Field(description="of the effects, in squared units of the outcome")
    separable_share: float = Field(description="of pairs of units told apart")
    licence: Licence = Field(description="to show the units in order")
    units: Annotated[tuple[SampledUnit, ...], Tabled("effects")]


class RefusedUnits(Record):
    """A level whose units are not told one by one."""

    kind: Literal["refused"] = "refused"
    level: Level
    reason: SampledReason


UnitsOfSample = Annotated[SampledUnits | RefusedUnits, Field(discriminator="kind")]
