"""Residuals of the rows: the second pass, summarised (``residuals.json``)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from mlm.results.names import AnalysisName, Category, Formula, SurveyName, VariableName, WaveName
from mlm.results.reason import OverImputations
from mlm.results.record import Record, kind_of_stored

MOMENTS = ("mean", "sd", "skewness", "kurtosis", "largest", "correlation", "leverage")


class Quantiles(Record):
    """Quantiles of standardised residuals against normal ones."""

    expected: tuple[float, ...] = Field(description="normal quantiles")
    observed: tuple[float, ...] = Field(description="quantiles of the residuals")


class Histogram(Record):
    """Standardised residuals in cells of equal width."""

    edges: tuple[float, ...] = Field(description="in standard deviations, one more than cells")
    rows: tuple[int, ...] = Field(description="in each cell; the outer ones hold what is beyond")


class OutcomeCounts(Record):
    """The outcome of rows in cells of equal width."""

    edges: tuple[float, ...] = Field(description="in units of the outcome, one more than cells")
    rows: tuple[int, ...] = Field(
        description="from an edge up to the next; the outer cells hold what is beyond"
    )


class Beyond(Record):
    """Rows farther from zero than some standard deviations."""

    sd: int = Field(description="standard deviations")
    rows: int = Field(description="farther from zero")
    share: float = Field(description="of the rows")
    expected: float = Field(description="share under normality")


class BinnedResiduals(Record):
    """Residuals of neighbouring rows along a number."""

    rows: int
    at: float = Field(description="mean of the number")
    mean: float = Field(description="of the residuals, in units of the outcome")
    std_error: float | None = Field(description="of that mean")
    sd: float | None = Field(description="of the residuals, each allowing for its leverage")


class AlongVariable(Record):
    """Residuals along a variable."""

    variable: VariableName
    parts: tuple[BinnedResiduals, ...] = Field(description="tenths of the rows")


class GroupResiduals(Record):
    """Residuals of some rows."""

    rows: int
    mean: float = Field(description="of the residuals, in units of the outcome")
    std_error: float | None = Field(description="of that mean")
    sd: float | None = Field(description="of the residuals, each allowing for its leverage")
    beyond: int = Field(description="rows beyond 3 standard deviations")


class WaveResiduals(GroupResiduals):
    """Residuals of a wave."""

    wave: WaveName
    scores: OutcomeCounts = Field(description="the outcome of its rows")


class CategoryResiduals(GroupResiduals):
    """Residuals of a category."""

    category: Category


class RowOverlap(Record):
    """Rows of a policy's category whose scores are found among those of the reference too."""

    variable: VariableName
    category: Category
    reference: Category
    rows: int = Field(description="of both categories")
    inside: int = Field(description="of these, with a score that both have")
    share: float = Field(description="inside over rows")


class RowResiduals(Record):
    """Residuals of the rows under a fit, summarised.

    Standardised residuals are divided by their own standard deviation, so that they have variance 1
    if the model holds. Where rows have known precisions, means of residuals are weighted by them,
    and standard deviations are those of a row of precision 1.
    """

    formula: Formula
    rows: int
    determined: int = Field(description="rows that the model fits exactly")
    sigma: float = Field(description="residual standard deviation, in units of the outcome")
    mean: float = Field(description="of the standardised residuals, as what follows")
    sd: float | None
    skewness: float | None
    kurtosis: float | None = Field(description="above that of a normal distribution")
    largest: float = Field(description="in size")
    correlation: float | None = Field(description="of the quantiles")
    leverage: float | None = Field(description="mean share of a row's variance taken up")
    quantiles: Quantiles
    histogram: Histogram
    beyond: tuple[Beyond, ...]
    fitted: tuple[BinnedResiduals, ...] = Field(description="tenths of the rows by the fixed part")
    variables: tuple[AlongVariable, ...]

    @property
    def moments(self) -> dict[str, float | None]:
        """Moments of the standardised residuals by name."""
        return {name: getattr(self, name) for name in MOMENTS}


class ResidualsByCategory(RowResiduals):
    """Residuals of the rows, and those of each category of a variable."""

    groups: tuple[CategoryResiduals, ...]


class Residuals(RowResiduals):
    """Residuals of the rows of an analysis."""

    schema_version: Literal[2] = Field(2, alias="schema")
    survey: SurveyName
    analysis: AnalysisName
    outcome: VariableName
    waves: tuple[WaveResiduals, ...]
    overlap: tuple[RowOverlap, ...] = Field(description="of policies that are assigned to rows")


class RefusedResiduals(Record):
    """Residuals that are not told, as the fits of several imputations have no common ones."""

    schema_version: Literal[2] = Field(2, alias="schema")
    kind: Literal["refused"] = "refused"
    survey: SurveyName
    analysis: AnalysisName
    reason: OverImputations


def load_residuals(path: Path) -> Residuals | None:
    """The residuals in a file; None where it says that there are none.

    Parameters
    ----------
    path : Path
        A ``residuals.json``.

    Raises
    ------
    ResultError
        When the file holds neither.
    """
    if kind_of_stored(path) != "refused":
        return Residuals.load(path)
    RefusedResiduals.load(path)
    return None
