"""Columns of text turned into numbers, categories and ids by their codebook entry.

Every rule is applied to the distinct texts of a column, not to its cells: a column of a million
cells with three codes costs three look-ups.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlm.rows.configuration.parts import Level, Variable
from mlm.rows.wording import counted

EMPTY_CELL = "empty cell"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_DECIMAL_COMMA = r"[+-]?\d+,\d+"
_USUAL_MISSING = {"NA", "N/A", "n/a", "na", "NaN", "nan", "NULL", "null", "None", ".", "-", "?"}
_SHOWN_CODES = 5
_SHOWN_LENGTH = 20

Describe = Callable[[int, str], str]
"""From the number of cells and the text of their places to the message."""

Wrong = list[tuple[np.ndarray, Describe]]
"""Distinct texts (bool, U) at fault, and what to say of their cells."""


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
    describe: Describe


@dataclass(frozen=True)
class Distinct:
    """A column as its distinct texts, trimmed, and the position of each cell's text among them.

    Attributes
    ----------
    texts : pyarrow.StringArray, length U
        Distinct texts without surrounding blanks.
    codes : ndarray of int, shape (N,)
        Position of each cell's text in ``texts``.
    """

    texts: pa.StringArray
    codes: np.ndarray

    @classmethod
    def of(cls, column: pa.ChunkedArray) -> Distinct:
        """Distinct texts of a text column, in the order they occur."""
        encoded = pc.utf8_trim_whitespace(column).combine_chunks().dictionary_encode()
        return cls(encoded.dictionary, encoded.indices.to_numpy())

    def ranked(self) -> Distinct:
        """Same column; the texts are sorted, so that codes sort as texts do."""
        order = pc.sort_indices(self.texts).to_numpy()
        rank = np.empty(len(order), dtype=self.codes.dtype)
        rank[order] = np.arange(len(order))
        return Distinct(self.texts.take(pa.array(order)), rank[self.codes])

    def cells(self, texts: np.ndarray) -> np.ndarray:
        """Cells (bool, N) whose text is marked among the distinct texts (bool, U)."""
        return texts[self.codes]

    def counts(self) -> np.ndarray:
        """Number of cells (U,) that hold each text."""
        return np.bincount(self.codes, minlength=len(self.texts))

    def among(self, codes: Iterable[str]) -> np.ndarray:
        """Texts (bool, U) that are one of some codes."""
        found = pc.is_in(self.texts, value_set=pa.array(list(codes), pa.string()))
        return found.to_numpy(zero_copy_only=False)

    def missing(self, declared: dict[str, str]) -> dict[str, np.ndarray]:
        """Texts (bool, U) that mean missing, by reason."""
        codes_by_reason: dict[str, list[str]] = {}
        for code, reason in ({"": EMPTY_CELL} | declared).items():
            codes_by_reason.setdefault(reason, []).append(code)
        return {reason: self.among(codes) for reason, codes in codes_by_reason.items()}


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
    missing = distinct.missing(variable.missing)
    convert = _category if variable.is_category else _number
    is_missing = np.logical_or.reduce(list(missing.values()))
    values, wrong = convert(name, variable, distinct, is_missing)
    return CleanColumn(
        values=values.take(pa.array(distinct.codes)),
        missing={reason: distinct.cells(texts) for reason, texts in missing.items()},
        faults=[Fault(distinct.cells(texts), text) for texts, text in wrong if texts.any()],
        recoded={
            category: distinct.cells(distinct.among(_recoded_to(variable, category)))
            for category in dict.fromkeys(variable.recode.values())
        },
    )


def read_ids(level: Level, column: pa.ChunkedArray) -> tuple[Distinct, dict[str, np.ndarray]]:
    """Ids of a level as sorted distinct texts, and the rows (bool, N) without an id by reason."""
    distinct = Distinct.of(column).ranked()
    missing = distinct.missing(level.missing)
    return distinct, {reason: distinct.cells(texts) for reason, texts in missing.items()}


def _recoded_to(variable: Variable, category: str) -> list[str]:
    return [code for code, target in variable.recode.items() if target == category]


def _number(
    name: str, variable: Variable, distinct: Distinct, is_missing: np.ndarray
) -> tuple[pa.Array, Wrong]:
    """Numbers (U,), and the texts at fault with what to say of them."""
    is_number = pc.match_substring_regex(distinct.texts, _NUMBER).to_numpy(zero_copy_only=False)
    texts = pc.if_else(pa.array(is_number), distinct.texts, "nan")
    numbers = pc.cast(texts, pa.float64()).to_numpy()
    is_number = np.isfinite(numbers)
    low, high = variable.range or (-np.inf, np.inf)
    is_outside = is_number & ((numbers < low) | (numbers > high))
    is_valid = is_number & ~is_missing & ~is_outside
    wrong = ~is_number & ~is_missing
    outside = is_outside & ~is_missing
    return pa.array(numbers, mask=~is_valid), [
        (wrong, _not_a_number(name, distinct.texts.filter(pa.array(wrong)))),
        (outside, _out_of_range(name, low, high, int(outside.sum()))),
    ]


def _not_a_number(name: str, texts: pa.StringArray) -> Describe:
    hint = _number_hint(texts)
    return lambda n, at: f"{name}: {counted(n, 'cell')} not a number ({at}); {hint}"


def _number_hint(texts: pa.StringArray) -> str:
    found = set(texts.to_pylist())
    if found and found <= _USUAL_MISSING:
        shown = ", ".join(repr(text) for text in sorted(found))
        return f"all of them are {shown}: declare what that means under 'missing'"
    if found and all(re.fullmatch(_DECIMAL_COMMA, text) for text in found):
        return "all of them have a decimal comma: export with a decimal point"
    return "correct them, or declare codes that mean missing under 'missing'"


def _out_of_range(name: str, low: float, high: float, n_distinct: int) -> Describe:
    def describe(n: int, at: str) -> str:
        shared = ", all with the same number" if n > 1 and n_distinct == 1 else ""
        return (
            f"{name}: {counted(n, 'cell')} outside the range {low:g} to {high:g}{shared} ({at}); "
            "correct them, declare codes that mean missing under 'missing', or widen 'range'"
        )

    return describe


def _category(
    name: str, variable: Variable, distinct: Distinct, is_missing: np.ndarray
) -> tuple[pa.Array, Wrong]:
    """Codes of the categories (U,), and the unknown texts with what to say of them."""
    meaning = {code: code for code in variable.categories} | variable.recode
    values = pa.array([meaning.get(text) for text in distinct.texts.to_pylist()], pa.string())
    unknown = ~distinct.among(meaning) & ~is_missing
    shown = _unknown_codes(distinct, unknown)
    expected = ", ".join(meaning)

    def describe(n: int, at: str) -> str:
        return (
            f"{name}: {counted(n, 'cell')} with a code that is not in the codebook ({at}){shown}; "
            f"expected {expected}; add the codes under categories, recode or missing, or "
            "correct the cells"
        )

    return values, [(unknown, describe)]


def _unknown_codes(distinct: Distinct, unknown: np.ndarray) -> str:
    """The unknown codes with their counts, unless they look like free text about persons."""
    codes = distinct.texts.filter(pa.array(unknown)).to_pylist()
    if len(codes) > _SHOWN_CODES or any(len(code) > _SHOWN_LENGTH for code in codes):
        return f": {len(codes)} different texts"
    counts = distinct.counts()[unknown]
    return ": " + ", ".join(f"{code!r} ({n})" for code, n in zip(codes, counts, strict=True))
