"""Which variables are needed: reduction and associations by Wald tests of the design."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.coefficient import Term
from mlm.results.names import Category, VariableName, WaveName
from mlm.results.record import Record
from mlm.results.sampled.estimate import SampledEstimate
from mlm.results.sampled.reason import SampledReason
from mlm.results.test import Test


class RefusedSampledTest(Record):
    """A test that was not made."""

    kind: Literal["refused"] = "refused"
    reason: SampledReason


SampledTest = Annotated[
    Test | RefusedSampledTest,
    Field(discriminator="kind", description="Wald F by the design of the sample, D1 over draws"),
]


class SampledStep(Record):
    """A model on the path of the elimination."""

    dropped: tuple[Term, ...] = Field(
        description="one term, or all of a variable, that left; none for the full model"
    )
    terms: tuple[Term, ...] = Field(description="of the fixed part, the intercept left out")
    test: Test | None = Field(
        description="of the terms that left, in the model before; None of the full model"
    )


class SampledReduction(Record):
    """Backward elimination, and one test of all that left."""

    alpha: float = Field(description="level of each test")
    protected: tuple[Term, ...] = Field(description="terms that may not leave")
    path: tuple[SampledStep, ...] = Field(description="from the full model to what was kept")
    dropped: tuple[Term, ...] = Field(description="all terms that left")
    joint: SampledTest | None = Field(
        description="that none of them has an effect, in the full model; None: none left"
    )


class TriedProduct(Record):
    """A product or square of variables of rows, in the full model with all that were tried."""

    term: Term
    test: SampledTest = Field(
        description="that it has no effect, given the others; adjusted by Holm over all tried"
    )


class RowProducts(Record):
    """Products and squares of the variables of rows and of followed units."""

    block: SampledTest = Field(description="that none of them has an effect")
    terms: tuple[TriedProduct, ...] = Field(description="those that others do not determine")
    left_out: tuple[Term, ...] = Field(description="products that were too many to try")


class LatestSampledEffect(SampledEstimate):
    """What a variable does in the latest wave, other variables at zero or their reference."""

    category: Category | None = Field(
        description="compared with the reference; None: for each unit of a number"
    )
    wave: WaveName | None = Field(description="None: the same in every wave")


class SampledAssociation(Record):
    """All that a variable does in the settled model, tested at once."""

    variable: VariableName
    terms: tuple[Term, ...] = Field(description="of the settled model that hold the variable")
    latest: tuple[LatestSampledEffect, ...] = Field(
        description="its effect in the latest wave, by category; none where it is a curve or "
        "stands in products with other variables alone"
    )
    test: SampledTest = Field(
        description="that none of them has an effect, adjusted by Holm over the variables of the "
        "full model"
    )
