"""Residuals of the rows: the second pass, summarised (``residuals.json``)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.names import AnalysisName, Category, Formula, SurveyName, VariableName, WaveName
from mlm.results.record import Record


class Quantiles(Record):
    """Quantiles of standardised residuals against normal ones."""

    expected: tuple[float, ...]
    observed: tuple[float, ...]


class Histogram(Record):
    """Standardised residuals in cells of equal width."""

    edges: tuple[float, ...]
    rows: tuple[int, ...]


class Beyond(Record):
    """Rows farther from zero than some standard deviations."""

    sd: int
    rows: int
    share: float
    expected: float = Field(description="share under normality")


class Part(Record):
    """Residuals of neighbouring rows along a number."""

    rows: int
    at: float
    mean: float
    std_error: float | None
    sd: float | None


class AlongVariable(Record):
    """Residuals along a variable."""

    variable: VariableName
    parts: tuple[Part, ...]


class WaveResiduals(Record):
    """Residuals of a wave."""

    wave: WaveName
    rows: int
    mean: float
    std_error: float | None
    sd: float | None
    beyond: int


class RowOverlap(Record):
    """Rows of a policy's category whose scores are found among those of the reference too."""

    variable: VariableName
    category: Category
    reference: Category
    rows: int
    inside: int
    share: float


class Residuals(Record):
    """Residuals of the rows of an analysis."""

    schema_version: Literal[2] = Field(2, alias="schema")
    survey: SurveyName
    analysis: AnalysisName
    outcome: VariableName
    formula: Formula
    rows: int
    determined: int = Field(description="rows that the model fits exactly")
    sigma: float
    mean: float
    sd: float | None
    skewness: float | None
    kurtosis: float | None
    largest: float
    correlation: float | None
    leverage: float | None
    quantiles: Quantiles
    histogram: Histogram
    beyond: tuple[Beyond, ...]
    fitted: tuple[Part, ...]
    variables: tuple[AlongVariable, ...]
    waves: tuple[WaveResiduals, ...]
    overlap: tuple[RowOverlap, ...]
