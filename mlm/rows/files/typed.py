"""Files with types of their own (Parquet, Excel, SPSS, Stata, SAS), read in a process of their own.

Their readers are native code that a damaged file can crash or make ask for any amount of memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from mlm.errors import SurveyError
from mlm.nouns.file_formats import format_of
from mlm.rows.files.description import Description
from mlm.rows.files.header import check_header
from mlm.rows.files.limits import check_zip
from mlm.rows.files.reader_process import ReaderProcess
from mlm.rows.files.wave_file import FileFormat, WaveFile, labelled


class TypedFile(WaveFile):
    """A file whose columns have types; each cell becomes the shortest text that means the same."""

    _waiting: ReaderProcess | None = None
    """The process of the file that was opened last, kept until its rows are read."""

    def __init__(self, path: Path, name: str, sha256: str, form: FileFormat):
        super().__init__(path, name, sha256)
        self._form = form
        self._process, self._description = self._opened()
        TypedFile._keep(self._process)
        self.columns = self._description.columns
        check_header(self.columns, name, "column names")
        self.notes = self._description.notes

    @property
    def announced(self) -> int | None:
        """Number of rows that the file says it has."""
        return self._description.n_rows

    def chunks(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Some columns of all rows, chunk by chunk.

        Raises
        ------
        SurveyError
            The file turns out to be damaged.
        """
        process = self._process if self._process is TypedFile._waiting else None
        if process is None:
            process, _ = self._opened()
        self._process = TypedFile._waiting = None
        n_rows = 0
        try:
            for batch in process.rows([self._description.delivered[name] for name in columns]):
                n_rows += batch.num_rows
                table = pa.Table.from_batches([batch]).rename_columns(list(columns))
                yield labelled(table, self.notes) if self._form.cells == "labels" else table
        finally:
            process.close()
        if self.announced not in (None, n_rows):
            raise SurveyError(
                f"{self.name}: the file announces {self.announced} rows and holds {n_rows}; it is "
                "damaged or cut: ask for it again"
            )

    def numbers(self, rows: Sequence[int]) -> list[int]:
        """Row numbers as the program of the format shows them."""
        numbers, first = self._description.numbers, self._description.first
        return [int(row) + first if numbers is None else numbers[int(row)] for row in rows]

    def first_number(self) -> int | None:
        """Number of the first row, where the program of the format counts on from it."""
        return self._description.first if self._description.numbers is None else None

    def _opened(self) -> tuple[ReaderProcess, Description]:
        process = ReaderProcess(self.name)
        said = process.opened(
            {
                "kind": format_of(self.path).reader,
                "path": str(self.path),
                "sheet": self._form.sheet,
                "encoding": self._form.encoding,
            }
        )
        try:
            return process, Description.of(said)
        except ValueError as error:
            process.close()
            raise SurveyError(
                f"{self.name}: the file is damaged ({error}); ask for it again"
            ) from None

    @staticmethod
    def _keep(process: ReaderProcess) -> None:
        """Let one process wait, and no other: a wave may have hundreds of files."""
        if TypedFile._waiting is not None:
            TypedFile._waiting.close()
        TypedFile._waiting = process


def open_typed(path: Path, name: str, sha256: str, form: FileFormat) -> TypedFile:
    """A Parquet, Excel, SPSS, Stata or SAS file, described by its reader.

    Raises
    ------
    SurveyError
        The file is damaged, expands too far, or needs a sheet to be named.
    """
    if path.stat().st_size == 0:
        raise SurveyError(f"{name}: the file is empty; ask for it again")
    if format_of(path).reader == "excel":
        check_zip(path, name)
    return TypedFile(path, name, sha256, form)
