"""What the columns of a file hold, seen from the cells: numbers, codes, missing cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.errors import SurveyError
from mlm.nouns.file_formats import format_of
from mlm.rows.cleaning.codebook import Distinct
from mlm.rows.cleaning.number_hints import USUAL_MISSING
from mlm.rows.cleaning.spikes import spikes
from mlm.rows.files.marks import MARKS, POINT, Marks
from mlm.rows.files.opening import open_file
from mlm.rows.files.wave_file import FileFormat, Notes, WaveFile

MAX_ROWS = 500_000
"""Rows of a file that are looked at."""

GUESSED = "not known (guessed)"
"""Meaning of a code that lies so far from all other numbers that it seems to mean missing."""

Choice = Callable[[Sequence[str], str], Sequence[str]]
"""Which of a file's columns are looked at."""

_DELIMITERS = (",", ";", "\t", "|")
_ENCODINGS = ("utf-8", "windows-1252")
_LOOKED_AT = 1000
_NO_NUMBERS = pa.array(["", *sorted(USUAL_MISSING)])


@dataclass(frozen=True)
class ColumnProfile:
    """One column of a file.

    Attributes
    ----------
    distinct : Distinct
        Its texts.
    notes : Notes
        What the file says of it.
    missing : dict of str to str
        Codes that seem to mean missing, with a meaning; empty cells not among them.
    numbers : ndarray, shape (U,)
        The texts as numbers; NaN where they are none, or missing.
    """

    distinct: Distinct
    notes: Notes
    missing: dict[str, str]
    numbers: np.ndarray

    @property
    def is_value(self) -> np.ndarray:
        """Texts (bool, U) that are neither empty nor missing codes."""
        return ~self.distinct.among(["", *self.missing])

    @property
    def is_number(self) -> bool:
        """Whether every value is a number."""
        values = self.is_value
        return bool(values.any()) and bool(np.isfinite(self.numbers[values]).all())

    @property
    def values(self) -> list[str]:
        """Texts that are values, numbers in their order."""
        places = np.flatnonzero(self.is_value)
        if self.is_number:
            places = places[np.argsort(self.numbers[places], kind="stable")]
        texts = self.distinct.texts.take(pa.array(places)).to_pylist()
        return texts if self.is_number else sorted(texts)

    @property
    def codes(self) -> np.ndarray:
        """Position (N,) of each cell's text; -1 where missing."""
        return np.where(self.is_value, np.arange(len(self.is_value)), -1)[self.distinct.codes]


@dataclass(frozen=True)
class FileProfile:
    """One file: how it is written, and its columns.

    Attributes
    ----------
    name : str
        The file as the configuration names it.
    form : FileFormat
        How it is written, found by trial.
    columns : dict of str to ColumnProfile
        The columns in their order.
    n_rows : int
        Rows that were looked at.
    names : tuple of str
        All columns of the file.
    unread : dict of str to str or None
        Columns that were not looked at, with their labels.
    """

    name: str
    form: FileFormat
    columns: dict[str, ColumnProfile]
    n_rows: int
    names: tuple[str, ...] = ()
    unread: dict[str, str | None] = field(default_factory=dict)


def profile_file(
    path: Path, name: str, form: FileFormat | None = None, choose: Choice | None = None
) -> FileProfile:
    """A data file looked at, at most ``MAX_ROWS`` rows of it.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        The file as the configuration names it.
    form : FileFormat, optional
        What is known: the sheet, and whether cells are codes or labels.
    choose : callable, optional
        Which columns are looked at, from all of them and the name of the file; default: all.

    Raises
    ------
    SurveyError
        The file cannot be read in any of the usual ways.
    """
    file, form = _opened(path, name, form or FileFormat())
    tables, n_rows = [], 0
    wanted = file.columns if choose is None else choose(file.columns, name)
    for chunk in file.chunks(wanted):
        tables.append(chunk)
        n_rows += chunk.num_rows
        if n_rows >= MAX_ROWS:
            break
    if not n_rows:
        raise SurveyError(f"{name}: there is no data row")
    table = pa.concat_tables(tables)
    declares = any(notes.missing or notes.ranges for notes in file.notes.values())
    columns = {
        column: _profile(table[column], file.notes.get(column, Notes()), form.marks, declares)
        for column in wanted
    }
    unread = {c: file.notes.get(c, Notes()).label for c in file.columns if c not in columns}
    return FileProfile(name, form, columns, n_rows, tuple(file.columns), unread)


def _opened(path: Path, name: str, usual: FileFormat) -> tuple[WaveFile, FileFormat]:
    """A file opened in the way that gives the most columns."""
    best: tuple[WaveFile, FileFormat] | None = None
    problem: SurveyError | None = None
    known = format_of(path)
    is_text = known is not None and known.reader == "text"
    for encoding in _ENCODINGS if is_text else _ENCODINGS[:1]:
        for delimiter in _DELIMITERS if is_text else _DELIMITERS[:1]:
            form = replace(usual, delimiter=delimiter, encoding=encoding)
            try:
                file = open_file(path, name=name, form=form)
            except SurveyError as error:
                problem = problem or error
                continue
            if best is None or len(file.columns) > len(best[0].columns):
                best = file, form
        if best is not None:
            break
    if best is None:
        raise problem
    marks = _marks_of(best[0]) if is_text else POINT
    if marks != POINT:
        form = replace(best[1], marks=marks)
        return open_file(path, name=name, form=form), form
    return best


def _marks_of(file: WaveFile) -> Marks:
    """The first way of writing in which most columns with marks in them are numbers.

    Where commas before three digits are all there is to go by, they part thousands.
    """
    chunk = next(iter(file.chunks(file.columns)), None)
    if chunk is None:
        return POINT
    columns = [Distinct.of(column).texts[:_LOOKED_AT] for column in chunk.columns]
    columns = [texts.filter(pc.invert(pc.is_in(texts, _NO_NUMBERS))) for texts in columns]
    columns = [texts for texts in columns if pc.any(_holds_mark(texts)).as_py()]
    return max(MARKS, key=lambda marks: sum(_reads(marks, texts) for texts in columns))


def _holds_mark(texts: pa.StringArray) -> pa.BooleanArray:
    return pc.match_substring_regex(texts, r"^[+-]?\d[\d\p{P}\p{Zs}]*\d$")


def _reads(marks: Marks, texts: pa.StringArray) -> bool:
    return bool(np.isfinite(marks.numbers(texts)).all())


def _profile(column: pa.ChunkedArray, notes: Notes, marks: Marks, declares: bool) -> ColumnProfile:
    """One column; where the file declares missing codes, a number next to others is none."""
    distinct = Distinct.of(column)
    texts = distinct.texts.to_pylist()
    numbers = distinct.numbers(marks)
    missing = {
        code: label or f"user-missing code {code}"
        for code, label in notes.missing.items()
        if code in texts
    }
    for low, high in notes.ranges:
        inside = np.flatnonzero((numbers >= low) & (numbers <= high))
        missing |= {texts[i]: notes.labels.get(texts[i], "user-missing") for i in inside}
    others = [t for t, n in zip(texts, numbers, strict=True) if t and n != n and t not in missing]
    if set(others) <= USUAL_MISSING or not np.isfinite(numbers).any():
        missing |= {text: "not recorded" for text in others if text in USUAL_MISSING}
    known = np.array([text in missing for text in texts], dtype=bool)
    left = np.where(known, np.nan, numbers)
    for place in np.flatnonzero(spikes(left)):
        is_next = bool((np.abs(left - left[place]) == 1.0).any())
        if texts[place] not in notes.labels and not (declares and is_next):
            missing[texts[place]] = GUESSED
            known[place] = True
    return ColumnProfile(distinct, notes, missing, np.where(known, np.nan, numbers))
