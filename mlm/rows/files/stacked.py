"""Files that hold several data sets of the same rows, one below the other, and a column of numbers.

Each data set is written to a temporary file in one pass, and is then a file of a wave as any other.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.errors import SurveyError, listed, quoted
from mlm.rows.files.quoted_rows import QuotedRows
from mlm.rows.files.wave_file import WaveFile

OBSERVED_SET = 0
"""Number of the data set that holds the values as they were observed."""


class FilePart(WaveFile):
    """The rows of one data set of a stacked file.

    Parameters
    ----------
    file : WaveFile
        The stacked file.
    number : int
        The data set.
    """

    def __init__(self, file: WaveFile, number: int):
        super().__init__(file.path, file.name, file.sha256)
        self._file, self.number = file, number
        self.columns, self.notes, self.marks = file.columns, file.notes, file.marks
        self.ends_whole, self.place, self.has_marks = file.ends_whole, file.place, file.has_marks
        self._state = file._state
        self._rows: list[np.ndarray] = []
        self._stream = tempfile.TemporaryFile(prefix="mlm-")  # noqa: SIM115
        self._writer: pa.ipc.RecordBatchFileWriter | None = None

    def take(self, table: pa.Table, rows: np.ndarray) -> None:
        """Add rows, with their numbers in the stacked file."""
        if self._writer is None:
            self._writer = pa.ipc.new_file(self._stream, table.schema)
        self._writer.write_table(table)
        self._rows.append(rows)

    def finish(self) -> FilePart:
        """The part, which has rows, to be read from now on."""
        self._writer.close()
        self._numbers = np.concatenate([np.zeros(0, np.int64), *self._rows])
        self._rows = []
        return self

    def chunks(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Some columns of all rows, chunk by chunk; those that were not kept are read again."""
        reader = pa.ipc.open_file(self._stream)
        if not set(columns) <= set(reader.schema.names):
            yield from self._read_again(columns)
            return
        for place in range(reader.num_record_batches):
            batch = reader.get_batch(place)
            yield pa.Table.from_batches([batch]).select(list(columns))

    def _read_again(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        start = 0
        for table in self._file.chunks(columns):
            ends = np.searchsorted(self._numbers, [start, start + table.num_rows])
            rows = self._numbers[slice(*ends)] - start
            if len(rows):
                yield table.take(pa.array(rows))
            start += table.num_rows

    def quoted_rows(self) -> list[QuotedRows]:
        """Those of the stacked file, told with the observed rows."""
        return self._file.quoted_rows() if self.number == OBSERVED_SET else []

    def first_number(self) -> None:
        """None: the rows of a part lie among others."""

    def numbers(self, rows: Sequence[int]) -> list[int]:
        """Numbers by which a reader of the stacked file finds some rows."""
        return self._file.numbers(self._numbers[np.asarray(rows, dtype=np.int64)].tolist())


def split_file(
    file: WaveFile, column: str, wanted: Sequence[str], only: Collection[int] | None = None
) -> dict[int, FilePart]:
    """Data sets of a stacked file by their number, in order; 0 is the observed one.

    Parameters
    ----------
    file : WaveFile
        Opened.
    column : str
        Column that numbers the data sets; an empty cell is the observed one.
    wanted : sequence of str
        Columns that will be read.
    only : collection of int, optional
        Numbers that are wanted; default: all.

    Raises
    ------
    SurveyError
        The column is not there, or does not hold whole numbers.
    """
    if column not in file.columns:
        raise SurveyError(
            f"{file.name}: the column {quoted(column)} ('missing', 'column'), which numbers the "
            f"imputations, is not there; its columns are {listed(file.columns)}"
        )
    parts: dict[int, FilePart] = {}
    start = 0
    for table in file.chunks(list(dict.fromkeys([*wanted, column]))):
        numbers = _numbers(file, column, table[column], start)
        for number in np.unique(numbers).tolist():
            if only is None or number in only:
                rows = np.flatnonzero(numbers == number)
                part = parts.setdefault(number, FilePart(file, number))
                part.take(table.take(pa.array(rows)), start + rows)
        start += table.num_rows
    file.check_unchanged()
    return {number: parts[number].finish() for number in sorted(parts)}


def _numbers(file: WaveFile, column: str, cells: pa.ChunkedArray, start: int) -> np.ndarray:
    """Number (n,) of the data set of each row."""
    encoded = pc.utf8_trim_whitespace(cells).combine_chunks().dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    values = file.marks.numbers(encoded.dictionary)
    values = np.where([text == "" for text in texts], OBSERVED_SET, values)
    with np.errstate(invalid="ignore"):
        wrong = ~((values >= 0) & (values == np.round(values)))
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    if wrong.any():
        first = start + np.flatnonzero(wrong[codes])[:3]
        raise SurveyError(
            f"{file.name}: the column {quoted(column)} ('missing', 'column') numbers imputations, "
            f"and holds {int(wrong[codes].sum())} cells that are no whole number "
            f"({file.places(first.tolist())}); expected 0 for observed rows, then 1, 2, ..."
        )
    return values.astype(np.int64)[codes]
