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
    reliability: float
    lower: float = Field(description="of the comparative 95 % interval")
    upper: float
    goldstein_lower: float = Field(description="of the interval in which pairs are compared")
    goldstein_upper: float
    mean_rank: float
    rank_lower: float
    rank_upper: float
    probability_top: float = Field(description="of being in the top tenth")
    probability_bottom: float


class LicenceCheck(Record):
    """One condition of the licence to rank."""

    check: Literal["variance", "reliability", "separable", "stability"]
    value: float | None
    threshold: float
    passed: bool


class Licence(Record):
    """Whether units may be ranked at all."""

    granted: bool
    checks: tuple[LicenceCheck, ...]


class UnitEffects(Record):
    """Effects of the units of one level."""

    level: Level
    n: int
    variance: float
    reliability_mean: float
    reliability_min: float
    comparative_se_mean: float
    conditional_se_mean: float
    separable_share: float = Field(description="of pairs told apart")
    interval_factor: float = Field(description="of Goldstein and Healy's intervals")
    sampled: bool = Field(description="whether that share is of a sample of the pairs")
    expected_rank_correlation: float | None
    licence: Licence
    units: tuple[UnitEffect, ...]
