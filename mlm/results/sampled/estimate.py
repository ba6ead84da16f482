"""An estimate whose error has two parts: of sampling rows, and of measuring the outcome."""

from __future__ import annotations

from pydantic import Field

from mlm.results.record import Record


class SampledEstimate(Record):
    """A weighted estimate with its error by the design of the sample, and a 95 % interval.

    Where the outcome is known by draws (plausible values) it is pooled over them.
    """

    estimate: float = Field(
        description="in units of the outcome, or of it per unit of the variable; a share is 0 to 1"
    )
    std_error: float | None = Field(description="of sampling and measurement; None: not known")
    sampling_error: float | None = Field(description="standard error as if nothing were drawn")
    measurement_error: float | None = Field(
        description="root of what the draws add to the variance; None: the outcome is observed"
    )
    df: float | None = Field(description="degrees of freedom of t; None: infinite")
    p_value: float | None = Field(description="of t against zero, two-sided; None: not tested")
    lower: float | None = Field(description="of the 95 % interval")
    upper: float | None = Field(description="of the 95 % interval")
    missing_information: float | None = Field(
        description="fraction of the information that the draws lack; None: nothing was drawn"
    )
    design_effect: float | None = Field(
        description="sampling variance over that which the model alone would give; None: not asked"
    )


class SampledChange(SampledEstimate):
    """A difference between two waves; its error holds that of the link between their scales."""

    linking_error: float | None = Field(
        description="standard error of the link, in units of the outcome; None: none is configured"
    )
