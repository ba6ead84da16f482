"""What imputed files filled in a wave."""

from __future__ import annotations

from pydantic import Field

from mlm.results.names import VariableName, WaveName
from mlm.results.record import Record
from mlm.results.survey.account import FileAccount


class ImputedCells(Record):
    """Cells of a variable that were missing and are imputed."""

    variable: VariableName
    cells: int


class CompletedWave(Record):
    """Imputations of a wave that were taken from files."""

    wave: WaveName
    imputations: int
    files: tuple[FileAccount, ...] = Field(description="read, all imputations together")
    rows: int = Field(description="kept of the wave, found in every imputation")
    imputed: tuple[ImputedCells, ...]
