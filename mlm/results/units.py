"""Question 4: effects of units, and the licence to rank them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.nouns.comparison import Against, Compared
from mlm.results.level import Level
from mlm.results.names import Unit, WaveName
from mlm.results.random_part import WaveForm
from mlm.results.record import Record
from mlm.results.storing.tabled import Tabled


class UnitEffect(Record):
    """A unit's effect: how far its rows lie from what the model expects of them."""

    unit: Unit
    n: int = Field(description="rows")
    n_compared: int = Field(description="rows in what is compared: those of the raw effect")
    ranked: bool = Field(
        description="whether it has rows in what is compared; else its effect is predicted"
    )
    raw: float | None = Field(
        description="mean residual of its rows, in the last wave where that is compared"
    )
    estimate: float = Field(description="posterior mean of what is compared")
    std_error: float = Field(description="conditional, of its true effect")
    comparative_se: float = Field(
        description="for comparisons with zero and with others, with the error of the variances"
    )
    reliability: float = Field(description="share of the variance of the estimate that is true")
    lower: float = Field(description="of the comparative 95 % interval")
    upper: float = Field(description="of the comparative 95 % interval")
    goldstein_lower: float = Field(description="of the interval in which pairs are compared")
    goldstein_upper: float
    side: Literal["above", "expected", "below"] = Field(
        description="of zero, with one chance of error over all units of the level"
    )
    mean_rank: float | None = Field(
        description="mean of its rank over draws, 1 the highest; None where it is not ranked"
    )
    rank_lower: float | None = Field(description="of the 95 % interval of its rank")
    rank_upper: float | None = Field(description="of the 95 % interval of its rank")
    probability_top: float | None = Field(description="of being in the top tenth")
    probability_bottom: float | None = Field(description="of being in the bottom tenth")


class ComparisonChoice(Record):
    """What a configuration may choose to compare."""

    compare: Compared
    against: Against


class LicenceCheck(Record):
    """One condition of the licence to rank."""

    check: Literal["units", "variance", "reliability", "separable", "stability"]
    value: float | None = Field(
        description="number of units, p-value of the variance, else a share or a correlation; "
        "None: not known"
    )
    lower: float | None = Field(
        None, description="lower end of its 95 % interval, which is judged; None: there is none"
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
    compare: Compared = Field(description="what of the effects is compared")
    against: Against = Field(
        description="all: the effects of the units above count; above: only the unit's own"
    )
    wave: WaveName | None = Field(description="the last one, where effects of it are compared")
    n: int = Field(description="units")
    n_ranked: int = Field(description="units with rows in what is compared")
    family_error: float = Field(
        description="chance that any unit said to be above or below lies on the other side"
    )
    tenth: int = Field(description="units that are called the top tenth, one at least")
    variance: float = Field(
        description="of what is compared, in squared units of the outcome, mean of those ranked"
    )
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
    units: Annotated[tuple[UnitEffect, ...], Tabled("effects")]


class NotComparedUnits(Record):
    """Units that were not compared, because nothing of their effects lasts."""

    level: Level
    compare: Compared
    against: Against
    without: Level = Field(description="level whose effects have no part that lasts")
    form: WaveForm = Field(description="of these effects over waves")
    possible: tuple[ComparisonChoice, ...] = Field(description="what can be compared instead")
