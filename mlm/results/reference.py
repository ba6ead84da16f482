"""Distributions that a statistic is referred to."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.record import Record


class ChiSquared(Record):
    """A chi-squared distribution, its statistic multiplied where few groups judge a term."""

    kind: Literal["chi_squared"] = "chi_squared"
    df: int = Field(description="degrees of freedom")
    factor: float = Field(1.0, description="what the distribution is multiplied by (Bartlett's)")
    conservative: Literal["several_variances", "on_bound"] | None = Field(
        None, description="why the true p-value is smaller than this distribution says"
    )


class ChiSquaredPart(Record):
    """One distribution of a mixture."""

    df: int = Field(description="degrees of freedom; 0 is a point mass at zero")
    weight: float = Field(description="probability of this distribution")


class Mixture(Record):
    """A mixture of chi-squared distributions: variances that may be zero (Self and Liang 1987)."""

    kind: Literal["mixture"] = "mixture"
    parts: tuple[ChiSquaredPart, ...]


class Simulated(Record):
    """A distribution known by draws of its statistic."""

    kind: Literal["simulated"] = "simulated"
    draws: int = Field(description="number of draws")
    of: Literal["projections", "responses"] = Field(
        description="projections on the cone of the tested variances, or refitted responses"
    )


class FDistribution(Record):
    """An F distribution."""

    kind: Literal["F"] = "F"
    df: int = Field(description="degrees of freedom of the numerator")
    denominator: float | None = Field(description="None: infinite, a Wald test")


Reference = Annotated[ChiSquared | Mixture | Simulated | FDistribution, Field(discriminator="kind")]
