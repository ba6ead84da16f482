"""What the values of a column are: numbers, text, dates; a mixture of these is refused."""

from __future__ import annotations

import datetime
import numbers
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

import numpy as np

from mlm.errors import FIRST_CASES, SurveyError, quoted

Kind = Literal["number", "date", "text"]

_DATES = (datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64)


def kind_of_value(value: object) -> Kind:
    """Number (also a truth value or a Decimal), date (also a time or a duration), or text."""
    if isinstance(value, numbers.Real | Decimal | np.bool_):
        return "number"
    if isinstance(value, _DATES) or type(value).__name__ == "Period":
        return "date"
    return "text"


def kinds_of(values: np.ndarray) -> list[Kind]:
    """Kind of each of some distinct values (m,)."""
    if values.dtype.kind in "biuf":
        return ["number"] * len(values)
    if values.dtype.kind in "mM":
        return ["date"] * len(values)
    return [kind_of_value(value) for value in values]


def one_kind(name: str, codes: np.ndarray, values: np.ndarray) -> Kind:
    """The kind of all values of a column; text where it has none.

    Parameters
    ----------
    name : str
        The column.
    codes : ndarray of int (n,)
        Position of each row's value; -1 where it is missing.
    values : ndarray (m,)
        Distinct values.

    Raises
    ------
    SurveyError
        Some values are numbers and others are not: their counts, and the first of the fewest.
    """
    kinds = np.array(kinds_of(values), dtype=object)
    present = np.bincount(codes[codes >= 0], minlength=len(values))
    rows = {str(kind): int(present[kinds == kind].sum()) for kind in dict.fromkeys(kinds)}
    rows = {kind: n for kind, n in rows.items() if n}
    if len(rows) < 2:
        return next(iter(rows), "text")
    fewest = min(rows, key=rows.get)
    odd = np.append(kinds == fewest, False)[codes]
    cases = ", ".join(
        f"{quoted(str(values[codes[row]]))} in row {row}"
        for row in np.flatnonzero(odd)[:FIRST_CASES]
    )
    found = " and ".join(f"{_PLURAL[kind]} in {n} rows" for kind, n in rows.items())
    raise SurveyError(
        f"column {name} holds {found} (rows counted from 0; {cases}); expected one kind. Make all "
        "of them numbers, or all of them text, or missing."
    )


_PLURAL = {"number": "numbers", "date": "dates", "text": "text"}


def dates_refused(name: str) -> SurveyError:
    """The error for a column of dates where a model needs numbers or categories."""
    return SurveyError(
        f"column {name} holds dates or times; a model takes numbers or categories. Give it as a "
        "number, such as the days from a fixed date, or as text if each date is a category."
    )


def numbers_in(name: str, values: np.ndarray) -> np.ndarray:
    """Distinct values (m,) of a column as numbers.

    Raises
    ------
    SurveyError
        A value is text, a date, or no number that a double can hold.
    """
    kinds = kinds_of(values)
    if "date" in kinds:
        raise dates_refused(name)
    if "text" in kinds:
        raise _no_numbers(name, [v for v, k in zip(values, kinds, strict=True) if k == "text"])
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise _no_numbers(name, values) from None


def _no_numbers(name: str, values: Sequence[object]) -> SurveyError:
    shown = ", ".join(quoted(str(value)) for value in values[:FIRST_CASES])
    return SurveyError(
        f"column {name} holds values that are no numbers ({shown}); expected numbers. Declare "
        "it a category or recode these values."
    )
