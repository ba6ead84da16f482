"""Means of the outcome and shares at or above a cut, by wave and by wave and category."""

from __future__ import annotations

from pydantic import Field

from mlm.results.names import Category, VariableName, WaveName
from mlm.results.record import Record
from mlm.results.sampled.estimate import SampledChange, SampledEstimate
from mlm.results.sampled.reason import SampledReason


class GroupEstimate(SampledEstimate):
    """The weighted mean, or share, of a group of rows."""

    rows: int = Field(description="rows of the group in the sample")
    clusters: int = Field(description="clusters, or outermost units, with rows of the group")
    sum_of_weights: float | None = Field(
        description="overall weights of these rows, as given; None: rows have no weights"
    )


class WaveEstimate(GroupEstimate):
    """That of all rows of a wave."""

    wave: WaveName
    change: SampledChange | None = Field(description="since the first wave; None for that one")
    step: SampledChange | None = Field(
        description="since the wave before; None for the first wave and where that is the first"
    )


class CategoryEstimate(GroupEstimate):
    """That of the rows of a category in a wave."""

    wave: WaveName
    gap: SampledEstimate | None = Field(description="from the reference; None for that category")
    moved: SampledEstimate | None = Field(
        description="change of the gap since the first wave, free of the link between scales; "
        "None for the reference and the first wave"
    )
    change: SampledChange | None = Field(
        description="of the estimate itself since the first wave; None for that one"
    )


class CategoryOfRows(Record):
    """A category of a variable, wave by wave."""

    category: Category
    waves: tuple[CategoryEstimate, ...] = Field(
        description="waves in which it has rows in all replicates"
    )


class EstimatesBy(Record):
    """Estimates by category of a variable; the first category is the reference."""

    variable: VariableName
    categories: tuple[CategoryOfRows, ...]


class OutcomeMeans(Record):
    """Weighted means of the outcome, without any model."""

    waves: tuple[WaveEstimate, ...]
    by: tuple[EstimatesBy, ...] = Field(
        description="of each categorical variable of the full model"
    )


class SharesAtCut(Record):
    """Weighted shares of rows at or above a cut of the outcome; estimates are 0 to 1."""

    name: VariableName = Field(description="of the cut, from the configuration")
    cut: float = Field(description="in units of the outcome")
    waves: tuple[WaveEstimate, ...]
    by: tuple[EstimatesBy, ...]
    linking: SampledReason | None = Field(
        description="why changes of shares hold no linking error; None: none is configured"
    )
