"""Text tables of a wave's files: every cell as the text that was delivered, nothing guessed.

A file that is damaged, cut or not what it claims to be is refused with the place; messages hold
line numbers and column names, never the content of a cell.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from mlm.errors import SurveyError
from mlm.rows.wording import counted, lines_text

SUFFIXES = (".csv", ".tsv", ".txt")
_CODECS = {"utf-8": "utf-8", "windows-1252": "cp1252", "iso-8859-1": "latin-1"}
_DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(frozen=True)
class TextFile:
    """A file whose cells are all text.

    Attributes
    ----------
    path : Path
        The file.
    name : str
        The file as messages name it.
    table : pyarrow.Table
        One row a data row, all columns of type string, no nulls (an empty cell is "").
    sha256 : str
        Hash of the file's bytes.
    ends_whole : bool
        Whether the last line ends in a line break.
    content : bytes
        The text in UTF-8.
    delimiter : str
        Character between the cells.
    """

    path: Path
    name: str
    table: pa.Table
    sha256: str
    ends_whole: bool
    content: bytes
    delimiter: str

    def line_numbers(self, rows: Sequence[int] | np.ndarray) -> list[int]:
        """Lines of the file (the header is line 1) where data rows (from 0) end."""
        breaks = self.content.count(b"\n") + (not self.ends_whole)
        if breaks == self.table.num_rows + 1:
            return [int(row) + 2 for row in rows]
        wanted, last = set(map(int, rows)), max(rows, default=-1)
        found = {}
        for row, (line, _) in enumerate(_records(self.content, self.delimiter), start=-1):
            if row in wanted:
                found[row] = line
            if row >= last:
                break
        return [found[int(row)] for row in rows]


def read_text_file(
    path: Path, *, name: str | None = None, delimiter: str = ",", encoding: str = "utf-8"
) -> TextFile:
    """Text table of a CSV file, plain or gzipped.

    Parameters
    ----------
    path : Path
        File to read; it is never modified.
    name : str, optional
        The file as messages name it; default: the path.
    delimiter : str
        Character between the cells.
    encoding : {"utf-8", "windows-1252", "iso-8859-1"}
        Character encoding; a byte that does not belong to it is an error, never replaced.

    Raises
    ------
    SurveyError
        The file is missing, unreadable, empty, in another encoding or format, has NUL bytes, an
        unclosed quotation mark, a column name twice, or lines with too few or too many cells.
    """
    name = name or str(path)
    raw = _bytes(path, name)
    sha256 = hashlib.sha256(raw).hexdigest()
    content = _unpacked(raw, name) if path.suffix == ".gz" else raw
    content = _utf8(content, name, encoding)
    _check_marks(content, name)
    _check_quotes(content, name, delimiter)
    header = _header(content, name, delimiter)
    table = _parsed(content, name, delimiter, header)
    ends_whole = content.endswith((b"\n", b"\r"))
    return TextFile(path, name, table, sha256, ends_whole, content, delimiter)


def _bytes(path: Path, name: str) -> bytes:
    kind = Path(path.stem).suffix if path.suffix == ".gz" else path.suffix
    if kind.lower() not in SUFFIXES:
        raise SurveyError(
            f"{name}: files of this kind are not read; expected {', '.join(SUFFIXES)} "
            "(or one of these with .gz); export the data as CSV in UTF-8"
        )
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SurveyError(
            f"{name}: the file does not exist; put it there or correct 'files' of the wave"
        ) from None
    except OSError as error:
        raise SurveyError(f"{name}: the file cannot be read ({error.strerror})") from None


def _unpacked(raw: bytes, name: str) -> bytes:
    try:
        return gzip.decompress(raw)
    except (EOFError, OSError, zlib.error):
        raise SurveyError(
            f"{name}: the compressed file is damaged or cut; ask for it again"
        ) from None


def _utf8(content: bytes, name: str, encoding: str) -> bytes:
    """Content in UTF-8 without a byte order mark."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SurveyError(f"{name}: the file is UTF-16; save it as UTF-8")
    try:
        text = content.decode(_CODECS[encoding])
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SurveyError(
            f"{name}, line {line}: byte 0x{content[error.start]:02X} is not {encoding} text; "
            "save the file as UTF-8, or declare the 'encoding' of the wave"
        ) from None
    if encoding == "utf-8":
        return content.removeprefix(b"\xef\xbb\xbf")
    return text.encode("utf-8")


def _check_marks(content: bytes, name: str) -> None:
    if not content.strip():
        raise SurveyError(f"{name}: the file is empty; a header line and data lines are expected")
    place = content.find(b"\x00")
    if place >= 0:
        line = content.count(b"\n", 0, place) + 1
        raise SurveyError(
            f"{name}, line {line}: the file holds NUL bytes ({content.count(bytes(1))}); "
            "it is damaged or no text file; ask for it again"
        )


def _check_quotes(content: bytes, name: str, delimiter: str) -> None:
    if content.count(b'"') % 2 == 0:
        return
    ends = [line for line, _ in _records(content, delimiter)]
    opened = ends[-2] + 1 if len(ends) > 1 else 1
    raise SurveyError(
        f"{name}, line {opened}: a quoted cell opens in or before this line and is not closed; "
        "the file is cut, or a quotation mark inside a cell is not doubled"
    )


def _header(content: bytes, name: str, delimiter: str) -> list[str]:
    header = [cell.strip() for cell in next(_records(content, delimiter))[1]]
    if not any(header):
        raise SurveyError(f"{name}, line 1: the first line is empty; column names are expected")
    twice = [cell for cell, count in Counter(header).items() if cell and count > 1]
    if twice:
        raise SurveyError(
            f"{name}, line 1: column names occur more than once: {', '.join(twice)}; "
            "rename the columns"
        )
    others = [mark for mark in _DELIMITER_NAMES if mark != delimiter and mark in header[0]]
    if len(header) == 1 and others:
        raise SurveyError(
            f"{name}, line 1: one column only, but the line holds the "
            f"{_DELIMITER_NAMES[others[0]]}; declare delimiter: {others[0]!r} for the wave"
        )
    return header


def _records(content: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Line number of the end, and cells, of each line that is not empty; slow, exact."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="")
    reader = csv.reader(text, delimiter=delimiter)
    for cells in reader:
        if cells or reader.line_num == 1:
            yield reader.line_num, cells


def _parsed(content: bytes, name: str, delimiter: str, header: list[str]) -> pa.Table:
    """Table of the data rows; columns without a name are left out."""
    named = [cell for cell in header if cell]
    body = content.rstrip()
    if b"\n" not in body and b"\r" not in body:
        return pa.table({cell: pa.array([], pa.string()) for cell in named})
    ragged: list[int] = []
    places = [str(i) for i in range(len(header))]
    try:
        table = pa.csv.read_csv(
            pa.BufferReader(content),
            read_options=pa.csv.ReadOptions(column_names=places, skip_rows_after_names=1),
            parse_options=pa.csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                invalid_row_handler=lambda row: ragged.append(row.actual_columns) or "skip",
            ),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(places, pa.string()),
                strings_can_be_null=False,
                include_columns=[place for place in places if header[int(place)]],
            ),
        )
    except pa.ArrowInvalid:
        table = None
    if ragged or table is None:
        raise SurveyError(_ragged_message(content, name, delimiter, len(header)))
    return table.rename_columns(named)


def _ragged_message(content: bytes, name: str, delimiter: str, width: int) -> str:
    widths = [(line, len(cells)) for line, cells in _records(content, delimiter)]
    lines = [line for line, cells in widths if cells != width]
    last = widths[-1][0]
    if not lines:
        return f"{name}: the file cannot be read as CSV; check its quotation marks"
    text = (
        f"{name}, {lines_text(lines)}: {counted(len(lines), 'line')} without the {width} cells "
        "of the header; correct them, or put cells that hold the delimiter in quotation marks"
    )
    if lines == [last] and not content.endswith(b"\n"):
        text = (
            f"{name}, line {last}: the last line has too few or too many cells and no line break, "
            "the file seems to be cut; ask for it again"
        )
    return text
