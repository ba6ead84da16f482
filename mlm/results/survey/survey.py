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
from mlm.results.survey.missing_covariates import MissingCovariates, PatternsOfAnalysis
from mlm.results.survey.separability import AnyDoubt


class RowTotals(Record):
    """Rows of all waves."""

    read: int = Field(description="rows of the files")
    kept: int = Field(description="rows after cleaning")
    excluded: int = Field(description="rows left out in cleaning")


class UnitsInWave(Record):
    """Units of a level in a wave."""

    wave: WaveName
    groups: int = Field(description="units")


class UnitsInWaves(Record):
    """Units that are found in a number of waves."""

    waves: int = Field(description="in how many waves")
    units: int = Field(description="how many")
    persons: int = Field(description="units of the lowest level in these, over all waves")


class LevelAccount(Record):
    """Units of a level: in each wave, in all, and in how many waves each of them is found."""

    name: LevelName
    plural: Plural
    groups_by_wave: tuple[UnitsInWave, ...]
    groups_total: int = Field(
        description="units; where they do not recur, those of all waves added up"
    )
    recurring: bool = Field(description="whether a unit may be found in several waves")
    distinct: int | None = Field(description="units, where they recur; None: they do not")
    known_by: Literal["id", "path"] | None = Field(
        description="how units are known in other waves: by id alone, or within those around"
    )
    in_waves: tuple[UnitsInWaves, ...]


class Sizes(Record):
    """Sizes of units in their children, in one wave."""

    wave: WaveName
    groups: int = Field(description="units of the level")
    min: int = Field(description="children of a unit")
    median: float = Field(description="children of a unit")
    mean: float = Field(description="children of a unit")
    max: int = Field(description="children of a unit")
    one_child: int = Field(description="units with one child")


class SizeCount(Record):
    """Units of a size."""

    size: int = Field(description="children")
    units: int = Field(description="how many have so many")


class Children(Record):
    """What the units of a level hold: units of the next level, or occasions."""

    level: LevelName
    child: LevelName | None = Field(description="None: occasions of the same unit")
    by_wave: tuple[Sizes, ...]
    counts: tuple[SizeCount, ...] = Field(description="of occasions")


class UnitMoves(Record):
    """Units that are found under several units above; no numbers where ids are local."""

    level: LevelName
    parent: LevelName | None = Field(description="the level above; None: none is known")
    count: int | None = Field(description="units under several")
    of: int | None = Field(description="units looked at")
    same_wave: int | None = Field(description="of these, in one wave")


class PersonsInFlow(Record):
    """Units of the lowest level, over all waves, in the units of a flow."""

    stay: int
    leave: int
    new: int
    back: int


class Flow(Record):
    """Units that stay, leave, are new or come back from one wave to the next."""

    level: LevelName
    wave: WaveName
    other: WaveName = Field(description="the next wave")
    stay: int = Field(description="in both waves")
    leave: int = Field(description="in this wave, not in the next")
    new: int = Field(description="in the next wave, not in this one")
    back: int = Field(description="of these, in a wave before")
    moved: int | None = Field(
        description="of those who stay, with another unit around them; None: not known"
    )
    persons: PersonsInFlow = Field(description="of the lowest level in these units")


class PersonsWhoStay(Record):
    """Units of the lowest level, over all waves, in units that stay or leave."""

    stay: int
    leave: int


class FlowByCategory(Record):
    """Units that stay or leave, by a category known of them before."""

    level: LevelName
    wave: WaveName
    other: WaveName
    variable: VariableName
    category: Category | None = Field(description="None: missing")
    stay: int
    leave: int
    persons: PersonsWhoStay = Field(description="of the lowest level in these units")


class GroupsInWaves(Record):
    """Units by their group of a policy in a wave and in a later one."""

    variable: VariableName = Field(description="of the policy")
    level: LevelName = Field(description="of the units")
    wave: WaveName
    other: WaveName = Field(description="a later wave")
    category: Category | None = Field(description="in the wave; None: not there, or not known")
    other_category: Category | None = Field(description="in the later wave; None as before")
    units: int = Field(description="how many")


class OutcomeInGroup(Record):
    """Units of a group in a wave with and without a value of an outcome."""

    outcome: VariableName
    known: int = Field(description="with a value in at least one row")
    missing: int = Field(description="without one")


class GroupFollowed(Record):
    """Units by their group of a policy in a wave, followed to it and to each later wave.

    The units of a wave are those of all its groups that are seen or gone; the units of the other
    wave are those of all groups that are seen, with those that came later.
    """

    variable: VariableName = Field(description="of the policy")
    level: LevelName = Field(description="of the units")
    wave: WaveName
    other: WaveName = Field(description="where looked for: the wave itself, or a later one")
    category: Category | None = Field(description="in the wave; None: not known, or not there")
    there: bool = Field(description="whether they are in the wave; false: they came later")
    seen: int = Field(description="found in the other wave")
    gone: int = Field(description="not found there")
    ungrouped: int = Field(description="of those seen, without a known group in the other wave")
    outcomes: tuple[OutcomeInGroup, ...] = Field(
        description="of those seen, by each outcome of the analyses that declare the policy"
    )


class ProductCell(Record):
    """Rows, and units that hold them, that have a category of one variable and one of another."""

    variable: VariableName
    other: VariableName = Field(description="the variable that it is multiplied by in a model")
    category: Category
    other_category: Category
    wave: WaveName
    rows: int = Field(description="rows kept that have both")
    level: LevelName = Field(description="of the units")
    units: int = Field(description="units that hold these rows")


class UnitsThatLeft(Record):
    """Units that a wave has and the next one lacks: for those who own the data alone."""

    level: LevelName
    wave: WaveName
    other: WaveName
    count: int = Field(description="how many")
    units: tuple[Unit, ...] = Field(description="the first of them")


class Missingness(Record):
    """Missing cells of a variable in a wave for one reason."""

    variable: VariableName
    level: LevelName
    wave: WaveName
    reason: MissingReason
    cells: int = Field(description="missing for this reason")
    rows: int = Field(description="rows kept of the wave")


class SizeDistribution(Record):
    """Distribution of sizes of groups."""

    mean: float
    quantiles: tuple[float, ...] = Field(description="0, 5, 25, 50, 75, 95 and 100 %")
    one: int = Field(description="groups of size 1")
    balance: float = Field(description="harmonic over arithmetic mean; 1: all of one size")


class HierarchyLevel(Record):
    """Groups of a level of the models over all waves."""

    level: Level
    groups: int = Field(description="over all waves")
    child: Level | None = Field(description="None: the rows")
    children: SizeDistribution | None = Field(description="units of the next level in a group")
    rows: SizeDistribution | None = Field(description="rows in a group")


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
    groups_in_waves: tuple[GroupsInWaves, ...] = Field(
        description="of policies, where units recur; pupils where they are followed"
    )
    groups_followed: tuple[GroupFollowed, ...] = Field(description="of the same policies")
    product_cells: tuple[ProductCell, ...] = Field(
        description="of products of two categories among the terms of the analyses"
    )
    units_that_left: tuple[UnitsThatLeft, ...]
    missingness: tuple[Missingness, ...]
    missing_covariates: tuple[MissingCovariates, ...] = Field(
        description="of the rows that have an outcome, by outcome"
    )
    hierarchy: tuple[HierarchyLevel, ...]
    separability: tuple[AnyDoubt, ...]
    checks: tuple[AnyCheck, ...]

    def lacking(self, analysis: str) -> PatternsOfAnalysis | None:
        """Rows with the outcome of an analysis by what they lack; None where it is not known."""
        found = (each for of in self.missing_covariates for each in of.analyses)
        return next((each for each in found if each.analysis == analysis), None)
