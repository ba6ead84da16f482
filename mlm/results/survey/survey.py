"""The account of a survey over its waves (``survey.json``)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.level import Level
from mlm.results.names import (
    Category,
    DesignName,
    LevelName,
    Plural,
    SurveyName,
    Unit,
    VariableName,
    WaveName,
)
from mlm.results.record import Record
from mlm.results.survey.account import MissingReason, WaveLedger
from mlm.results.survey.checks import AnyCheck
from mlm.results.survey.separability import AnyDoubt


class RowTotals(Record):
    """Rows of all waves."""

    read: int
    kept: int
    excluded: int


class UnitsInWave(Record):
    """Units of a level in a wave."""

    wave: WaveName
    groups: int


class UnitsInWaves(Record):
    """Units that are found in a number of waves."""

    waves: int
    units: int


class LevelAccount(Record):
    """Units of a level: in each wave, in all, and in how many waves each of them is found."""

    name: LevelName
    plural: Plural
    groups_by_wave: tuple[UnitsInWave, ...]
    groups_total: int
    recurring: bool
    distinct: int | None = Field(description="units, where they recur; None: they do not")
    known_by: Literal["id", "path"] | None
    in_waves: tuple[UnitsInWaves, ...]


class Sizes(Record):
    """Sizes of units in their children, in one wave."""

    wave: WaveName
    groups: int
    min: int
    median: float
    mean: float
    max: int
    one_child: int


class SizeCount(Record):
    """Units of a size."""

    size: int
    units: int


class Children(Record):
    """What the units of a level hold: units of the next level, or occasions."""

    level: LevelName
    child: LevelName | None = Field(description="None: occasions of the same unit")
    by_wave: tuple[Sizes, ...]
    counts: tuple[SizeCount, ...] = Field(description="of occasions")


class UnitMoves(Record):
    """Units that are found under several units above; no numbers where ids are local."""

    level: LevelName
    parent: LevelName | None
    count: int | None
    of: int | None
    same_wave: int | None


class Flow(Record):
    """Units that stay, leave, are new or come back from one wave to the next."""

    level: LevelName
    wave: WaveName
    other: WaveName = Field(description="the next wave")
    stay: int
    leave: int
    new: int
    back: int
    moved: int | None


class FlowByCategory(Record):
    """Units that stay or leave, by a category known of them before."""

    level: LevelName
    wave: WaveName
    other: WaveName
    variable: VariableName
    category: Category | None = Field(description="None: missing")
    stay: int
    leave: int


class UnitsThatLeft(Record):
    """Units that a wave has and the next one lacks: for those who own the data alone."""

    level: LevelName
    wave: WaveName
    other: WaveName
    count: int
    units: tuple[Unit, ...] = Field(description="the first of them")


class Missingness(Record):
    """Missing cells of a variable in a wave for one reason."""

    variable: VariableName
    level: LevelName
    wave: WaveName
    reason: MissingReason
    cells: int
    rows: int


class SizeDistribution(Record):
    """Distribution of sizes of groups."""

    mean: float
    quantiles: tuple[float, ...] = Field(description="0, 5, 25, 50, 75, 95 and 100 %")
    one: int
    balance: float = Field(description="harmonic over arithmetic mean; 1: all of one size")


class HierarchyLevel(Record):
    """Groups of a level of the models over all waves."""

    level: Level
    groups: int
    child: Level | None = Field(description="None: the rows")
    children: SizeDistribution | None
    rows: SizeDistribution | None


class SurveyAccount(Record):
    """The waves of a survey, linked."""

    schema_version: Literal[2] = Field(2, alias="schema")
    survey: SurveyName
    design: DesignName
    waves: tuple[WaveLedger, ...]
    rows: RowTotals
    levels: tuple[LevelAccount, ...]
    children: tuple[Children, ...]
    unit_changes: tuple[UnitMoves, ...]
    crossed_units: tuple[UnitMoves, ...]
    attrition: tuple[Flow, ...]
    attrition_by: tuple[FlowByCategory, ...]
    units_that_left: tuple[UnitsThatLeft, ...]
    missingness: tuple[Missingness, ...]
    hierarchy: tuple[HierarchyLevel, ...]
    separability: tuple[AnyDoubt, ...]
    checks: tuple[AnyCheck, ...]
