"""Question 1: how much variation there is at each level."""

from __future__ import annotations

from pydantic import Field

from mlm.results.level import Level
from mlm.results.models import Model
from mlm.results.record import Record
from mlm.results.test import AnyTest


class Share(Record):
    """A level's variance and its share of the total, with the interval of the share."""

    level: Level
    variance: float = Field(description="in squared units of the outcome")
    sd: float = Field(description="in units of the outcome")
    share: float = Field(description="of the total variance, 0 to 1")
    lower: float | None = Field(description="of the 95 % interval of the share")
    upper: float | None = Field(description="of the 95 % interval of the share")


class NullShare(Share):
    """A share in the null model, beside its estimate by ML.

    A level whose variance nothing tells stands here without numbers.
    """

    variance: float | None = Field(
        description="in squared units of the outcome; None: the data do not tell it"
    )
    sd: float | None = Field(description="in units of the outcome")
    share: float | None = Field(description="of the variance that the data tell, 0 to 1")
    variance_ml: float | None = Field(description="in squared units of the outcome")
    share_ml: float | None = Field(description="of the total variance by ML")


class RowCorrelation(Record):
    """Intraclass correlation: of two rows that share units down to a level."""

    level: Level
    value: float = Field(description="correlation, 0 to 1")
    lower: float | None = Field(description="of the 95 % interval")
    upper: float | None = Field(description="of the 95 % interval")


class UnitCorrelation(Record):
    """Correlation of the true means of two units inside one unit."""

    level: Level = Field(description="level of the two units")
    within: Level = Field(description="level of the unit around them")
    value: float | None = Field(description="None where neither level varies")


class LevelTest(Record):
    """Test that a level's variance is zero."""

    level: Level
    test: AnyTest


class NullModel(Model):
    """The model of time alone: the decomposition of the variance."""

    total_variance: float = Field(
        description="sum over the levels, in squared units of the outcome"
    )
    shares: tuple[NullShare, ...]
    correlations: tuple[RowCorrelation, ...]
    unit_correlations: tuple[UnitCorrelation, ...]
    tests: tuple[LevelTest, ...]
