"""What every file of a wave offers, whatever its format: columns, notes, chunks of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.errors import SurveyError
from mlm.rows.files.marks import POINT, Marks
from mlm.rows.files.quoted_rows import QuotedRows


@dataclass(frozen=True)
class FileFormat:
    """How the files of a wave are written; what does not belong to a format is not used.

    Attributes
    ----------
    delimiter, encoding : str
        Of text files: character between cells, character encoding.
    marks : Marks
        Of text files: how numbers are written.
    sheet : str or None
        Of Excel files: the sheet; None where there is only one.
    cells : {"codes", "labels"}
        Of files with value labels: whether a labelled cell counts as its code or its label.
    """

    delimiter: str = ","
    marks: Marks = POINT
    encoding: str = "utf-8"
    sheet: str | None = None
    cells: Literal["codes", "labels"] = "codes"


@dataclass(frozen=True)
class Notes:
    """What a file says about one of its columns.

    Attributes
    ----------
    label : str or None
        Label of the variable.
    kind : str or None
        ``number`` or ``text`` where the format tells.
    labels : mapping of str to str
        Code: value label.
    missing : mapping of str to str or None
        Code that means missing: its label, None where the file has none.
    ranges : tuple of (low, high)
        Numbers from low to high mean missing.
    exact : float or None
        Size from which the file's type of number has rounded whole numbers; None where it does
        not round, or is text.
    """

    label: str | None = None
    kind: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str | None] = field(default_factory=dict)
    ranges: tuple[tuple[float, float], ...] = ()
    exact: float | None = None

    def are_missing(self, numbers: np.ndarray) -> np.ndarray:
        """Numbers (bool, n) inside a range that means missing."""
        inside = np.zeros(len(numbers), dtype=bool)
        for low, high in self.ranges:
            inside |= (numbers >= low) & (numbers <= high)
        return inside


class WaveFile:
    """A file of a wave, checked and ready to be read.

    Attributes
    ----------
    path : Path
        The file.
    name : str
        The file as messages name it.
    sha256 : str
        Hash of the file's bytes.
    columns : tuple of str
        Names of the columns, in order.
    notes : mapping of str to Notes
        What the file says about its columns.
    marks : Marks
        How numbers in the cells are written.
    has_marks : bool
        Whether that can be declared for the file.
    ends_whole : bool
        False when the format cannot tell whether the end of the file is there.
    place : str
        What a row number counts: ``line``, ``row``.
    """

    place = "row"
    has_marks = False

    def __init__(self, path: Path, name: str, sha256: str):
        self.path = path
        self.name = name
        self.sha256 = sha256
        self.columns: tuple[str, ...] = ()
        self.notes: Mapping[str, Notes] = {}
        self.marks = POINT
        self.ends_whole = True
        self._state = state_of(path)

    def check_unchanged(self, state: tuple[int, ...] | None = None) -> None:
        """Refuse a file that is written while it is read.

        Parameters
        ----------
        state : tuple, optional
            What ``state_of`` said before; default: when the file was opened.

        Raises
        ------
        SurveyError
            Size or time of the last change are others now.
        """
        if state_of(self.path) != (state or self._state):
            raise SurveyError(
                f"{self.name}: the file changes while it is read; wait until it is whole, then run "
                "this again"
            )

    def notes_of(self, column: str) -> Notes:
        """What the file says of a column."""
        return self.notes.get(column, Notes())

    def chunks(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Some columns of all rows, chunk by chunk: text without nulls, an empty cell is ""."""
        raise NotImplementedError

    def quoted_rows(self) -> list[QuotedRows]:
        """Lines that count as one row since a quoted cell holds rows; of text files only."""
        return []

    def numbers(self, rows: Sequence[int]) -> list[int]:
        """Numbers by which a reader of the file finds some data rows (from 0)."""
        return [int(row) + 1 for row in rows]

    @property
    def most_rows(self) -> int:
        """Rows that there are at most; 0 where that is not known before they are read."""
        return 0

    def first_number(self) -> int | None:
        """Number of the first data row where those of the others follow one by one.

        None where that is not known without reading the file again.
        """
        return 1

    def places(self, rows: Sequence[int]) -> str:
        """Text that says where some data rows are: 'line 5' or 'lines 5, 9'."""
        found = ", ".join(str(number) for number in self.numbers(rows))
        return f"{self.place if len(rows) == 1 else self.place + 's'} {found}"


def labelled(table: pa.Table, notes: Mapping[str, Notes]) -> pa.Table:
    """Same table; cells that have a value label, and are not missing, hold the label."""
    for i, name in enumerate(table.column_names):
        entry = notes.get(name, Notes())
        is_missing = entry.are_missing(POINT.numbers(pa.array(list(entry.labels), pa.string())))
        labels = {
            code: text
            for (code, text), missing in zip(entry.labels.items(), is_missing, strict=True)
            if code not in entry.missing and not missing
        }
        if labels:
            encoded = table[name].combine_chunks().dictionary_encode()
            texts = [labels.get(code, code) for code in encoded.dictionary.to_pylist()]
            cells = pc.take(pa.array(texts, pa.string()), encoded.indices)
            table = table.set_column(i, name, cells)
    return table


def state_of(path: Path) -> tuple[int, ...]:
    """Size, time of the last change and number of a file: another state is another content."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ino
