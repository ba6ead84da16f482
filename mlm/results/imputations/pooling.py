"""What several imputations of one sample conclude: how they were pooled, and what stands beside."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.coefficient import Term
from mlm.results.level import Level
from mlm.results.missing.joint_model import JointImputations
from mlm.results.names import VariableName
from mlm.results.record import Record

NotPooledAnswer = Literal[
    "likelihoods",
    "simultaneous_bound",
    "adequate_subsets",
    "inclusion_frequencies",
    "back_test",
    "influence",
    "deletion",
    "residuals_of_rows",
]
"""What is told of one sample, and not of several imputations."""


class Unpooled(Record):
    """An answer that is not told, because imputations have no common one."""

    what: NotPooledAnswer
    instead: Literal["joint_test_of_dropped", "wald_tests", "variances_of_draws"] | None = Field(
        description="what is told in its place; None: nothing"
    )


class ComparedCoefficient(Record):
    """A coefficient of the settled model, pooled and from complete rows alone."""

    term: Term
    estimate: float = Field(description="pooled over the imputations")
    std_error: float = Field(description="pooled")
    complete: float = Field(description="estimate from complete rows")
    complete_error: float = Field(description="its standard error")
    difference: float = Field(
        description="pooled less complete, in standard errors from complete rows"
    )


class ComparedVariance(Record):
    """Share of a level in the settled model, pooled and from complete rows alone."""

    level: Level
    share: float = Field(description="pooled")
    complete: float = Field(description="from complete rows")


class CompleteCases(Record):
    """The settled model fitted to the rows without any missing value."""

    kind: Literal["made"] = "made"
    rows: int = Field(description="complete ones")
    rows_imputed: int = Field(description="rows of the sample that they lack")
    coefficients: tuple[ComparedCoefficient, ...]
    variances: tuple[ComparedVariance, ...]


class RefusedCompleteCases(Record):
    """Complete rows to which the settled model was not fitted."""

    kind: Literal["refused"] = "refused"
    why: Literal["not_given", "not_fitted"] = Field(
        description="no cross-products of complete rows were given, or the model could not be "
        "fitted to them"
    )


class ShiftedCoefficient(Record):
    """A coefficient of the settled model with imputed values that were moved."""

    term: Term
    estimate: float = Field(description="pooled over the shifted imputations")
    std_error: float
    p_value: float | None = Field(description="of t against zero, two-sided")
    difference: float = Field(
        description="from the estimate without a shift, in its standard errors"
    )
    decided_otherwise: bool = Field(
        description="whether it is clear at the level of the tests where it was not, or not where "
        "it was"
    )


class Shift(Record):
    """The settled model after imputed values of a variable were moved (delta adjustment)."""

    variable: VariableName
    by: float = Field(
        description="what was added to imputed values, in units of the variable; to the log odds "
        "of a category"
    )
    coefficients: tuple[ShiftedCoefficient, ...]


class Imputed(Record):
    """How an analysis was pooled over imputations."""

    draws: int = Field(description="imputations over which estimates are pooled")
    searched: int = Field(
        description="imputations in which the random part was searched, and the ends of profile "
        "intervals were found"
    )
    different: int = Field(description="imputations that differ from those before them")
    singular: int = Field(description="fits of the settled model by REML on a bound")
    missing_information: float = Field(
        description="largest fraction of missing information of a coefficient of the settled model"
    )
    unpooled: tuple[Unpooled, ...]
    complete_cases: CompleteCases | RefusedCompleteCases = Field(discriminator="kind")
    shifts: tuple[Shift, ...] = Field(description="none where no shifted imputations were given")
    drawn: JointImputations | None = Field(
        None, description="how the imputations were drawn; none where they were brought as files"
    )
