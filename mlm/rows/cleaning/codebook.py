"""Chunks of text turned into numbers, codes of categories and ids by their codebook entry.

Every rule is applied to the distinct texts of a chunk, not to its cells: a column of a million
cells with three codes costs three look-ups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.configuration.variable import Variable
from mlm.nouns.characters import nfc
from mlm.results.survey.account import (
    DeclaredMissing,
    EmptyCell,
    FileCode,
    FileRange,
    MissingReason,
)
from mlm.rows.cleaning.dates import end_of, time_of
from mlm.rows.cleaning.doubts import CellDoubts
from mlm.rows.cleaning.faults import FaultLog
from mlm.rows.cleaning.texts import are_plain, single_bytes
from mlm.rows.files.marks import POINT, Marks
from mlm.rows.files.wave_file import Notes

RECODED = -1
"""Origin of a cell that a recode changed; 0 is a cell as delivered, k > 0 missing reason k."""

_KEPT_MARKED = 100

SEEN_FIRST, SELDOM_TWICE = 2048, 0.9
"""Cells of a chunk that are looked at first; share of distinct texts among them from which texts
are not compared with each other, which would take longer than to apply a rule twice to some."""


@dataclass(frozen=True)
class Distinct:
    """A column as its distinct texts, trimmed, and the position of each cell's text among them.

    Attributes
    ----------
    texts : pyarrow.StringArray, length U
        Texts without surrounding blanks: the distinct ones, or those of all cells where hardly any
        comes twice.
    codes : ndarray of int, shape (N,)
        Position of each cell's text in ``texts``.
    n_composed : int
        Cells whose text was in another Unicode form than NFC.
    """

    texts: pa.StringArray
    codes: np.ndarray
    n_composed: int = 0

    @classmethod
    def of(cls, column: pa.ChunkedArray, *, as_is: bool = False) -> Distinct:
        """Distinct texts of a text column, in Unicode's form NFC, in the order they occur.

        Parameters
        ----------
        column : pyarrow.ChunkedArray
            Texts.
        as_is : bool
            Whether the texts may be those of all cells, where hardly any comes twice.
        """
        cells = _as_one(column)
        is_plain = are_plain(cells)
        if is_plain and (single := single_bytes(cells)) is not None:
            return cls._of_bytes(single)
        cells = cells if is_plain else pc.utf8_trim_whitespace(cells)
        if as_is and are_different(cells):
            texts, codes = cells, np.arange(len(cells), dtype=np.int32)
        else:
            encoded = cells.dictionary_encode()
            texts, codes = encoded.dictionary, encoded.indices.to_numpy()
        if is_plain or pc.all(pc.string_is_ascii(texts)).as_py():
            return cls(texts, codes)
        delivered = texts.to_pylist()
        in_nfc = list(map(nfc, delivered))
        other = np.array([a != b for a, b in zip(delivered, in_nfc, strict=True)], dtype=bool)
        return cls(texts, codes, int(other[codes].sum())).renamed(in_nfc)

    @classmethod
    def _of_bytes(cls, cells: np.ndarray) -> Distinct:
        """The same of cells (n,) that are a character of ASCII each, or empty (0)."""
        is_there = np.zeros(1 << 8, dtype=bool)
        is_there[cells] = True
        found = sorted(np.flatnonzero(is_there).tolist(), key=lambda each: (cells == each).argmax())
        number = np.zeros(len(is_there), dtype=np.int32)
        number[found] = np.arange(len(found))
        return cls(pa.array([chr(each) if each else "" for each in found]), number.take(cells))

    @classmethod
    def of_clean(cls, ids: pa.Array) -> Distinct:
        """Ids that are in their normal form, as they are; texts may come twice."""
        if not pa.types.is_dictionary(ids.type):
            ids = pc.cast(ids, pa.string())
            if are_different(ids):
                return cls(ids, np.arange(len(ids), dtype=np.int32))
            ids = ids.dictionary_encode()
        return cls(pc.cast(ids.dictionary, pa.string()), ids.indices.to_numpy())

    @cached_property
    def is_as_it_is(self) -> bool:
        """Whether the texts are those of the cells, one after the other."""
        n = len(self.codes)
        return len(self.texts) == n and np.array_equal(self.codes, np.arange(n))

    def renamed(self, texts: Sequence[str] | pa.StringArray) -> Distinct:
        """Same cells with other texts (U,); those that become one are one."""
        encoded = pa.array(texts, pa.string()).dictionary_encode()
        codes = encoded.indices.to_numpy()[self.codes]
        return Distinct(encoded.dictionary, codes, self.n_composed)

    def cells(self, texts: np.ndarray) -> np.ndarray:
        """Cells (bool, N) whose text is marked among the distinct texts (bool, U)."""
        return texts[self.codes]

    def among(self, codes: Iterable[str]) -> np.ndarray:
        """Texts (bool, U) that are one of some codes."""
        found = pc.is_in(self.texts, value_set=pa.array(list(codes), pa.string()))
        return found.to_numpy(zero_copy_only=False)

    def numbers(self, marks: Marks = POINT) -> np.ndarray:
        """Texts as numbers (U,); NaN for what is no finite number."""
        return marks.numbers(self.texts)


def _as_one(column: pa.ChunkedArray) -> pa.StringArray:
    """The texts of a column in one piece."""
    if column.num_chunks == 1 and column.type == pa.string():
        return column.chunk(0)
    return pa.chunked_array(column.chunks, pa.string()).combine_chunks()


def are_different(cells: pa.StringArray) -> bool:
    """Whether hardly any text comes twice, as far as the first ones tell."""
    first = cells.slice(0, SEEN_FIRST)
    return len(cells) > SEEN_FIRST and pc.count_distinct(first).as_py() > SELDOM_TWICE * SEEN_FIRST


def repeating_columns(rows: pa.Table) -> list[str]:
    """Columns of some rows but for those of texts of which hardly any comes twice."""
    return [
        name
        for name, column in zip(rows.column_names, rows.columns, strict=True)
        if not pa.types.is_string(column.type)
        or not column.num_chunks
        or not are_different(column.chunk(0))
    ]


class Reasons:
    """Reasons why cells of a variable are missing, numbered from 1 in the order they come up."""

    def __init__(self) -> None:
        self._numbers: dict[MissingReason, int] = {EmptyCell(): 1}

    def number(self, reason: MissingReason) -> int:
        """Number of a reason."""
        return self._numbers.setdefault(reason, len(self._numbers) + 1)

    @property
    def in_order(self) -> list[MissingReason]:
        """The reasons in the order of their numbers."""
        return list(self._numbers)


@dataclass(frozen=True)
class CodedChunk:
    """One column of a chunk after its codebook entry was applied.

    Attributes
    ----------
    values : ndarray, shape (N,)
        Numbers (float64, NaN where missing) or positions of categories (int16, -1 where missing).
    origins : ndarray of int8, shape (N,)
        0 as delivered, ``RECODED``, or the number of the reason why the cell is missing.
    """

    values: np.ndarray
    origins: np.ndarray


class Coder:
    """Codebook entry of one variable in one wave, applied to the files chunk by chunk.

    Parameters
    ----------
    name : str
        The variable.
    variable : Variable
        Its codebook entry.
    last_day : date, optional
        Dates after it are in doubt.
    """

    def __init__(self, name: str, variable: Variable, last_day: date | None = None):
        self.name = name
        self.doubts = CellDoubts(name, variable)
        self._last_day = last_day
        self._is_text = True
        self._numbers = np.empty(0)
        self.variable = variable
        self.reasons = Reasons()
        self.log = FaultLog(name, variable)
        self._categories = list(variable.categories or ())
        self._read = {"number": self._number, "time": self._time}.get(variable.type, self._category)
        if variable.scores is not None:
            self._read = self._score
        self._meaning = {code: code for code in self._categories} | variable.recode

    def code(
        self, column: pa.ChunkedArray, start: int, notes: Notes, marks: Marks = POINT
    ) -> CodedChunk:
        """One chunk of the column.

        Parameters
        ----------
        column : pyarrow.ChunkedArray
            Texts.
        start : int
            Number of rows before the chunk, for the places of faults.
        notes : Notes
            What the file says of the column: its missing codes count unless the codebook names
            them itself.
        marks : Marks
            How the numbers of the texts are written.
        """
        distinct = Distinct.of(column, as_is=True)
        self._is_text = notes.kind != "number"
        if self.variable.type == "number":
            self._numbers = distinct.numbers(marks)
        reasons = self._reasons(distinct, notes)
        values, wrong = self._read(distinct, reasons, marks)
        for kind, texts in wrong.items():
            if texts.any():
                self.log.add(kind, distinct, texts, start)
        origins = reasons
        if self.variable.recode:
            origins = np.where(distinct.among(self.variable.recode), RECODED, reasons)
        origins = origins.astype(np.int8)
        return CodedChunk(values.take(distinct.codes), origins.take(distinct.codes))

    def _reasons(self, distinct: Distinct, notes: Notes) -> np.ndarray:
        """Number (U,) of the reason why each text means missing; 0 for values."""
        numbers = np.zeros(len(distinct.texts), dtype=np.int64)
        valid = self._meaning if self.variable.has_categories else ()
        if notes.ranges:
            value = distinct.numbers()
            inside = notes.are_missing(value) & ~distinct.among(valid)
            for position in np.flatnonzero(inside):
                label = notes.labels.get(distinct.texts[int(position)].as_py())
                reason = FileRange() if label is None else DeclaredMissing(meaning=label)
                numbers[position] = self.reasons.number(reason)
        of_file = {code: reason_of_file(code, label) for code, label in notes.missing.items()}
        of_file = {code: reason for code, reason in of_file.items() if code not in valid}
        for codes in (of_file, declared_reasons(self.variable.missing)):
            for position in np.flatnonzero(distinct.among(codes)) if codes else ():
                reason = codes[distinct.texts[int(position)].as_py()]
                numbers[position] = self.reasons.number(reason)
        if self.variable.type == "number":
            for value, reason in self._missing_numbers.items():
                is_code = (self._numbers == value) & (numbers == 0)
                if is_code.any():
                    numbers[is_code] = self.reasons.number(reason)
        return numbers

    @cached_property
    def _missing_numbers(self) -> dict[float, MissingReason]:
        """Declared codes that are numbers, however they are written in the files: -9, -9.0."""
        reasons = declared_reasons(self.variable.missing)
        values = POINT.numbers(pa.array(list(reasons), pa.string())).tolist()
        return {v: r for v, r in zip(values, reasons.values(), strict=True) if v == v}

    def _number(
        self, distinct: Distinct, reasons: np.ndarray, marks: Marks
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        times, plus = self.variable.rescale or (1.0, 0.0)
        numbers = self._numbers
        is_number = np.isfinite(numbers) & (reasons == 0)
        if (np.isnan(numbers) & (reasons == 0)).any():
            self.log.note_read(_marked(distinct, is_number, marks))
        if self._is_text:
            self.doubts.note_numbers(distinct, np.where(is_number, numbers, np.nan), marks)
        numbers = numbers if self.variable.rescale is None else numbers * times + plus
        return self._in_range(numbers, reasons, "not a number")

    def _time(
        self, distinct: Distinct, reasons: np.ndarray, marks: Marks
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        texts = distinct.texts.to_pylist()
        values = (reasons == 0).tolist()
        times = [
            time_of(t, self.variable) if v else np.nan for t, v in zip(texts, values, strict=True)
        ]
        times = np.array(times, dtype=np.float64)
        is_ahead = times >= end_of(date.today(), self.variable)
        self.doubts.note_late(distinct, "today", is_ahead)
        if self._last_day is not None:
            is_late = times >= end_of(self._last_day, self.variable)
            self.doubts.note_late(distinct, "wave", is_late & ~is_ahead)
        return self._in_range(times, reasons, "not a date")

    def _in_range(
        self, numbers: np.ndarray, reasons: np.ndarray, kind: str
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Numbers (U,) within the range, NaN elsewhere, and what is wrong with the other texts."""
        is_value = np.isfinite(numbers) & (reasons == 0)
        low, high = self.variable.range or (-np.inf, np.inf)
        with np.errstate(invalid="ignore"):
            outside = is_value & ((numbers < low) | (numbers > high))
        wrong = {kind: (reasons == 0) & ~is_value, "outside": outside}
        return np.where(is_value & ~outside, numbers, np.nan), wrong

    def _category(
        self, distinct: Distinct, reasons: np.ndarray, marks: Marks
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        place = {category: i for i, category in enumerate(self._categories)}
        positions = [
            place.get(self._meaning.get(text, ""), -1) for text in distinct.texts.to_pylist()
        ]
        values = np.where(reasons == 0, np.array(positions, dtype=np.int16), np.int16(-1))
        return values, {"unknown": (reasons == 0) & (values < 0)}

    def _score(
        self, distinct: Distinct, reasons: np.ndarray, marks: Marks
    ) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        places, wrong = self._category(distinct, reasons, marks)
        return np.array([*self.variable.scores, np.nan])[places], wrong


def _marked(distinct: Distinct, is_number: np.ndarray, marks: Marks) -> list[str]:
    """Some of the texts that are numbers (bool, U) and hold a decimal mark."""
    holds = pc.match_substring(distinct.texts, marks.decimal).to_numpy(zero_copy_only=False)
    places = np.flatnonzero(is_number & holds)[:_KEPT_MARKED]
    return distinct.texts.take(pa.array(places)).to_pylist()


def reason_of_file(code: str, label: str | None) -> FileCode | DeclaredMissing:
    """Reason for a code that the file itself declares to mean missing."""
    return FileCode(code=code) if label is None else DeclaredMissing(meaning=label)


def declared_reasons(missing: Mapping[str, str]) -> dict[str, DeclaredMissing | EmptyCell]:
    """Reasons by code; an empty cell is one unless a meaning of it is declared."""
    meanings = {code: DeclaredMissing(meaning=meaning) for code, meaning in missing.items()}
    return {"": EmptyCell()} | meanings
