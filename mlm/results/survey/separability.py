"""What the rows can and cannot tell apart, found before any model is fitted."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.level import Level
from mlm.results.names import Label, LevelName, VariableName, WaveName
from mlm.results.record import Record


class Doubt(Record):
    """What all of them have: ``warning`` where no wave resolves it, ``note`` where one does."""

    severity: Literal["warning", "note"]


class OneChild(Doubt):
    """A level whose units have (almost) all one child: the two are fitted as one."""

    kind: Literal["one_child"] = "one_child"
    level: Level
    child: Level
    groups: int
    children: int


class OneChildInWave(Doubt):
    """The same in some waves alone."""

    kind: Literal["one_child_in_wave"] = "one_child_in_wave"
    level: Level
    child: Level
    waves: tuple[WaveName, ...]


class FewGroups(Doubt):
    """A level with too few units for its variance and for ranks."""

    kind: Literal["few_groups"] = "few_groups"
    level: Level
    groups: int
    needed: int


class OneGroup(Doubt):
    """A level with a single unit: nothing tells how much its units differ."""

    kind: Literal["one_group"] = "one_group"
    level: Level


class CodesReused(Doubt):
    """Codes of a level that occur under several units above: each is another unit there."""

    kind: Literal["codes_reused"] = "codes_reused"
    level: LevelName
    parent: LevelName
    reused: int
    codes: int
    units: int


class FewOccasions(Doubt):
    """Too few rows of a unit for slopes over such units."""

    kind: Literal["few_occasions"] = "few_occasions"
    level: Level
    groups: int = Field(description="units with enough rows")
    rows_needed: int
    slopes: tuple[VariableName, ...]


class Saturated(Doubt):
    """Categories that name almost every unit."""

    kind: Literal["saturated"] = "saturated"
    variable: VariableName
    level: LevelName
    categories: int
    groups: int


class ConstantInWave(Doubt):
    """A variable with one value in each wave: time under another name."""

    kind: Literal["constant_in_wave"] = "constant_in_wave"
    variable: VariableName


class Aliased(Doubt):
    """Two numbers of which, within each wave, one follows from the other."""

    kind: Literal["aliased"] = "aliased"
    variable: VariableName
    follows_from: VariableName


class MissingLevel(Doubt):
    """Ids that are no level although variables of the rows have one value for each of them."""

    kind: Literal["missing_level"] = "missing_level"
    column: Label = Field(description="column of the files")
    groups: int = Field(description="ids of all waves with two rows or more")
    variables: tuple[VariableName, ...]


class Blended(Doubt):
    """A category that changes for persons who are followed, and whose effect is not split."""

    kind: Literal["blended"] = "blended"
    variable: VariableName
    level: LevelName = Field(description="of the persons")


AnyDoubt = Annotated[
    OneChild
    | MissingLevel
    | Blended
    | OneChildInWave
    | FewGroups
    | OneGroup
    | CodesReused
    | FewOccasions
    | Saturated
    | ConstantInWave
    | Aliased,
    Field(discriminator="kind"),
]
