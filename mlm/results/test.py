"""Tests: made, or refused with the reason."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.reason import Reason
from mlm.results.record import Record
from mlm.results.reference import Reference


class Test(Record):
    """A test that was made."""

    __test__ = False  # pytest collects classes of this name

    kind: Literal["made"] = "made"
    statistic: float
    df: int = Field(description="parameters that are tested")
    reference: Reference
    p_value: float = Field(description="unadjusted")
    p_adjusted: float | None = Field(
        None, description="by Holm over the family of the test; None: a family of one"
    )
    pooled: Literal["D1", "median"] | None = Field(
        None,
        description="how the tests of several imputations became one: D1, of Wald tests, or the "
        "one with the median p-value, of likelihood ratios; None: there is one",
    )

    @property
    def is_valid(self) -> bool:
        """Whether there is a test: yes."""
        return True

    def adjusted(self, p_value: float) -> Test:
        """The test with its p-value adjusted for the number of tests that were made."""
        return self.model_copy(update={"p_adjusted": p_value})


class RefusedTest(Record):
    """A test that was not made."""

    kind: Literal["refused"] = "refused"
    reason: Reason

    @property
    def is_valid(self) -> bool:
        """Whether there is a test: no."""
        return False


AnyTest = Annotated[Test | RefusedTest, Field(discriminator="kind")]
