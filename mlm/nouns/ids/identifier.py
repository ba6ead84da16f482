"""The one normal form of ids: texts that are equal if and only if they mean the same unit.

An id is a text in Unicode's form NFC, without blanks around it and with single ones inside it; a
whole number is its digits, however it was stored (7, 7.0, ``Decimal(7)``, "7", "7.0"). Leading
zeros and capitals are kept: they may tell units apart. Nothing else in the package normalises ids.
"""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Callable, Sequence
from decimal import Decimal
from numbers import Integral
from typing import Literal

import numpy as np

from mlm.nouns.characters import nfc, unprintable

EXACT_INTEGERS = 2.0**53
"""Whole numbers below are exact in double precision."""

Unfit = Literal["rounded", "date", "not finite", "bytes", "kind", "empty", "hidden"]
"""Why a value is no id."""

_MOST_DIGITS = 20
_BETWEEN = "\x00"
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
_BLANKS = re.compile(r"\s+")
_MARKS = b".,-eE"  # what numbers and dates that programs have changed are known by
_PLAIN = bytes(set(range(33, 127)) - set(_MARKS))
# three zeros after a mark may be thousands
_WHOLE = re.compile(r"([+-]?[0-9]+)[.,](?:0{1,2}|0{4,})", re.ASCII)
_SCIENTIFIC = re.compile(r"[+-]?[0-9](\.[0-9]+[eE]\+?[0-9]+|[eE](\+[0-9]+|[0-9]{2,}))", re.ASCII)
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_DATE = re.compile(rf"[0-9]{{1,2}}-({_MONTHS})|({_MONTHS})-[0-9]{{2}}", re.IGNORECASE | re.ASCII)

_MAYBE_SCIENTIFIC = re.compile(r"[0-9][eE][+0-9]")
_MAYBE_DATE = [form for month in _MONTHS.lower().split("|") for form in (f"-{month}", f"{month}-")]


class UnfitId(Exception):
    """A value that is no id, with the reason why."""

    def __init__(self, reason: Unfit):
        super().__init__(reason)
        self.reason: Unfit = reason


def exact_below(kind: np.dtype) -> float:
    """Size below which a type of floating point numbers holds every whole number: 2^24, 2^53."""
    return min(2.0 ** (np.finfo(kind).nmant + 1), EXACT_INTEGERS)


def normal_text(text: str, decimal: str = ".") -> str:
    """Normal form of an id that is written as text.

    Parameters
    ----------
    text : str
        As it was delivered.
    decimal : str
        Decimal mark of numbers, beside the point.

    Raises
    ------
    UnfitId
        Nothing is left, a program has rounded the id or taken it for a date, or it holds what
        nothing can show.
    """
    text = _BLANKS.sub(" ", nfc(_INVISIBLE.sub("", text))).strip()
    if not text:
        raise UnfitId("empty")
    if unprintable(text):
        raise UnfitId("hidden")
    if not text[-1].isascii():
        return text
    if _SCIENTIFIC.fullmatch(text):
        raise UnfitId("rounded")
    if _DATE.fullmatch(text):
        raise UnfitId("date")
    whole = _WHOLE.fullmatch(text)
    if whole is None or text[whole.end(1)] not in (".", decimal):
        return text
    if len(whole[1]) > _MOST_DIGITS or abs(int(whole[1])) >= EXACT_INTEGERS:
        raise UnfitId("rounded")
    return "0" if re.fullmatch("-0+", whole[1]) else whole[1]


def normal_id(value: object) -> str:
    """Normal form of one id of any type.

    Raises
    ------
    UnfitId
        The value is no id: empty, rounded, not finite, bytes, or of a type that is not known.
    """
    if isinstance(value, str):
        return normal_text(value)
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, Integral) and not isinstance(value, np.timedelta64):
        return str(int(value))
    if isinstance(value, float | np.floating):
        return _of_float(value)
    if isinstance(value, Decimal):
        return _of_decimal(value)
    if isinstance(value, datetime.date | np.datetime64):
        return moment_text(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    raise UnfitId("bytes" if isinstance(value, bytes | bytearray | memoryview) else "kind")


def _of_float(value: float | np.floating) -> str:
    if not np.isfinite(value):
        raise UnfitId("not finite")
    exact = exact_below(value.dtype) if isinstance(value, np.floating) else EXACT_INTEGERS
    if abs(value) >= exact:
        raise UnfitId("rounded")
    return str(int(value)) if value == int(value) else str(value)


def _of_decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise UnfitId("not finite")
    return str(int(value)) if value == int(value) else format(value.normalize(), "f")


def moment_text(value: datetime.date | np.datetime64) -> str:
    """A date as 2020-01-31, with its time where it is not midnight."""
    if isinstance(value, np.datetime64):
        moment = value.astype("datetime64[us]")
        return moment_text(moment.item()) if moment == value else str(value).replace("T", " ")
    if not isinstance(value, datetime.datetime):
        return value.isoformat()
    return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ")


def normal_ids(values: Sequence) -> tuple[np.ndarray, dict[Unfit, np.ndarray]]:
    """Normal forms of some ids, and which of them are unfit.

    Parameters
    ----------
    values : ndarray or sequence (m,)
        Ids of any type, mostly distinct.

    Returns
    -------
    texts : ndarray of object (m,)
        Their normal forms, "" for what is no id; the same array where all are normal already.
    unfit : dict of str to ndarray of bool (m,)
        By reason, the values that are no ids.
    """
    values = values if isinstance(values, np.ndarray) else _objects(values)
    if values.dtype.kind in "iu":
        return _objects(map(str, values.tolist())), {}
    if values.dtype.kind in "mMf":
        return _each(normal_id, list(values))
    listed = values.tolist()
    if values.dtype.kind in "OUT" and _are_plain(listed):
        return (values if values.dtype == object else _objects(listed)), {}
    return _each(normal_id, listed)


def normal_texts(texts: list[str], decimal: str) -> tuple[np.ndarray, dict[Unfit, np.ndarray]]:
    """Normal forms of ids that are written as text, as ``normal_ids`` gives them.

    Parameters
    ----------
    texts : list of str
        As they were delivered.
    decimal : str
        Decimal mark of numbers, beside the point.
    """
    if _are_plain(texts):
        return _objects(texts), {}
    return _each(lambda text: normal_text(text, decimal), texts)


def _each(
    form: Callable[[object], str], values: list
) -> tuple[np.ndarray, dict[Unfit, np.ndarray]]:
    texts, unfit = [], {}
    for place, value in enumerate(values):
        try:
            texts.append(form(value))
        except UnfitId as error:
            texts.append("")
            unfit.setdefault(error.reason, np.zeros(len(values), dtype=bool))[place] = True
    return _objects(texts), unfit


def _are_plain(values: list) -> bool:
    """Whether all values are texts that are their own normal form, seen from all texts at once."""
    try:
        joined = _BETWEEN.join(values)
    except TypeError:
        return False
    if not joined.isascii() or "" in values:
        return False
    found = joined.encode().translate(None, _PLAIN)
    marks = set(found) - {0}
    if found.count(0) != max(len(values) - 1, 0) or not marks <= set(_MARKS):
        return False
    lower = joined.lower() if marks & set(b"-") else ""
    return not (
        (".0" in joined or ",0" in joined)
        or (marks & set(b"eE") and _MAYBE_SCIENTIFIC.search(joined))
        or any(form in lower for form in _MAYBE_DATE)
    )


def _objects(values) -> np.ndarray:
    listed = list(values)
    out = np.empty(len(listed), dtype=object)
    out[:] = listed
    return out
