"""Rows that have an outcome and lack a covariate: how many, together with what, unlike which."""

from __future__ import annotations

from pydantic import Field

from mlm.results.coefficient import Factor
from mlm.results.names import AnalysisName, LevelName, VariableName, WaveName
from mlm.results.record import Record


class LackingInWave(Record):
    """Rows of a wave that lack a covariate."""

    wave: WaveName
    rows: int = Field(description="that have the outcome and lack the variable")
    with_outcome: int = Field(description="rows that have the outcome")
    groups: int = Field(description="units of the variable's level with such a row")
    units: int = Field(description="units of that level with a row that has the outcome")


class Unlike(Record):
    """How rows that lack a covariate differ from those that have it, within waves."""

    column: Factor = Field(description="the outcome, another covariate or a category of one")
    n: int = Field(description="rows compared that lack the variable")
    members: int | None = Field(description="of these, in the category; None: a number")
    groups: int = Field(description="outermost units that these are of")
    standardised: float = Field(
        description="mean of rows that lack it less that of the others, in standard deviations of "
        "the rows that have the outcome, within waves"
    )
    std_error: float = Field(description="between outermost units")
    lower: float = Field(description="of the 95 % interval")
    upper: float = Field(description="of the 95 % interval")
    df: int = Field(
        description="outermost units with rows that lack it, or with others, if fewer, less one"
    )


class LackingVariable(Record):
    """A covariate that some rows with the outcome lack."""

    variable: VariableName
    level: LevelName
    by_wave: tuple[LackingInWave, ...]
    unlike: tuple[Unlike, ...] = Field(description="the outcome first")


class MissingPattern(Record):
    """Rows with the outcome that lack the same covariates."""

    variables: tuple[VariableName, ...] = Field(description="lacking; none: complete rows")
    rows: int
    groups: int = Field(description="units that hold such rows, in any wave")


class PatternsOfAnalysis(Record):
    """Rows with the outcome by the covariates of an analysis that they lack."""

    analysis: AnalysisName
    level: LevelName = Field(description="of the units counted")
    patterns: tuple[MissingPattern, ...] = Field(description="most rows first")

    @property
    def rows(self) -> int:
        """Rows that have the outcome."""
        return sum(pattern.rows for pattern in self.patterns)

    @property
    def lost(self) -> int:
        """Rows among them that lack a covariate."""
        return sum(pattern.rows for pattern in self.patterns if pattern.variables)

    @property
    def share_lost(self) -> float:
        """Share of them that lack a covariate."""
        return self.lost / self.rows if self.rows else 0.0


class MissingCovariates(Record):
    """Rows that have an outcome and lack covariates of its analyses."""

    outcome: VariableName
    variables: tuple[LackingVariable, ...] = Field(description="that any row lacks")
    analyses: tuple[PatternsOfAnalysis, ...]
