"""The ledger of a wave: every row and every missing cell, with its reason."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.names import (
    Category,
    FileName,
    Label,
    LevelName,
    Sha256,
    VariableName,
    WaveName,
)
from mlm.results.record import Record
from mlm.results.storing.keyed import Keyed
from mlm.results.survey.cell_doubts import CellDoubt
from mlm.results.survey.spellings import IdForms


class DeclaredMissing(Record):
    """A code that the codebook or the file declares to mean missing."""

    kind: Literal["declared"] = "declared"
    meaning: Label


class EmptyCell(Record):
    """An empty cell."""

    kind: Literal["empty"] = "empty"


class FileCode(Record):
    """A code that the file declares to mean missing, without a label."""

    kind: Literal["file_code"] = "file_code"
    code: Category


class FileRange(Record):
    """A number inside a user-missing range of the file."""

    kind: Literal["file_range"] = "file_range"


class NotComputed(Record):
    """A computed value that does not exist."""

    kind: Literal["not_computed"] = "not_computed"
    why: Literal["part_missing", "undefined", "no_other_rows"]


MissingReason = Annotated[
    DeclaredMissing | EmptyCell | FileCode | FileRange | NotComputed, Field(discriminator="kind")
]


class NoId(Record):
    """Rows without an id at a level."""

    kind: Literal["no_id"] = "no_id"
    level: LevelName
    reason: Annotated[
        DeclaredMissing | EmptyCell | FileCode | FileRange, Field(discriminator="kind")
    ]


class SeveralRows(Record):
    """Rows of units that have several rows in the wave."""

    kind: Literal["several_rows"] = "several_rows"
    level: LevelName
    twice: Literal["first", "drop"]


class SeveralParents(Record):
    """Rows of units that are found in several units of the level above."""

    kind: Literal["several_parents"] = "several_parents"
    level: LevelName
    parent: LevelName
    twice: Literal["first", "drop"]


class OtherParentInOtherWave(Record):
    """Rows of units that have another parent in another wave."""

    kind: Literal["other_parent"] = "other_parent"
    level: LevelName
    parent: LevelName
    moves: Literal["first", "drop"]


ExclusionReason = Annotated[
    NoId | SeveralRows | SeveralParents | OtherParentInOtherWave, Field(discriminator="kind")
]


class FileAccount(Record):
    """A file of a wave."""

    file: FileName
    sha256: Sha256
    rows_read: int


class Place(Record):
    """Where a row stands."""

    file: FileName
    line: int = Field(description="of the file")


class Excluded(Record):
    """Rows left out for one reason."""

    reason: ExclusionReason
    rows: int
    first: tuple[Place, ...] = Field(description="first cases")


class MissingCells(Record):
    """Missing cells of a variable for one reason."""

    variable: VariableName
    reason: MissingReason
    cells: int


class RecodedCells(Record):
    """Cells that a recode turned into a category."""

    variable: VariableName
    category: Category
    cells: int


class UnitCount(Record):
    """Units of a level in the wave."""

    level: LevelName
    n: int = Field(description="units")


class EmptyUnits(Record):
    """Units in which an outcome is missing in every row."""

    variable: VariableName
    level: LevelName
    groups: int = Field(description="how many")
    rows: int | None = Field(None, description="in them; None: not counted")


class SuspectCode(Record):
    """A number far from all others that may mean missing."""

    variable: VariableName
    code: float
    cells: int


class CategoryCount(Record):
    """Rows of a category."""

    category: Category
    n: int = Field(description="rows")


class CategoryUnits(Record):
    """Units of a level in which a category is found."""

    level: LevelName
    category: Category
    groups: int = Field(description="how many")


class CategorySummary(Record):
    """Rows of a variable with categories."""

    kind: Literal["category"] = "category"
    variable: VariableName
    n: int = Field(description="rows with a value")
    counts: Annotated[tuple[CategoryCount, ...], Keyed("category", "n")] = Field(
        description="rows by category"
    )
    units: tuple[CategoryUnits, ...] = Field(
        (), description="in which each category is found, above the lowest level"
    )


class NumberSummary(Record):
    """Rows and moments of a number."""

    kind: Literal["number"] = "number"
    variable: VariableName
    n: int = Field(description="rows with a value")
    mean: float | None
    sd: float | None


class CodeLabel(Record):
    """A code and its label in the file."""

    code: Category
    label: Label


class VariableLabels(Record):
    """Labels that the files bring along for the codes of a variable."""

    variable: VariableName
    labels: tuple[CodeLabel, ...]


class Weight(Record):
    """A sampling weight in the wave; of units above the rows each counts once."""

    variable: VariableName
    n: int = Field(description="rows with a weight")
    missing: int = Field(description="rows without one")
    zero: int = Field(description="rows with a weight of zero")
    sum: float = Field(description="of the weights")
    effective_n: float | None = Field(description="squared sum over sum of squares (Kish 1965)")


class ZeroWeight(Record):
    """A sampling weight of zero."""

    kind: Literal["zero_weight"] = "zero_weight"


class MissingWeight(Record):
    """No sampling weight."""

    kind: Literal["missing_weight"] = "missing_weight"


WeightReason = Annotated[ZeroWeight | MissingWeight, Field(discriminator="kind")]


class Unweighted(Record):
    """Rows that are kept and count for nothing, for want of a weight; each under one reason."""

    variable: VariableName = Field(description="column of the weight")
    reason: WeightReason
    rows: int
    first: tuple[Place, ...] = Field(description="first cases")


class PlausibleValues(Record):
    """A set of plausible values in the wave."""

    outcome: VariableName
    values: tuple[VariableName, ...]
    all: int = Field(description="rows that have all of them")
    some: int = Field(description="rows that lack some of them")
    none: int = Field(description="rows that lack all of them")


class Roles(Record):
    """Sampling weights and plausible values."""

    weights: tuple[Weight, ...] = ()
    plausible_values: tuple[PlausibleValues, ...] = ()
    unweighted: tuple[Unweighted, ...] = Field(
        (), description="rows without a weight, by reason", exclude_if=lambda rows: not rows
    )


class BlocksOfRows(Record):
    """A column of ids that is no level although variables of the rows have one value for each."""

    column: Label = Field(description="column of the files")
    groups: int = Field(description="ids in their units above, with two rows or more")
    variables: tuple[VariableName, ...]


class WaveLedger(Record):
    """What became of the rows of a wave: read = kept + excluded, to the row."""

    wave: WaveName
    files: tuple[FileAccount, ...]
    rows_read: int
    rows_kept: int
    excluded: tuple[Excluded, ...]
    missing: tuple[MissingCells, ...] = Field(description="cells, by variable and reason")
    recoded: tuple[RecodedCells, ...] = Field(description="cells, by variable and category")
    groups: Annotated[tuple[UnitCount, ...], Keyed("level", "n")] = Field(
        description="units by level"
    )
    empty_groups: tuple[EmptyUnits, ...]
    suspect_codes: tuple[SuspectCode, ...]
    cell_doubts: tuple[CellDoubt, ...] = Field(
        (), description="cells that may mean something else than they say"
    )
    id_forms: tuple[IdForms, ...] = Field((), description="of each file and level with ids")
    blocks: tuple[BlocksOfRows, ...] = Field((), description="units that are no level")
    variables: Annotated[
        tuple[Annotated[CategorySummary | NumberSummary, Field(discriminator="kind")], ...],
        Keyed("variable"),
    ]
    labels: tuple[VariableLabels, ...]
    roles: Roles
