"""What a part of the files of a wave tells of itself, beside its rows."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mlm.results.names import Label, VariableName
from mlm.results.record import Record
from mlm.results.survey.account import Excluded, FileAccount, MissingReason, VariableLabels
from mlm.results.survey.cell_doubts import LateDates, RowsInQuotes
from mlm.results.survey.spellings import IdForms


class ReasonsOf(Record):
    """Why cells of a variable are missing: number k of the origins of its cells is reason k."""

    variable: VariableName
    reasons: tuple[MissingReason, ...]


class MarkedNumbers(Record):
    """Numbers of a variable that are written with a decimal mark."""

    variable: VariableName
    cells: int
    mark: Literal[".", ","]
    are_alike: bool = Field(description="whether each mark stands as between thousands")


class PartAccount(Record):
    """Some files of a wave as they were taken in.

    Where anything is wrong with them no rows are kept: what is said of it is said of the whole
    wave, when its files are read together.
    """

    files: tuple[FileAccount, ...]
    first_rows: tuple[int | None, ...] = Field(
        description="number of the first row of each file where the others follow one by one"
    )
    is_sound: bool
    rows_kept: int = Field(description="rows that have an id at every level")
    last_kept: int = Field(description="number of the last of them among the rows read, from 0")
    runs: tuple[int, ...] = Field(description="rows of each run, of which each is a file")
    excluded: tuple[Excluded, ...]
    reasons: tuple[ReasonsOf, ...]
    labels: tuple[VariableLabels, ...]
    quoted: tuple[RowsInQuotes, ...]
    marked: tuple[MarkedNumbers, ...]
    late: tuple[LateDates, ...]
    id_forms: tuple[IdForms, ...]
    left_out: tuple[Label, ...] = Field(
        description="columns of ids, such as classes, that all its files have and nothing reads"
    )
