"""The null, the full and the settled model of a sample."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.coefficient import Term
from mlm.results.level import Level
from mlm.results.names import Formula
from mlm.results.record import Record
from mlm.results.sampled.estimate import SampledEstimate


class SampledCoefficient(SampledEstimate):
    """A coefficient of the fixed part."""

    term: Term
    t: float | None = Field(description="estimate over its standard error")
    linking_error: float | None = Field(
        None,
        description="that the error of a change since the first wave holds; None: it is none, or "
        "no link is configured",
    )


class SampledComponent(SampledEstimate):
    """A variance of a level, or a covariance of two of its effects, in the population.

    The estimate is in squared units of the outcome; intervals of variances are made on the scale of
    logarithms.
    """

    level: Level
    term1: Term
    term2: Term | None = Field(description="of a covariance; None: a variance")
    sd: float | None = Field(description="or correlation; None where a variance is zero")
    corrected: float | None = Field(
        description="without the bias of few clusters, by the jackknife; None: not by the jackknife"
    )
    on_bound: int = Field(description="draws in which it is zero")


class SampledShare(SampledEstimate):
    """Share of a level in the variance that the fixed part leaves, made on the scale of logits."""

    level: Level
    unweighted: float | None = Field(
        description="the same of all rows alike; None: rows have no weights"
    )


class DrawnFit(Record):
    """What the search ended in, in one draw of the outcome."""

    draw: int = Field(description="from 1")
    deviance: float = Field(
        description="minus twice the log pseudo-likelihood, in the unit of the weights; no test"
    )
    converged: bool = Field(description="whether the optimum has a certificate")
    is_singular: bool = Field(description="whether a variance is zero or a correlation is one")
    max_scaled_gradient: float | None = Field(description="certificate: zero at an optimum")


class SampledModel(Record):
    """A model by pseudo-maximum likelihood, pooled over the draws of the outcome."""

    formula: Formula
    terms: tuple[Term, ...] = Field(description="of the fixed part, the intercept left out")
    fits: tuple[DrawnFit, ...] = Field(description="one a draw; one where nothing was drawn")
    errors: Literal["replicates", "linearised", "jackknife"] | None = Field(
        None, description="how its standard errors were found; None: by the model alone"
    )
    refits: bool = Field(
        False, description="whether it was fitted to every replicate; else these need no refits"
    )
    n_params: int = Field(description="fixed effects, (co)variances and the residual variance")
    n_obs: int = Field(description="rows of the sample")
    fixed: tuple[SampledCoefficient, ...] = Field(description="in the order of the columns")
    variance_components: tuple[SampledComponent, ...]
    shares: tuple[SampledShare, ...] = Field(
        description="outermost level first, the rows last; with slopes of the mean over the rows"
    )


class RefittedRatio(Record):
    """Standard errors from fits to every replicate, over those without refits."""

    lowest: float = Field(description="over coefficients, variances and draws")
    highest: float
    by_search: int = Field(
        description="replicates, of all draws, that needed a search of their own"
    )


class SettledSampledModel(SampledModel):
    """What the reduction and the slopes kept."""

    refitted: RefittedRatio | None = Field(
        description="None: the sample has no replicates, or errors come from others"
    )
