"""What a reader of an analysis must know beside its numbers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.coefficient import Term
from mlm.results.level import Level
from mlm.results.names import LevelName
from mlm.results.record import Record

FitName = Literal[
    "null.ml",
    "null.reml",
    "full.ml",
    "full.reml",
    "settled.ml",
    "settled.reml",
]


class MergedLevels(Record):
    """Two levels that the data cannot tell apart, fitted as one."""

    kind: Literal["merged_levels"] = "merged_levels"
    level: Level
    child: Level
    groups: int
    children: int


class LevelLeftOut(Record):
    """A level whose variance nothing tells, so that the models are without it."""

    kind: Literal["level_left_out"] = "level_left_out"
    level: Level
    terms: tuple[Term, ...] = Field(
        (), description="that take up all differences between its units; none: there is one unit"
    )


class WeaklyIdentified(Record):
    """A fit with variances that the data can hardly tell from the others."""

    kind: Literal["weakly_identified"] = "weakly_identified"
    fit: FitName
    levels: tuple[Level, ...] = Field(description="levels of these variances")
    condition: float = Field(description="largest inflation of a variance by the others")


class NotConverged(Record):
    """A fit whose search did not end at a certified optimum."""

    kind: Literal["not_converged"] = "not_converged"
    fit: FitName


class SingularFit(Record):
    """A fit with a variance of zero or a correlation of one."""

    kind: Literal["singular"] = "singular"
    fit: FitName
    zero: tuple[Level, ...] = Field(description="levels with an effect whose variance is zero")
    tied: tuple[Level, ...] = Field(description="levels with effects that follow from others")


class AliasedColumns(Record):
    """Coefficients that others determine, left out."""

    kind: Literal["aliased"] = "aliased"
    fit: FitName
    columns: tuple[Term, ...]


class UnitChanges(Record):
    """Units that are found under another parent in another wave and count as others there."""

    kind: Literal["unit_changes"] = "unit_changes"
    level: LevelName
    parent: LevelName
    count: int
    of: int
    same_wave: int


class SubsetsIncomplete(Record):
    """Not all subsets of the terms were looked at."""

    kind: Literal["subsets_incomplete"] = "subsets_incomplete"


class NotImputed(Record):
    """Rows that lack a covariate are left out, though they are many, as nothing can be drawn."""

    kind: Literal["not_imputed"] = "not_imputed"
    why: Literal["no_level", "no_value", "few_units", "many_variables", "unlike"] = Field(
        description="no level to impute by; a variable without any value; one of units, of too few "
        "of them; too many variables that may be missing; imputations that differ in the levels "
        "that can be told apart"
    )


Note = Annotated[
    MergedLevels
    | LevelLeftOut
    | NotConverged
    | SingularFit
    | WeaklyIdentified
    | AliasedColumns
    | UnitChanges
    | SubsetsIncomplete
    | NotImputed,
    Field(discriminator="kind"),
]
