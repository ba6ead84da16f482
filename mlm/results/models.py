"""Fits and models: estimates of one criterion, and the two criteria of one model."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.coefficient import Coefficient, Term
from mlm.results.level import Level
from mlm.results.names import Formula
from mlm.results.record import Record


class VarianceComponent(Record):
    """A variance of a level, or a covariance of two of its effects."""

    level: Level
    term1: Term
    term2: Term | None = Field(None, description="of a covariance; None: a variance")
    variance: float = Field(description="or covariance, in squared units of the outcome")
    sd: float | None = Field(description="or correlation; None where a variance is zero")


class Fit(Record):
    """A model fitted by one criterion."""

    criterion: Literal["ML", "REML"]
    deviance: float | None = Field(
        description="minus twice the log-likelihood, or the REML criterion; None: pooled over "
        "imputations, which have no common one"
    )
    aic: float | None = Field(description="deviance plus twice the number of parameters")
    bic: float | None = Field(
        description="deviance plus their number times the logarithm of the rows"
    )
    n_params: int = Field(description="fixed effects, (co)variances and the residual variance")
    n_obs: int = Field(description="rows of the sample")
    converged: bool = Field(description="whether the optimum has a certificate")
    is_singular: bool = Field(description="whether a variance is zero or a correlation is one")
    sigma2: float = Field(description="residual variance")
    max_scaled_gradient: float | None = Field(description="certificate: zero at an optimum")
    fixed: tuple[Coefficient, ...] = Field(description="coefficients, in the order of the columns")
    variance_components: tuple[VarianceComponent, ...]


class Model(Record):
    """A model with its fits by both criteria."""

    formula: Formula
    terms: tuple[Term, ...] = Field(description="of the fixed part, the intercept left out")
    ml: Fit
    reml: Fit


class Step(Record):
    """A model on the path of an elimination."""

    dropped: tuple[Term, ...] = Field(
        description="one term, or all of a variable, that left; none for the first model"
    )
    terms: tuple[Term, ...] = Field(description="of the fixed part, the intercept left out")
    n_params: int = Field(description="parameters of the model")
    deviance: float | None = Field(
        description="by ML; None: over imputations, which have no common one"
    )
    aic: float | None
    bic: float | None
    statistic: float | None = Field(
        description="F by REML, in the model before, of the terms that left"
    )
    df: int | None = Field(description="numerator degrees of freedom: their coefficients")
    denominator: float | None = Field(description="denominator degrees of freedom of that test")
    p_value: float | None = Field(description="of that test")
