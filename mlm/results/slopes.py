"""Question 3: which effects differ between units."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.coefficient import Factor, Term
from mlm.results.level import Level
from mlm.results.names import Category, VariableName
from mlm.results.reason import Reason
from mlm.results.record import Record
from mlm.results.test import AnyTest


class RangeOfSlope(Record):
    """How well the spread of a slope over the units is known, and both ends of its range.

    The ends hold the error of the mean effect and of the standard deviation.
    """

    sd_lower: float | None = Field(description="of the 95 % interval of the slope's sd")
    sd_upper: float | None = Field(description="of the 95 % interval of the slope's sd")
    lower_from: float | None = Field(description="95 % interval of the lower end of the range")
    lower_to: float | None = Field(description="95 % interval of the lower end of the range")
    upper_from: float | None = Field(description="95 % interval of the upper end of the range")
    upper_to: float | None = Field(description="95 % interval of the upper end of the range")


class TestedSlope(Record):
    """One column of a random slope that was tried.

    Its sizes are those of the settled model where that holds it, else those of the full model with
    this slope alone; its test is the same for all, under the full mean.
    """

    kind: Literal["tested"] = "tested"
    variable: VariableName
    level: Level
    column: Factor
    variance: float = Field(description="of the slope over the units")
    sd: float = Field(description="of the slope, in units of the outcome per unit of the column")
    mean_effect: float = Field(description="mean over the rows, where it is in products or powers")
    sd_units: float = Field(
        description="sd over the units of what products with their variables make the effect"
    )
    lower: float = Field(
        description="mean effect less 1.96 sd over the units as they are (of the slope and of the "
        "products with their variables): most units are above"
    )
    upper: float = Field(description="mean effect plus 1.96 of these sd")
    range: RangeOfSlope | None = Field(
        description="None where the settled model does not hold the slope"
    )
    correlation: float | None = Field(description="with the intercept of the units")
    sd_x: float | None = Field(description="sd of the column over the rows")
    sd_effect: float | None = Field(description="sd of the slope times that of the column")
    kept: bool = Field(description="whether the settled model holds it")
    or_over: tuple[Level, ...] = Field(
        description="other levels over which a slope that is kept explains the data about as well"
    )
    test: AnyTest = Field(description="that the slope does not vary")


class RefusedSlope(Record):
    """A slope that could not be tried."""

    kind: Literal["refused"] = "refused"
    variable: VariableName
    level: Level
    reason: Reason


Slope = Annotated[TestedSlope | RefusedSlope, Field(discriminator="kind")]


class SharesAt(Record):
    """Shares of the levels at one value of a variable with a slope."""

    value: float | None = Field(description="of a number")
    category: Category | None = Field(description="of a categorical variable")
    total_variance: float = Field(description="over all levels, in squared units of the outcome")
    shares: tuple[float, ...] = Field(description="in the order of the levels")


class SharesAlong(Record):
    """Shares of the variance by value of a variable with a slope."""

    levels: tuple[Level, ...] = Field(description="outermost first, the rows last")
    points: tuple[SharesAt, ...]


class CrossLevelProduct(Record):
    """A product of a slope's variable with one of its units: how much of the slope it explains."""

    kind: Literal["tried"] = "tried"
    term: Term
    variable: VariableName = Field(description="of the units")
    variance_before: float = Field(description="of the slope without the product")
    variance_after: float = Field(description="of the slope with the product")
    share: float | None = Field(description="of the variance that is gone with the product")
    configured: bool = Field(description="whether the model holds the product")
    test: AnyTest = Field(description="that the product has no effect")


class RefusedProduct(Record):
    """A product of a slope's variable with one of its units that was not tried."""

    kind: Literal["refused"] = "refused"
    term: Term
    variable: VariableName = Field(description="of the units")
    reason: Reason


class SearchedSlope(Record):
    """A slope whose test is clear, looked at closely."""

    variable: VariableName
    level: Level = Field(description="over which the slope varies")
    along: SharesAlong
    explained: tuple[
        Annotated[CrossLevelProduct | RefusedProduct, Field(discriminator="kind")], ...
    ]


class SlopeDetails(Record):
    """What random slopes mean, and what explains them."""

    searched: tuple[SearchedSlope, ...] = Field(description="slopes whose test is clear")
    left_out: tuple[Term, ...] = Field(description="products that were too many to try")
