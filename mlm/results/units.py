"""Question 4: effects of units, and the licence to rank them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.level import Level
from mlm.results.names import Unit
from mlm.results.record import Record


class UnitEffect(Record):
    """A unit's effect: how far its rows lie from what the model expects of them."""

    unit: Unit
    n: int = Field(description="rows")
    raw: float = Field(description="mean residual of its rows")
    estimate: float = Field(description="posterior mean")
    std_error: float = Field(description="conditional, of its true effect")
    comparative_se: float = Field(description="for comparisons with zero and with others")
    reliability: float = Field(description="share of the variance of the estimate that is true")
    lower: float = Field(description="of the comparative 95 % interval")
    upper: float = Field(description="of the comparative 95 % interval")
    goldstein_lower: float = Field(description="of the interval in which pairs are compared")
    goldstein_upper: float
    mean_rank: float = Field(description="mean of its rank over draws, 1 the highest")
    rank_lower: float = Field(description="of the 95 % interval of its rank")
    rank_upper: float = Field(description="of the 95 % interval of its rank")
    probability_top: float = Field(description="of being in the top tenth")
    probability_bottom: float = Field(description="of being in the bottom tenth")


class LicenceCheck(Record):
    """One condition of the licence to rank."""

    check: Literal["units", "variance", "reliability", "separable", "stability"]
    value: float | None = Field(
        description="number of units, p-value of the variance, else a share or a correlation; "
        "None: not known"
    )
    threshold: float = Field(
        description="that the p-value must stay below and the others must reach"
    )
    passed: bool


class Licence(Record):
    """Whether units may be ranked at all."""

    granted: bool = Field(description="whether all checks are passed")
    checks: tuple[LicenceCheck, ...]


class UnitEffects(Record):
    """Effects of the units of one level."""

    level: Level
    n: int = Field(description="units")
    tenth: int = Field(description="units that are called the top tenth, one at least")
    variance: float = Field(description="of their true effects, in squared units of the outcome")
    reliability_mean: float = Field(description="over the units")
    reliability_min: float = Field(description="over the units")
    comparative_se_mean: float = Field(description="over the units")
    conditional_se_mean: float = Field(description="over the units")
    separable_share: float = Field(description="of pairs told apart")
    interval_factor: float = Field(description="of Goldstein and Healy's intervals")
    sampled: bool = Field(description="whether that share is of a sample of the pairs")
    expected_rank_correlation: float | None = Field(
        description="of the order of the estimates with the true one"
    )
    licence: Licence
    units: tuple[UnitEffect, ...]
