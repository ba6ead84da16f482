"""Cells of a wave that are read, but may mean something else than they say."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mlm.results.names import FileName, VariableName
from mlm.results.record import Record


class MarkBeforeThreeDigits(Record):
    """Numbers whose decimal mark always stands as one between thousands does: 12.345."""

    kind: Literal["mark_before_three_digits"] = "mark_before_three_digits"
    variable: VariableName
    cells: int
    mark: Literal[".", ","] = Field(description="the decimal mark of the file")


class LateDates(Record):
    """Dates after the day on which they were read, or after the year of their wave."""

    kind: Literal["late_dates"] = "late_dates"
    variable: VariableName
    cells: int
    after: Literal["today", "wave"]


class RowsInQuotes(Record):
    """Lines of a file that were not read as rows, since quoted cells hold them."""

    kind: Literal["rows_in_quotes"] = "rows_in_quotes"
    file: FileName
    rows: int = Field(description="lines inside quoted cells")
    first_line: int = Field(description="where the first such cell begins")
    last_line: int = Field(description="where it ends")


CellDoubt = Annotated[MarkBeforeThreeDigits | LateDates | RowsInQuotes, Field(discriminator="kind")]
