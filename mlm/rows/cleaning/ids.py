"""Ids of a wave's rows, collected chunk by chunk and numbered in the order of their texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.nouns.ids.identifier import Unfit, UnfitId, normal_text, normal_texts
from mlm.nouns.ids.spelling import Spelling, folded
from mlm.results.survey.account import DeclaredMissing, EmptyCell, FileCode, FileRange
from mlm.rows.cleaning.codebook import Distinct, declared_reasons, reason_of_file
from mlm.rows.cleaning.texts import (
    are_digits,
    byte_lengths,
    number,
    number_texts,
    numbered,
    ranks,
    written_numbers,
)
from mlm.rows.files.wave_file import Notes

NoIdReason = DeclaredMissing | EmptyCell | FileCode | FileRange
"""Why a row has no id."""


PLAIN = "^([0-9]*|[A-Za-z_][A-Za-z0-9_]*)$"
"""Texts that are their own normal form, as most ids are."""


FEW_TEXTS = 0.25
"""Distinct ids a row up to which cells are put together from texts, which lie in the cache."""


class Ids:
    """Ids of the kept rows at one level.

    Parameters
    ----------
    texts : pyarrow.StringArray, length U, or None
        Distinct ids, sorted; None where they are given by ``numbers``.
    codes : ndarray of int32, shape (n,)
        Position of each row's id in ``texts``.
    numbers : ndarray of int64, shape (U,), optional
        The distinct ids as integers that are written, and sort, as they do.
    """

    def __init__(
        self,
        texts: pa.StringArray | None,
        codes: np.ndarray,
        numbers: np.ndarray | None = None,
    ):
        self._texts, self.codes, self._numbers = texts, codes, numbers

    @property
    def texts(self) -> pa.StringArray:
        """Distinct ids (U,), sorted."""
        if self._texts is None:
            self._texts = number_texts(self._numbers)
        return self._texts

    @property
    def n_texts(self) -> int:
        """Number U of distinct ids."""
        return len(self.texts if self._numbers is None else self._numbers)

    def with_codes(self, codes: np.ndarray) -> Ids:
        """Ids of other rows among the same distinct ones."""
        return Ids(self._texts, codes, self._numbers)

    def cells(self, rows: np.ndarray) -> pa.StringArray:
        """Ids of some rows."""
        codes = self.codes.take(rows, mode="clip")
        if self._numbers is None or len(self._numbers) < FEW_TEXTS * len(self.codes):
            return self.texts.take(pa.array(codes))
        return number_texts(self._numbers.take(codes, mode="clip"))


class IdCollector:
    """Ids of one level, taken up chunk by chunk: as integers where they are digits."""

    def __init__(self) -> None:
        self._chunks: list[pa.StringArray | np.ndarray] = []
        self._codes: list[np.ndarray | None] = []  # None: each text is one row's
        self._length: int | None = None  # digits of all integers

    def add(self, distinct: Distinct, kept: np.ndarray | None = None) -> None:
        """Take up the ids of the kept rows (bool, N; default: all) of a chunk."""
        codes = distinct.codes if kept is None or kept.all() else distinct.codes[kept]
        if distinct.is_as_it_is and codes is distinct.codes:
            self._take(distinct.texts)
            self._codes.append(None)
            return
        used = np.zeros(len(distinct.texts), dtype=bool)
        used[codes] = True
        place = np.cumsum(used, dtype=np.int32) - 1
        self._take(distinct.texts.filter(pa.array(used)))
        self._codes.append(place[codes])

    def _take(self, texts: pa.StringArray) -> None:
        """Take up the texts of a chunk; the block of the file that they lie in is given back."""
        numbers = written_numbers(texts) if len(texts) else np.zeros(0, dtype=np.int64)
        if numbers is not None and len(numbers):
            length = int(byte_lengths(texts)[0])
            numbers = numbers if self._length in (None, length) else None
            self._length = self._length or length
        self._chunks.append(pa.concat_arrays([texts]) if numbers is None else numbers)

    def collected(self) -> Ids:
        """Ids of all chunks; the numbers sort as the texts do. What was taken up is given back."""
        chunks = self._chunks
        starts = np.cumsum([0, *map(len, chunks)])
        if chunks and all(isinstance(chunk, np.ndarray) for chunk in chunks):
            texts, (rank, numbers) = None, numbered(np.concatenate(chunks))
        else:
            found = (number_texts(c) if isinstance(c, np.ndarray) else c for c in chunks)
            texts, numbers = pa.concat_arrays([pa.array([], pa.string()), *found]), None
            rank, first = ranks(texts)
            texts = texts.take(pa.array(first))
        parts = [
            rank[start:stop] if codes is None else rank[start + codes]
            for start, stop, codes in zip(starts, starts[1:], self._codes, strict=False)
        ]
        self._chunks, self._codes, self._length = [], [], None
        return Ids(texts, np.concatenate([np.zeros(0, np.int32), *parts]), numbers)


def row_ids(rows: np.ndarray, width: int | None = None) -> Ids:
    """Ids of units that have none in the files, each row being one: its number, from 1.

    Parameters
    ----------
    rows : ndarray of int, shape (n,)
        Numbers of the kept rows among all rows read, from 0, increasing.
    width : int, optional
        Characters of the longest id of the wave; default: of these rows.

    Returns
    -------
    Ids
        Texts of one length, which sort as the rows do.
    """
    texts = pc.cast(pa.array(rows.astype(np.int64) + 1), pa.string())
    longest = len(texts[-1].as_py()) if len(texts) else 1
    return Ids(pc.utf8_lpad(texts, width or longest, "0"), np.arange(len(rows), dtype=np.int32))


def numbered_together(waves: Sequence[Ids]) -> tuple[np.ndarray, int]:
    """Ids of the rows of some waves (N,) numbered together; how many distinct ones there are."""
    rank, first = ranks(pa.concat_arrays([ids.texts for ids in waves]))
    starts = np.cumsum([0, *(ids.n_texts for ids in waves)])
    parts = [rank[start + ids.codes] for start, ids in zip(starts, waves, strict=False)]
    return np.concatenate(parts), len(first)


def path_numbers(waves: Sequence[Mapping[str, Ids]], path: Sequence[str]) -> np.ndarray:
    """Number (N,) of the unit that each row of some waves is in, known by its path from the top."""
    codes, _ = numbered_together([wave[path[0]] for wave in waves])
    for level in path[1:]:
        inner, distinct = numbered_together([wave[level] for wave in waves])
        codes = number(codes * np.int64(distinct) + inner)[0]
    return codes


@dataclass(frozen=True)
class IdCells:
    """Cells of an id column in one chunk of a file.

    Attributes
    ----------
    distinct : Distinct
        Ids in their normal form.
    missing : dict of reason to ndarray of bool, shape (N,)
        Rows without an id, by reason.
    spoiled : dict of str to ndarray of bool, shape (N,)
        Rows whose id a program has changed: ``rounded``, a ``date``, or ``stored`` in a type that
        rounds it.
    n_decimals, n_composed : int
        Rows whose id was written with empty decimal places, or in another Unicode form than NFC.
    """

    distinct: Distinct
    missing: dict[NoIdReason, np.ndarray]
    spoiled: dict[str, np.ndarray]
    n_decimals: int
    n_composed: int


class IdEntry(Protocol):
    """What is said of the ids of a column: a level, or a column of the sample."""

    missing: Mapping[str, str]
    ignore: Sequence[Spelling]


def read_ids(level: IdEntry, column: pa.ChunkedArray, notes: Notes, decimal: str) -> IdCells:
    """Ids of one chunk.

    Parameters
    ----------
    level : IdEntry
        What the configuration says of them.
    column : pyarrow.ChunkedArray
        Texts as the file has them.
    notes : Notes
        What the file says of the column.
    decimal : str
        Decimal mark of its numbers.
    """
    cells = Distinct.of(column, as_is=True)
    texts, unfit = _normal_texts(cells.texts, decimal)
    reasons = _missing(level, texts, cells.numbers() if notes.ranges else None, notes)
    is_missing = np.logical_or.reduce(list(reasons.values()))
    spoiled = _spoiled(cells, unfit, notes.exact)
    rows = {kind: cells.cells(found & ~is_missing) for kind, found in spoiled.items()}
    changed = texts is not cells.texts
    distinct = cells.renamed(texts) if changed else cells
    if level.ignore:
        ignored = [folded(text, level.ignore) for text in distinct.texts.to_pylist()]
        distinct = distinct.renamed(ignored)
    return IdCells(
        distinct,
        {reason: cells.cells(found) for reason, found in reasons.items()},
        {kind: found for kind, found in rows.items() if found.any()},
        n_decimals=int(cells.cells(_has_decimals(cells.texts, texts)).sum()) if changed else 0,
        n_composed=cells.n_composed,
    )


def _normal_texts(
    texts: pa.StringArray, decimal: str
) -> tuple[pa.StringArray, dict[Unfit, np.ndarray]]:
    """Normal forms, and by reason the texts (bool, U) that are no ids, which stay as they are.

    Empty texts are among the normal ones.
    """
    if are_digits(texts) or pc.all(pc.match_substring_regex(texts, PLAIN)).as_py():
        return texts, {}
    delivered = texts.to_pylist()
    normal, unfit = normal_texts(delivered, decimal)
    unfit.pop("empty", None)
    for found in unfit.values():
        normal[found] = [delivered[place] for place in np.flatnonzero(found)]
    return pa.array(normal, pa.string()), unfit


def _has_decimals(delivered: pa.StringArray, texts: pa.StringArray) -> np.ndarray:
    """Texts (bool, U) that have lost a mark and what follows it."""
    is_number = pc.match_substring_regex(texts, "^[+-]?[0-9]+$")
    return pc.and_(pc.not_equal(delivered, texts), is_number).to_numpy(zero_copy_only=False)


def _spoiled(
    cells: Distinct, unfit: Mapping[Unfit, np.ndarray], exact: float | None
) -> dict[str, np.ndarray]:
    """Texts (bool, U) that a program has changed, by what is wrong; each is told once."""
    if exact is None:
        return dict(unfit)
    stored = np.abs(cells.numbers()) >= exact
    return {"stored": stored} | {kind: found & ~stored for kind, found in unfit.items()}


def _missing(
    level: IdEntry, texts: pa.StringArray, numbers: np.ndarray | None, notes: Notes
) -> dict[NoIdReason, np.ndarray]:
    """Texts (bool, U) that mean 'no id', by reason: declared, or by the file itself."""
    of_file = {code: reason_of_file(code, label) for code, label in notes.missing.items()}
    codes: dict[NoIdReason, list[str]] = {}
    for code, reason in (of_file | declared_reasons(level.missing)).items():
        codes.setdefault(reason, []).append(_normal(code))
    found = {reason: _among(texts, same) for reason, same in codes.items()}
    if numbers is not None:
        found[FileRange()] = notes.are_missing(numbers)
    return found


def _among(texts: pa.StringArray, codes: Sequence[str]) -> np.ndarray:
    """Texts (bool, U) that are one of some codes."""
    if codes == [""]:
        return byte_lengths(texts) == 0
    return pc.is_in(texts, value_set=pa.array(codes)).to_numpy(zero_copy_only=False)


def _normal(code: str) -> str:
    try:
        return normal_text(code)
    except UnfitId:
        return code
