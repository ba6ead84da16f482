"""Spellings of ids that most likely mean the same unit, though their normal forms differ.

Whether 007 and 7, or a1 and A1, are one unit nobody can tell but those who own the data. So they
stay two until the configuration says otherwise, and where units fail to recur for nothing but this
it is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection
from typing import Literal

from mlm.nouns.characters import nfc

Spelling = Literal["zeros", "case", "accents", "characters", "marks", "blanks"]
"""A kind of difference between spellings."""

_ZEROS = re.compile(r"(^|[^0-9.,])0+(?=[0-9])")
_DECIMALS = re.compile(r"[+]?(-?[0-9]+)([.,]0*)?", re.ASCII)
_DASHES = re.compile("[\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d]")
_QUOTES = re.compile(
    "['\"`\u00b4\u02b9-\u02bf\u2018-\u201f\u2032-\u2037\u00ab\u00bb\u2039\u203a\uff07]"
)
_BLANKS = re.compile("[\\s\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff]+")


def _without_zeros(text: str) -> str:
    """Without leading zeros of numbers, and without decimal places that are all zero."""
    text = _ZEROS.sub(r"\1", text)
    number = _DECIMALS.fullmatch(text)
    return number[1] if number else text


def _without_accents(text: str) -> str:
    letters = unicodedata.normalize("NFD", text)
    return nfc("".join(letter for letter in letters if not unicodedata.combining(letter)))


# those that come first prepare the text for the others
FOLDS: dict[Spelling, Callable[[str], str]] = {
    "marks": lambda text: _QUOTES.sub("", _DASHES.sub("-", text)),
    "characters": lambda text: unicodedata.normalize("NFKC", text),
    "blanks": lambda text: _BLANKS.sub("", text),
    "accents": _without_accents,
    "case": lambda text: nfc(text.casefold()),
    "zeros": _without_zeros,
}
"""What makes one text of spellings that differ in one way."""

ALL = tuple(FOLDS)


def folded(text: str, kinds: Collection[Spelling] = ALL) -> str:
    """A text without some kinds of differences of spelling: equal texts are spelled alike.

    Examples
    --------
    >>> folded("St. M\u00e1ry\u2019s  007")
    'st.marys7'
    >>> folded("A-007", ["zeros"])
    'A-7'
    """
    for kind, fold in FOLDS.items():
        if kind in kinds:
            text = fold(text)
    return text


def differences(one: str, other: str) -> tuple[Spelling, ...] | None:
    """The fewest kinds of differences that make one of two spellings; None where none does.

    Examples
    --------
    >>> differences("A07", "a7")
    ('case', 'zeros')
    >>> differences("A07", "A8") is None
    True
    """
    if folded(one) != folded(other):
        return None
    needed = set(ALL)
    for kind in ALL:
        fewer = needed - {kind}
        if folded(one, fewer) == folded(other, fewer):
            needed = fewer
    return tuple(kind for kind in ALL if kind in needed)


def shape(text: str) -> str:
    """How an id is spelled, without the id: 9 for digits, a and A for letters, zeros in front kept.

    Examples
    --------
    >>> shape("00123-Bx \u00c9")
    '00999-Aa \u00c1'
    """
    zeros = len(text) - len(text.lstrip("0"))
    return text[:zeros] + "".join(map(_shape_of_letter, text[zeros:]))


def _shape_of_letter(letter: str) -> str:
    plain = letter.isascii()
    if letter.isdigit():
        return "9" if plain else "\uff19"
    if letter.isalpha():
        upper, lower = ("A", "a") if plain else ("\u00c1", "\u00e1")
        return upper if letter.isupper() else lower
    return letter
