"""What to do about cells that are no numbers, told from how they are written."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mlm.rows.files.marks import MARKS, POINT, Marks, likely_marks
from mlm.rows.files.wave_file import WaveFile

USUAL_MISSING = {"NA", "N/A", "n/a", "na", "NaN", "nan", "NULL", "null", "None", ".", "-", "?"}
USUAL_MISSING |= {"#N/A", "#NULL!", "#DIV/0!", "#VALUE!", "missing", "Missing"}

_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T].*)?"
    r"|\d{1,2}[-/.]\d{1,2}[-/.](\d{2}|\d{4})( .*)?"
    r"|\d{1,2}[- .][^\W\d]{3,9}\.?[- ](\d{2}|\d{4})"
)
_NAMES = {".": "point", ",": "comma", " ": "blank", "'": "apostrophe"}
_CORRECT = "correct them, or declare codes that mean missing under 'missing'"
_ALIKE = 1e-9


@dataclass(frozen=True)
class Written:
    """How the numbers of a wave's files are written.

    Attributes
    ----------
    marks : Marks
        As the wave declares.
    is_declared : bool
        Whether the declaration counts for all files: it is one on text files.
    """

    marks: Marks = POINT
    is_declared: bool = True

    @classmethod
    def of(cls, files: Iterable[WaveFile]) -> Written:
        """The writing of the files of a wave."""
        files = list(files)
        marks = next((file.marks for file in files if file.has_marks), POINT)
        return cls(marks, all(file.has_marks for file in files))


def number_hint(
    texts: Collection[str],
    read: Collection[str],
    written: Written,
    range_: tuple[float, float] | None = None,
) -> str:
    """What to do about the cells of a column that are no numbers.

    Parameters
    ----------
    texts : collection of str
        Texts of these cells.
    read : collection of str
        Texts of cells of the column that are numbers, with a decimal mark.
    written : Written
        How numbers are written according to the configuration.
    range_ : (low, high), optional
        Valid numbers.
    """
    missing = set(texts) & USUAL_MISSING
    others = sorted(set(texts) - USUAL_MISSING)
    if not others:
        shown = ", ".join(repr(text) for text in sorted(missing))
        return f"all of them are {shown}: declare what that means under 'missing'"
    if all(_DATE.fullmatch(text) for text in others) and not likely_marks(others):
        return (
            "all of them are dates; declare 'type: time' if the variable is one; otherwise a "
            "spreadsheet may have taken numbers for dates: format the column as text and correct "
            "the cells"
        )
    hint = _marks_hint(others, read, written, range_)
    if missing:
        shown = ", ".join(repr(text) for text in sorted(missing))
        return f"{hint}; declare what {shown} means under 'missing'"
    return hint


def _marks_hint(
    texts: list[str], read: Collection[str], written: Written, range_: tuple[float, float] | None
) -> str:
    ways = likely_marks([*texts, *read], range_) or likely_marks([*texts, *read])
    if not ways and likely_marks(texts):
        return (
            "they are written with another decimal mark than other cells of the column, or with "
            "marks between thousands: write all numbers of the wave in one way"
        )
    if not ways:
        return _mixed(texts)
    column = pa.array(texts, pa.string())
    numbers = [marks.numbers(column) for marks in ways]
    grouped = next((marks for marks in ways if marks.thousands is not None), None)
    if any(not np.allclose(one, numbers[0], rtol=_ALIKE) for one in numbers):
        return _unclear(grouped, written)
    known = [marks for marks in ways if marks.decimal == written.marks.decimal]
    return _told(known[0] if known else ways[0], written)


def _unclear(grouped: Marks, written: Written) -> str:
    """All numbers have a mark before three digits, and nothing tells what it is."""
    mark = _NAMES[grouped.thousands]
    if not written.is_declared:
        return (
            f"all of them have a {mark} before three digits, as between thousands: store the "
            "column as numbers in the file"
        )
    return (
        f"all of them have a {mark} before three digits, as between thousands "
        f"(1{grouped.thousands}234): if so, declare {_declaration(grouped, written)} for the wave; "
        "only if 1 and 234 thousandths are meant it is the decimal mark"
    )


def _told(marks: Marks, written: Written) -> str:
    """What to declare, where there is one way only to read the numbers."""
    if marks.thousands is not None:
        found = f"have a {_NAMES[marks.thousands]} between thousands ({_example(marks)})"
    elif written.marks.decimal != marks.decimal:
        found = f"have a decimal {_NAMES[marks.decimal]}"
        if written.marks != POINT:
            found += f", but the wave declares a decimal {_NAMES[written.marks.decimal]}"
    else:
        found = "have no mark between thousands where the wave declares one"
    if not written.is_declared:
        return f"all of them {found}: store the column as numbers in the file"
    return f"all of them {found}: declare {_declaration(marks, written)} for the wave"


def _mixed(texts: list[str]) -> str:
    column = pa.array(texts, pa.string())
    readable = [np.isfinite(marks.numbers(column)) for marks in MARKS]
    grouped = [found.any() for marks, found in zip(MARKS, readable, strict=True) if marks.thousands]
    if any(grouped) and np.any(readable, axis=0).all():
        return (
            "some of them have a decimal mark, or marks between thousands, that others do not "
            "have: write all numbers of the wave in one way"
        )
    if any(grouped):
        return f"some of them have marks as between thousands (1,234), others do not; {_CORRECT}"
    return _CORRECT


def _declaration(marks: Marks, written: Written) -> str:
    keys = []
    if marks.decimal != written.marks.decimal:
        keys.append(f'"decimal: {_quoted(marks.decimal)}"')
    if marks.thousands is not None:
        keys.append(f"thousands: {_quoted(marks.thousands)}")
    elif written.marks.thousands == marks.decimal:
        keys.append("no thousands")
    return " and ".join(key if key.startswith('"') else f'"{key}"' for key in keys)


def _quoted(mark: str) -> str:
    return "''''" if mark == "'" else f"'{mark}'"


def _example(marks: Marks) -> str:
    return f"1{marks.thousands}234{marks.decimal}5"
