"""Checks of a survey: what was compared and what was found, as a kind and its numbers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.names import Category, FileName, LevelName, UnitId, VariableName, WaveName
from mlm.results.record import Record
from mlm.results.survey.account import NumberSummary
from mlm.results.survey.spellings import SpelledOtherwise, WrittenOtherwise


class Check(Record):
    """What all checks have."""

    result: Literal["ok", "warning"]


class Recurs(Check):
    """Units of a wave that are found in the next one."""

    kind: Literal["recurs"] = "recurs"
    level: LevelName
    wave: WaveName
    other: WaveName
    stay: int
    before: int
    after: int
    expected: bool = Field(description="whether the design says that they recur")


class OneParent(Check):
    """Units that belong to more than one unit above in one wave."""

    kind: Literal["one_parent"] = "one_parent"
    level: LevelName
    parent: LevelName
    count: int


class FoundElsewhere(Check):
    """Ids of which a wave and the next one have one unit each, in different units above.

    Known by its path, each is one unit that leaves and another one that is new.
    """

    kind: Literal["found_elsewhere"] = "found_elsewhere"
    level: LevelName
    parent: LevelName
    wave: WaveName
    other: WaveName = Field(description="the next wave")
    count: int
    of: int = Field(description="ids of which each of the two waves has one unit")


class Stable(Check):
    """Units whose facts change between waves."""

    kind: Literal["stable"] = "stable"
    variable: VariableName
    level: LevelName
    changed: int
    compared: int


class RowsAddUp(Check):
    """Rows read are those kept and those excluded."""

    kind: Literal["rows_add_up"] = "rows_add_up"
    wave: WaveName
    read: int
    kept: int
    excluded: int


class CellsAddUp(Check):
    """Every missing cell has its reason."""

    kind: Literal["cells_add_up"] = "cells_add_up"
    wave: WaveName
    cells: int
    variables: int
    without_reason: tuple[VariableName, ...]


class EmptyInUnits(Check):
    """An outcome that is missing in every row of some units."""

    kind: Literal["empty_in_units"] = "empty_in_units"
    variable: VariableName
    level: LevelName
    wave: WaveName
    groups: int
    of: int


class CodeFarFromNumbers(Check):
    """A number far from all others that may be a code for missing."""

    kind: Literal["code_far_from_numbers"] = "code_far_from_numbers"
    variable: VariableName
    wave: WaveName
    cells: int
    code: float


class MarkMayPartThousands(Check):
    """Numbers whose decimal mark may be one between thousands."""

    kind: Literal["mark_may_part_thousands"] = "mark_may_part_thousands"
    variable: VariableName
    wave: WaveName
    cells: int
    mark: Literal[".", ","]


class DatesAhead(Check):
    """Dates after the day on which they were read, or after the year of their wave."""

    kind: Literal["dates_ahead"] = "dates_ahead"
    variable: VariableName
    wave: WaveName
    cells: int
    after: Literal["today", "wave"]


class LinesInQuotes(Check):
    """Lines of a file that were not read as rows, since quoted cells hold them."""

    kind: Literal["lines_in_quotes"] = "lines_in_quotes"
    wave: WaveName
    file: FileName
    rows: int
    first_line: int
    last_line: int


class WeightComplete(Check):
    """Missing and zero weights."""

    kind: Literal["weight_complete"] = "weight_complete"
    variable: VariableName
    wave: WaveName
    n: int
    missing: int
    zero: int
    effective_n: float | None


class WeightsMove(Check):
    """The sum of the weights of rows in two waves, and whether it moves by more than a third."""

    kind: Literal["weights_move"] = "weights_move"
    variable: VariableName
    wave: WaveName
    other: WaveName
    sum: float = Field(description="of the weights in the wave")
    other_sum: float = Field(description="of the weights in the other wave")


class StratumOfWave(Record):
    """A stratum, of one wave where each wave is drawn anew."""

    stratum: Category
    wave: WaveName | None = Field(description="None: of all waves")


class LoneStrata(Check):
    """Strata of which one cluster was drawn, where errors come from clusters in strata."""

    kind: Literal["lone_strata"] = "lone_strata"
    variable: VariableName = Field(description="column of the strata")
    strata: int
    lone: tuple[StratumOfWave, ...] = Field(description="those of one cluster")


class LighterRows(Check):
    """Rows whose overall weight is smaller than that of the unit around them."""

    kind: Literal["lighter_rows"] = "lighter_rows"
    variable: VariableName = Field(description="column of the weights of rows")
    level: LevelName = Field(description="innermost level above the rows that has a weight")
    around: VariableName = Field(description="column of its weights")
    wave: WaveName
    rows: int
    of: int = Field(description="rows that have both weights")
    ids: tuple[UnitId, ...] = Field(description="units of the first of them; none of persons")


class PlausibleValuesComplete(Check):
    """Rows that have all plausible values, or only some."""

    kind: Literal["plausible_values_complete"] = "plausible_values_complete"
    outcome: VariableName
    wave: WaveName
    values: int
    all: int
    some: int


class CategoriesFound(Check):
    """Categories of other waves that a wave lacks."""

    kind: Literal["categories_found"] = "categories_found"
    variable: VariableName
    wave: WaveName
    absent: tuple[Category, ...]


class CategoryShare(Record):
    """Rows of a category, and rows that have a value."""

    n: int
    of: int


class ShareMoves(Check):
    """A category whose share moves so much that its code may have changed."""

    kind: Literal["share_moves"] = "share_moves"
    variable: VariableName
    category: Category
    wave: WaveName
    other: WaveName
    before: CategoryShare
    after: CategoryShare


class NoValues(Check):
    """A variable without a value in a wave."""

    kind: Literal["no_values"] = "no_values"
    variable: VariableName
    wave: WaveName


class MeanMoves(Check):
    """A mean that moves so much that its scale may have changed."""

    kind: Literal["mean_moves"] = "mean_moves"
    variable: VariableName
    wave: WaveName
    other: WaveName
    before: NumberSummary
    after: NumberSummary
    in_sd: float


class SpreadMoves(Check):
    """A standard deviation that moves so much that its scale may have changed."""

    kind: Literal["spread_moves"] = "spread_moves"
    variable: VariableName
    wave: WaveName
    other: WaveName
    before: NumberSummary
    after: NumberSummary


class Rescaled(Check):
    """A number that the configuration puts on the scale of other waves."""

    kind: Literal["rescaled"] = "rescaled"
    variable: VariableName
    wave: WaveName
    times: float
    plus: float


AnyCheck = Annotated[
    Recurs
    | OneParent
    | FoundElsewhere
    | Stable
    | RowsAddUp
    | CellsAddUp
    | EmptyInUnits
    | CodeFarFromNumbers
    | MarkMayPartThousands
    | DatesAhead
    | LinesInQuotes
    | WeightComplete
    | WeightsMove
    | LoneStrata
    | LighterRows
    | PlausibleValuesComplete
    | CategoriesFound
    | ShareMoves
    | NoValues
    | MeanMoves
    | SpreadMoves
    | Rescaled
    | SpelledOtherwise
    | WrittenOtherwise,
    Field(discriminator="kind"),
]
