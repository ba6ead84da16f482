"""Terms and coefficients of a model, by variable and category to the end."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.names import Category, VariableName
from mlm.results.record import Record


class Factor(Record):
    """A variable in a term: as it is, a function or power of it, or one of its categories."""

    variable: VariableName
    category: Category | None = Field(
        None, description="the category that a coefficient stands for; None for a number"
    )
    power: int = 1
    function: Literal["log", "log1p", "sqrt", "exp"] | None = None


Term = Annotated[tuple[Factor, ...], Field(description="factors of a product; none: the intercept")]


class Estimate(Record):
    """An estimate with its error, its test and its 95 % interval."""

    estimate: float = Field(
        description="in units of the outcome, or of it per unit of the variable"
    )
    std_error: float | None = Field(description="of the estimate; None: not known")
    df: float | None = Field(description="degrees of freedom of t; None: infinite")
    p_value: float | None = Field(description="of t against zero, two-sided")
    lower: float | None = Field(description="of the 95 % interval")
    upper: float | None = Field(description="of the 95 % interval")
    missing_information: float | None = Field(
        None,
        description="fraction of the information that missing values took; None: not imputed",
    )


class Coefficient(Estimate):
    """A coefficient of the fixed part."""

    term: Term
    t: float | None = Field(description="estimate over its standard error")
