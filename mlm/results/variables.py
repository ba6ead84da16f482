"""Question 2, beside the reduction: products at the row's level, effects within and between."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.coefficient import Estimate, Term
from mlm.results.level import Level
from mlm.results.names import Category, VariableName
from mlm.results.reason import Reason
from mlm.results.record import Record
from mlm.results.test import AnyTest


class TriedTerm(Record):
    """A product or square that was tried by itself."""

    term: Term
    test: AnyTest = Field(description="that it has no effect")


class MovedCoefficient(Record):
    """A coefficient of a group variable with and without the terms that were removed."""

    term: Term
    level: Level = Field(description="that the variable describes")
    estimate: float = Field(description="with the terms")
    std_error: float = Field(description="with the terms")
    estimate_without: float = Field(description="without the terms")
    std_error_without: float = Field(description="without the terms")
    change_in_se: float = Field(
        description="difference of the estimates, in standard errors with the terms"
    )


class MovedComponent(Record):
    """A variance with and without the terms that were removed."""

    level: Level
    variance: float = Field(description="with the terms, in squared units of the outcome")
    variance_without: float = Field(description="without the terms")


class Moved(Record):
    """What the terms at the row's level move at the levels above."""

    removed: tuple[Term, ...] = Field(description="terms of the rows that the model holds")
    coefficients: tuple[MovedCoefficient, ...] = Field(
        description="of variables of the levels above"
    )
    components: tuple[MovedComponent, ...] = Field(description="variances of the levels")


class PupilLevel(Record):
    """Products and squares of the variables of the rows."""

    variables: tuple[VariableName, ...] = Field(description="of the rows")
    block: AnyTest | None = Field(description="of all candidates together; None: none")
    terms: tuple[TriedTerm, ...] = Field(description="products and squares, one by one")
    left_out: tuple[Term, ...] = Field(description="products that were too many to try")
    moved: Moved | None = Field(description="None: the model holds no such terms")


class UnitMean(Record):
    """A mean over units beside the variable itself."""

    term: VariableName = Field(description="the variable that holds the mean")
    level: Level = Field(description="of the units")
    between: Estimate = Field(description="effect of a difference between the means of units")
    contextual: Estimate = Field(description="effect between units less that within")


class WithinBetween(Record):
    """A variable's effect within units and between their means."""

    variable: VariableName
    category: Category | None = Field(
        None, description="compared with the reference; None: for each unit of a number"
    )
    model: Literal["full", "settled"] = Field(description="in which both are estimated")
    within: Estimate | None = Field(
        description="effect of a difference inside a unit; None: not in the model"
    )
    means: tuple[UnitMean, ...] = Field(description="outermost units first")
    reason: Reason | None = Field(description="why parts are missing")
