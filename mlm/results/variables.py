"""Question 2, beside the reduction: products at the row's level, effects within and between."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.coefficient import Estimate, Term
from mlm.results.level import Level
from mlm.results.names import VariableName
from mlm.results.reason import Reason
from mlm.results.record import Record
from mlm.results.test import AnyTest


class TriedTerm(Record):
    """A product or square that was tried by itself."""

    term: Term
    test: AnyTest


class MovedCoefficient(Record):
    """A coefficient of a group variable with and without the terms that were removed."""

    term: Term
    level: Level
    estimate: float = Field(description="with the terms")
    std_error: float
    estimate_without: float
    std_error_without: float
    change_in_se: float


class MovedComponent(Record):
    """A variance with and without the terms that were removed."""

    level: Level
    variance: float
    variance_without: float


class Moved(Record):
    """What the terms at the row's level move at the levels above."""

    removed: tuple[Term, ...]
    coefficients: tuple[MovedCoefficient, ...]
    components: tuple[MovedComponent, ...]


class PupilLevel(Record):
    """Products and squares of the variables of the rows."""

    variables: tuple[VariableName, ...]
    block: AnyTest | None = Field(description="of all candidates together; None: none")
    terms: tuple[TriedTerm, ...]
    left_out: tuple[Term, ...]
    moved: Moved | None


class UnitMean(Record):
    """A mean over units beside the variable itself."""

    term: VariableName
    level: Level
    between: Estimate
    contextual: Estimate


class WithinBetween(Record):
    """A variable's effect within units and between their means."""

    variable: VariableName
    model: Literal["full", "final"]
    within: Estimate | None
    means: tuple[UnitMean, ...]
    reason: Reason | None
