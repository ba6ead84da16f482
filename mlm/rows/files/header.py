"""The line of column names of a file, checked before anything is read by it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from mlm.errors import SurveyError, listed
from mlm.nouns.characters import nfc, unprintable
from mlm.rows.messages import counted

_DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SEPARATOR = re.compile(r'"?sep=.?"?', re.IGNORECASE)
LONGEST = 1000
"""Characters that a column name may have."""

_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


def header_of(cells: Sequence[str], name: str, delimiter: str) -> list[str]:
    """Column names of a text file from the cells of its first line; "" where there is none.

    Raises
    ------
    SurveyError
        The line is empty, holds data, has another delimiter, or a name twice.
    """
    header = [nfc(cell.strip()) for cell in cells]
    if not any(header):
        raise SurveyError(f"{name}, line 1: the first line is empty; column names are expected")
    if _SEPARATOR.fullmatch(delimiter.join(header)):
        raise SurveyError(
            f"{name}, line 1: this line (sep=) is meant for Excel and holds no column names; "
            f"remove it, and declare the 'delimiter' of the wave if it is not {delimiter!r}"
        )
    others = [mark for mark in _DELIMITER_NAMES if mark != delimiter and mark in header[0]]
    if len(header) == 1 and others:
        raise SurveyError(
            f"{name}, line 1: one column only, but the line holds the "
            f"{_DELIMITER_NAMES[others[0]]}; declare delimiter: {others[0]!r} for the wave"
        )
    check_header(header, name, "line 1")
    return header


def check_header(header: Sequence[str], name: str, place: str) -> None:
    """Refuse column names that are numbers (a line of data), double, too long or not printable.

    Raises
    ------
    SurveyError
        Without the names where they may be cells of a person.
    """
    numbers = sum(bool(_NUMBER.fullmatch(cell)) for cell in header)
    if numbers:
        raise SurveyError(
            f"{name}, {place}: {counted(numbers, 'column name')} out of {len(header)} is a number; "
            "the line of column names seems to be missing; add it"
        )
    for number, cell in enumerate(header, start=1):
        if len(cell) > LONGEST:
            raise SurveyError(
                f"{name}, {place}: column name {number} of {len(header)} has {len(cell):,} "
                f"characters, {LONGEST:,} are allowed; a delimiter or a line break is missing, or "
                "a quotation mark is not closed"
            )
        if found := unprintable(cell):
            raise SurveyError(
                f"{name}, {place}: column name {number} of {len(header)} holds {found}; the file "
                "is damaged or in another encoding than declared; otherwise rename the column"
            )
    twice = [cell for cell, count in Counter(header).items() if cell and count > 1]
    if twice:
        raise SurveyError(
            f"{name}, {place}: column names occur more than once: {listed(twice)}; "
            "rename the columns"
        )
