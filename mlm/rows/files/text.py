"""Text tables (CSV and its kin): every cell as it was delivered, nothing guessed.

A file is looked through once as a whole (encoding, NUL bytes, quotation marks, the end), then its
cells are read chunk by chunk; neither needs the file in memory. Messages hold line numbers and
column names, never the content of a cell.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv

from mlm.errors import SurveyError
from mlm.rows.files.encoded import UTF16_MARKS, EncodedTexts
from mlm.rows.files.header import header_of
from mlm.rows.files.limits import check_expansion
from mlm.rows.files.line_blocks import LongLine, line_blocks
from mlm.rows.files.quoted_rows import QuotedRows, quoted_rows
from mlm.rows.files.wave_file import FileFormat, WaveFile
from mlm.rows.messages import counted, lines_text

BLOCK_BYTES = 1 << 18  # that are looked through while they are in the cache
CHUNK_BYTES = 1 << 22
_CODECS = {"utf-8": "utf-8-sig", "windows-1250": "cp1250", "windows-1251": "cp1251"} | {
    "windows-1252": "cp1252",
    "iso-8859-1": "latin-1",
}
_DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)


@dataclass
class _Look:
    """What one look through a text file found: numbers of marks, and how it ends."""

    breaks: int = 0
    quotes: int = 0
    quotes_of_header: int = 0
    is_blank: bool = True
    last: str = ""


class TextFile(WaveFile):
    """A delimited text file, plain or gzipped."""

    place = "line"
    has_marks = True

    def __init__(self, path: Path, name: str, sha256: str, form: FileFormat):
        super().__init__(path, name, sha256)
        self.marks = form.marks
        self._delimiter = form.delimiter
        self._codec = _CODECS.get(form.encoding, form.encoding)
        self._encoding = form.encoding
        self._look = self._looked_through()
        self.ends_whole = self._look.last in ("\n", "\r")
        if self._look.quotes % 2:
            raise SurveyError(self._unclosed())
        self._header = header_of(next(self._records())[1], name, form.delimiter)
        self.columns = tuple(cell for cell in self._header if cell)
        self._n_rows: int | None = None
        self._lines: array | None = None

    def chunks(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Some columns of all rows, chunk by chunk.

        Raises
        ------
        SurveyError
            Lines with too few or too many cells.
        """
        n_rows, ragged = 0, []
        places = self._places()
        with self._utf8() as stream:
            tables = self._tables(stream, columns, ragged)
            while True:
                table = None
                try:
                    table = next(tables, None)
                except (pa.ArrowInvalid, LongLine):
                    ragged.append(-1)
                if ragged:
                    raise SurveyError(self._ragged())
                if table is None:
                    break
                n_rows += table.num_rows
                yield pa.table({name: table[places[name]] for name in columns})
        self._n_rows = n_rows

    def numbers(self, rows: Sequence[int]) -> list[int]:
        """Lines of the file (the header is line 1) where data rows (from 0) end."""
        first = self.first_number()
        if first is not None:
            return [int(row) + first for row in rows]
        if self._lines is None:
            lines = (line for line, _ in self._records())
            next(lines)
            self._lines = array("Q", lines)
        return [self._lines[int(row)] for row in rows]

    @property
    def most_rows(self) -> int:
        """Line breaks: the header has one, the last line may have none."""
        return self._look.breaks

    def first_number(self) -> int | None:
        """Line of the first row where each row is a line; None before all rows were read."""
        n_lines = self._look.breaks + (not self.ends_whole)
        is_known = self._n_rows is not None and n_lines == self._n_rows + 1
        return 2 if is_known else None

    def quoted_rows(self) -> list[QuotedRows]:
        """Lines that count as one row since a quoted cell holds rows; once all rows were read."""
        n_lines = self._look.breaks + (not self.ends_whole)
        if not self._look.quotes or n_lines == (self._n_rows or 0) + 1:
            return []
        return list(quoted_rows(self._records(), len(self._header), self._delimiter))

    def _places(self) -> dict[str, str]:
        """Place in the header, as the reader of the cells names its columns, by name."""
        return {name: str(place) for place, name in enumerate(self._header) if name}

    # --- the bytes and characters ---------------------------------------------------------

    @contextmanager
    def _raw(self) -> Iterator[BinaryIO]:
        packed = self.path.suffix.lower() == ".gz"
        with gzip.open(self.path) if packed else self.path.open("rb") as file:
            yield file

    def _texts(self, look: _Look) -> Iterator[str]:
        """The text in blocks, decoded strictly; the expansion of a packed file is watched.

        The line of a fault is found by what was counted so far.
        """
        decoder = codecs.getincrementaldecoder(self._codec)("strict")
        packed, expanded = self.path.stat().st_size, 0
        with self._raw() as file:
            while True:
                try:
                    block = file.read(BLOCK_BYTES)
                except _DAMAGED:
                    raise SurveyError(
                        f"{self.name}: the compressed file is damaged or cut; ask for it again"
                    ) from None
                expanded += len(block)
                check_expansion(expanded, packed, self.name)
                try:
                    text = decoder.decode(block, final=not block)
                except UnicodeDecodeError as error:
                    raise SurveyError(self._undecodable(error, look.breaks)) from None
                except UnicodeError:
                    raise SurveyError(
                        f"{self.name}, line 1: the text does not begin as {self._encoding} does; "
                        "correct the 'encoding' of the wave"
                    ) from None
                yield text
                if not block:
                    return

    def _is_utf16(self) -> bool:
        """Whether a file that is declared otherwise begins with the mark of UTF-16."""
        if self._encoding == "utf-16":
            return False
        with self._raw() as file:
            return file.read(2) in UTF16_MARKS

    @contextmanager
    def _utf8(self) -> Iterator[BinaryIO]:
        if self._encoding == "utf-8" and self.path.suffix.lower() != ".gz":
            with self.path.open("rb", buffering=0) as file:
                yield file
        else:
            yield io.BufferedReader(EncodedTexts(self._texts(_Look())), BLOCK_BYTES)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Line number of the end, and cells, of each line that is not empty; slow, exact."""
        with self._raw() as file:
            text = io.TextIOWrapper(file, encoding=self._codec, newline="")
            reader = csv.reader(text, delimiter=self._delimiter)
            before, last = csv.field_size_limit(CHUNK_BYTES), 0
            try:
                for cells in reader:
                    last = reader.line_num
                    if cells or last == 1:
                        yield last, cells
            except csv.Error:
                raise SurveyError(self._too_long(last + 1)) from None
            finally:
                csv.field_size_limit(before)
                text.detach()

    def _looked_through(self) -> _Look:
        look = _Look()
        for number, text in enumerate(self._texts(look)):
            if number == 0 and self._is_utf16():
                raise SurveyError(
                    f"{self.name}: the file is UTF-16; save it as UTF-8, or declare "
                    "'encoding: utf-16' for the wave"
                )
            place = text.find("\0")
            if place >= 0:
                line = look.breaks + text.count("\n", 0, place) + 1
                raise SurveyError(
                    f"{self.name}, line {line}: the file holds NUL bytes; it is damaged or no "
                    "text file; ask for it again"
                )
            breaks, quotes = _counts(text, '\n"')
            look.breaks += breaks
            look.quotes += quotes
            if number == 0:
                look.quotes_of_header = _first_line(text).count('"')
            look.is_blank = look.is_blank and not text.strip()
            look.last = text[-1:] or look.last
        if look.is_blank:
            raise SurveyError(
                f"{self.name}: the file is empty; a header line and data lines are expected"
            )
        return look

    # --- messages ---------------------------------------------------------------------------

    def _undecodable(self, error: UnicodeDecodeError, breaks: int) -> str:
        if self._is_utf16():
            return (
                f"{self.name}: the file is UTF-16; save it as UTF-8, or declare "
                "'encoding: utf-16' for the wave"
            )
        line = breaks + error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start] if error.start < len(error.object) else 0
        return (
            f"{self.name}, line {line}: byte 0x{byte:02X} is not {self._encoding} text; "
            "save the file as UTF-8, or declare the 'encoding' of the wave"
        )

    def _unclosed(self) -> str:
        ends = [line for line, _ in self._records()]
        opened = ends[-2] + 1 if len(ends) > 1 else 1
        return (
            f"{self.name}, line {opened}: a quoted cell opens in or before this line and is not "
            "closed; the file is cut, or a quotation mark inside a cell is not doubled"
        )

    def _too_long(self, line: int) -> str:
        cause = "shorten it"
        if self._look.quotes:
            cause += ", or look for a quotation mark that opens there and is closed far below"
        return (
            f"{self.name}, line {line}: a cell that begins there is longer than {CHUNK_BYTES:,} "
            f"characters; {cause}"
        )

    def _ragged(self) -> str:
        width, n_lines, first, last = len(self._header), 0, [], 0
        for last, cells in self._records():
            if len(cells) != width:
                n_lines += 1
                first = [*first, last][:4]
        if not n_lines:
            return f"{self.name}: the file cannot be read as CSV; check its quotation marks"
        if first == [last] and not self.ends_whole:
            return (
                f"{self.name}, line {last}: the last line has too few or too many cells and no "
                "line break, the file seems to be cut; ask for it again"
            )
        return (
            f"{self.name}, {lines_text(first)}: {counted(n_lines, 'line')} without the {width} "
            "cells of the header; correct them, or put cells that hold the delimiter in "
            "quotation marks"
        )

    def _tables(
        self, stream: BinaryIO, columns: Sequence[str], ragged: list[int]
    ) -> Iterator[pa.Table]:
        """Cells of all rows, named by their places: block by block where each line is a row."""
        if self._look.quotes > self._look.quotes_of_header:
            yield from self._reader(pa.PythonFile(stream, mode="r"), columns, ragged)
            return
        is_first = True
        for block in line_blocks(stream, CHUNK_BYTES):
            yield from self._reader(pa.BufferReader(block), columns, ragged, is_first)
            is_first = False

    def _reader(
        self, stream, columns: Sequence[str], ragged: list[int], is_first: bool = True
    ) -> Iterator[pa.Table]:
        """Cells of a stream that begins with the header where it is the first one."""
        places = [str(i) for i in range(len(self._header))]
        wanted = list(map(self._places().__getitem__, columns))
        try:
            reader = pa.csv.open_csv(
                stream,
                read_options=pa.csv.ReadOptions(
                    column_names=places,
                    skip_rows_after_names=int(is_first),
                    block_size=1 + CHUNK_BYTES,
                    use_threads=False,
                ),
                parse_options=pa.csv.ParseOptions(
                    delimiter=self._delimiter,
                    newlines_in_values=self._look.quotes > self._look.quotes_of_header,
                    invalid_row_handler=lambda row: ragged.append(row.actual_columns) or "skip",
                ),
                convert_options=pa.csv.ConvertOptions(
                    column_types=dict.fromkeys(places, pa.string()),
                    strings_can_be_null=False,
                    check_utf8=False,  # the look through the file has decoded all of it
                    include_columns=list(dict.fromkeys(wanted)),
                ),
            )
        except pa.ArrowInvalid:
            if any(row for row, _ in enumerate(self._records())):
                raise SurveyError(self._ragged()) from None
            return
        for batch in reader:
            yield pa.table(batch)


def _first_line(text: str) -> str:
    """What stands before the first line break; nothing where there is none."""
    places = [place for mark in "\n\r" if (place := text.find(mark)) >= 0]
    return text[: min(places, default=0)]


def _counts(text: str, characters: str) -> list[int]:
    """How often each of some characters of ASCII is in a text: bytes that no other holds."""
    held = np.frombuffer(text.encode(), np.uint8)
    return [int(np.count_nonzero(held == ord(character))) for character in characters]


def open_text(path: Path, name: str, sha256: str, form: FileFormat) -> TextFile:
    """A delimited text file, looked through once.

    Raises
    ------
    SurveyError
        The file is empty, in another encoding, damaged, has NUL bytes, an unclosed quotation mark,
        no column names, or a column name twice.
    """
    return TextFile(path, name, sha256, form)
