"""Which effects differ between units, by one-sided tests of a variance of zero."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.coefficient import Factor
from mlm.results.level import Level
from mlm.results.names import VariableName
from mlm.results.reason import Reason
from mlm.results.record import Record
from mlm.results.sampled.reason import SampledReason


class ZeroVarianceTest(Record):
    """A one-sided test that a variance is zero."""

    method: Literal["score", "jackknife", "replicates", "linearised", "model"] = Field(
        description="score: of the model without the variance; else the variance, of several "
        "columns their sum, over its standard error found in this way (model: no weights)"
    )
    statistic: float = Field(description="t: score, or variance, over its standard error")
    df: float | None = Field(description="degrees of freedom of t; None: infinite")
    p_value: float = Field(description="of a t as large, unadjusted")
    p_adjusted: float | None = Field(description="by Holm over the slopes that were tested")


class TestedSampledSlope(Record):
    """One column of a random slope that was tried, one at a time in the full model."""

    kind: Literal["tested"] = "tested"
    variable: VariableName
    level: Level
    column: Factor
    variance: float = Field(description="of the slope over the units of the population")
    sd: float = Field(description="of the slope, in units of the outcome per unit of the column")
    mean_effect: float = Field(description="weighted mean over the rows")
    lower: float = Field(description="mean effect less 1.96 sd: most units are above")
    upper: float = Field(description="mean effect plus 1.96 sd: most units are below")
    correlation: float | None = Field(description="with the intercept of the units")
    kept: bool = Field(description="whether the settled model holds it")
    test: ZeroVarianceTest = Field(description="that the slope does not vary")


class RefusedSampledSlope(Record):
    """A slope that could not be tried."""

    kind: Literal["refused"] = "refused"
    variable: VariableName
    level: Level
    reason: Reason | SampledReason


SampledSlope = Annotated[TestedSampledSlope | RefusedSampledSlope, Field(discriminator="kind")]
