"""Columns of text turned into numbers, categories and ids by their codebook entry.

Every rule is applied to the distinct texts of a column, not to its cells: a column of a million
cells with three codes costs three look-ups.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.rows.configuration.parts import Level, Variable
from mlm.rows.wording import counted

EMPTY_CELL = "empty cell"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_DECIMAL_COMMA = r"^[+-]?\d+,\d+$"
_USUAL_MISSING = {"NA", "N/A", "n/a", "na", "NaN", "nan", "NULL", "null", "None", ".", "-", "?"}
_SHOWN_CODES = 5
_SHOWN_LENGTH = 20


@dataclass(frozen=True)
class Fault:
    """What is wrong with some cells of a column.

    Attributes
    ----------
    rows : ndarray of bool, shape (N,)
        The cells at fault.
    describe : callable
        Takes the number of cells and the text of their places, returns the message.
    """

    rows: np.ndarray
    describe: Callable[[int, str], str]


@dataclass(frozen=True)
class Distinct:
    """A column as its distinct texts, trimmed, and the position of each cell's text among them.

    Attributes
    ----------
    texts : ndarray of str objects, shape (U,)
        Distinct texts without surrounding blanks, sorted.
    codes : ndarray of int, shape (N,)
        Position of each cell's text in ``texts``.
    """

    texts: np.ndarray
    codes: np.ndarray

    @classmethod
    def of(cls, column: pa.ChunkedArray | pa.Array) -> Distinct:
        """Distinct texts of a text column."""
        encoded = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        encoded = encoded.dictionary_encode()
        trimmed = pc.utf8_trim_whitespace(encoded.dictionary).to_numpy(zero_copy_only=False)
        texts, position = np.unique(trimmed.astype(object), return_inverse=True)
        return cls(texts, position[encoded.indices.to_numpy()])

    def cells(self, is_text: np.ndarray) -> np.ndarray:
        """Cells (N,) whose text is marked among the distinct texts (U,)."""
        return is_text[self.codes] if len(self.texts) else np.zeros(len(self.codes), bool)

    def counts(self) -> np.ndarray:
        """Number of cells (U,) that hold each text."""
        return np.bincount(self.codes, minlength=len(self.texts))

    def missing(self, declared: dict[str, str]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Texts (U,) that mean missing, and the same by reason."""
        reasons = {"": EMPTY_CELL, **declared}
        by_reason: dict[str, np.ndarray] = {}
        for code, reason in reasons.items():
            found = self.texts == code
            if found.any():
                by_reason[reason] = by_reason.get(reason, np.zeros(len(found), bool)) | found
        total = np.zeros(len(self.texts), bool)
        for found in by_reason.values():
            total |= found
        return total, by_reason


@dataclass(frozen=True)
class CleanColumn:
    """Values of one column after its codebook entry was applied.

    Attributes
    ----------
    values : pyarrow.Array, length N
        Numbers (double) or codes (string); null where missing or at fault.
    missing : dict
        Reason: the cells (N,) that are missing for it.
    faults : list of Fault
        What is wrong.
    recoded : dict
        Category: the cells (N,) counted as it by a recode.
    """

    values: pa.Array
    missing: dict[str, np.ndarray]
    faults: list[Fault]
    recoded: dict[str, np.ndarray]


def apply_codebook(name: str, variable: Variable, column: pa.ChunkedArray) -> CleanColumn:
    """Values of a variable's text column, with the reasons of missing cells and all faults."""
    distinct = Distinct.of(column)
    is_missing, by_reason = distinct.missing(variable.missing)
    convert = _category if variable.is_category else _number
    values, wrong, recoded = convert(name, variable, distinct, is_missing)
    faults = [Fault(distinct.cells(texts), describe) for texts, describe in wrong if texts.any()]
    return CleanColumn(
        values=values.take(pa.array(distinct.codes)),
        missing={reason: distinct.cells(texts) for reason, texts in by_reason.items()},
        faults=faults,
        recoded={category: distinct.cells(texts) for category, texts in recoded.items()},
    )


def read_ids(level: Level, column: pa.ChunkedArray) -> tuple[Distinct, dict[str, np.ndarray]]:
    """Ids of a level as distinct texts, and the rows (N,) without an id by reason."""
    distinct = Distinct.of(column)
    _, by_reason = distinct.missing(level.missing)
    return distinct, {reason: distinct.cells(texts) for reason, texts in by_reason.items()}


def _number(name: str, variable: Variable, distinct: Distinct, is_missing: np.ndarray):
    """Values (U,), pairs (texts at fault, description), and no recodes."""
    texts = pa.array(distinct.texts, pa.string())
    is_number = pc.match_substring_regex(texts, _NUMBER).to_numpy(zero_copy_only=False)
    parsed = pc.cast(pc.if_else(pa.array(is_number), texts, None), pa.float64())
    numbers = np.array(parsed.to_numpy(zero_copy_only=False), dtype=float)
    is_number &= np.isfinite(numbers)
    not_number = ~is_number & ~is_missing
    outside = np.zeros(len(numbers), bool)
    if variable.range:
        low, high = variable.range
        outside = is_number & ~is_missing & ((numbers < low) | (numbers > high))
    valid = is_number & ~is_missing & ~outside
    values = pa.array(np.where(valid, numbers, np.nan), pa.float64(), from_pandas=True)
    hint = _number_hint(distinct.texts[not_number])
    return (
        values,
        [
            (not_number, lambda n, at: f"{name}: {counted(n, 'cell')} not a number ({at}); {hint}"),
            (outside, _outside_description(name, variable, int(outside.sum()))),
        ],
        {},
    )


def _number_hint(texts: np.ndarray) -> str:
    found = set(texts.tolist())
    if found and found <= _USUAL_MISSING:
        shown = ", ".join(repr(text) for text in sorted(found))
        return f"all of them are {shown}: declare what that means under 'missing'"
    if found and all(pc.match_substring_regex(pa.array(texts), _DECIMAL_COMMA).to_pylist()):
        return "all of them have a decimal comma: export with a decimal point"
    return "correct them, or declare codes that mean missing under 'missing'"


def _outside_description(name: str, variable: Variable, distinct: int) -> Callable[[int, str], str]:
    low, high = variable.range or (0, 0)

    def describe(n: int, at: str) -> str:
        shared = ", all with the same number" if n > 1 and distinct == 1 else ""
        return (
            f"{name}: {counted(n, 'cell')} outside the range {low:g} to {high:g}{shared} ({at}); "
            "correct them, declare codes that mean missing under 'missing', or widen 'range'"
        )

    return describe


def _category(name: str, variable: Variable, distinct: Distinct, is_missing: np.ndarray):
    """Values (U,), pairs (texts at fault, description), and recoded texts by category."""
    meaning = {code: code for code in variable.categories} | variable.recode
    values = [
        None if gone else meaning.get(text)
        for text, gone in zip(distinct.texts, is_missing, strict=True)
    ]
    unknown = np.array([value is None for value in values], dtype=bool) & ~is_missing
    recoded = {
        category: np.isin(
            distinct.texts, [c for c, to in variable.recode.items() if to == category]
        )
        for category in dict.fromkeys(variable.recode.values())
    }
    shown = _unknown_codes(distinct, unknown)
    expected = ", ".join(meaning)

    def describe(n: int, at: str) -> str:
        return (
            f"{name}: {counted(n, 'cell')} with a code that is not in the codebook ({at}){shown}; "
            f"expected {expected}; add the codes under categories, recode or missing, or "
            "correct the cells"
        )

    return pa.array(values, pa.string()), [(unknown, describe)], recoded


def _unknown_codes(distinct: Distinct, unknown: np.ndarray) -> str:
    """The unknown codes with their counts, unless they look like free text about persons."""
    codes = distinct.texts[unknown]
    if len(codes) > _SHOWN_CODES or any(len(code) > _SHOWN_LENGTH for code in codes):
        return f": {len(codes)} different texts"
    counts = distinct.counts()[unknown]
    return ": " + ", ".join(f"{code!r} ({n})" for code, n in zip(codes, counts, strict=True))
