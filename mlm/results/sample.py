"""What was analysed: levels with their units, waves with their rows; the head of all results."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.level import Level
from mlm.results.names import AnalysisName, DesignName, SurveyName, VariableName, WaveName
from mlm.results.record import Record


class Time(Record):
    """Time as it stands in the models."""

    name: VariableName
    coding: Literal["categories", "trend", "polynomial"]
    degree: int = Field(1, description="highest power of time; 1 unless it is a polynomial")
    waves: tuple[WaveName, ...]


class LevelSize(Record):
    """A level and how many units it has in the sample."""

    level: Level
    n: int = Field(description="units in the sample, once in each unit above in which they were")
    distinct: int | None = Field(
        None,
        description="units that are known by their own id, such as persons, each counted once; "
        "None: units stay in the unit above, or are of one wave",
    )


class WaveSample(Record):
    """The rows of one wave in the sample."""

    wave: WaveName
    rows: int = Field(description="in the sample")
    groups: tuple[LevelSize, ...] = Field(description="units with rows in the wave")
    mean: float = Field(description="of the outcome")
    sd: float | None = Field(description="of the outcome; None of a single row")
    rows_clean: int | None = Field(description="rows of the wave before those with gaps left")


class RowsWithout(Record):
    """Rows left out because a variable of the analysis is missing."""

    variable: VariableName
    rows: int


class AnalysisHead(Record):
    """Which analysis it is, and what was analysed: counts are of rows and units, never weighted."""

    schema_version: int = Field(alias="schema")
    survey: SurveyName
    analysis: AnalysisName
    outcome: VariableName
    design: DesignName
    criterion: Literal["REML", "ML"]
    time: Time
    levels: tuple[LevelSize, ...]
    waves: tuple[WaveSample, ...]
    n_obs: int
    rows_without: tuple[RowsWithout, ...]
