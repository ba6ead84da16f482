"""Letters that the fonts of the PDF have; PDF/UA refuses a page with a letter that none has."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from mlm.pages.drawing.letters import letters_of

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
INVISIBLE = range(0x20)
FORBIDDEN = {0, 0xFEFF, 0xFFFE}


@cache
def known_letters(fonts: tuple[Path, ...]) -> frozenset[int]:
    """Code points for which at least one of the fonts has a letter."""
    return frozenset(set(INVISIBLE).union(*map(letters_of, fonts)) - FORBIDDEN)


def unknown_letters(text: str, fonts: tuple[Path, ...]) -> list[str]:
    """Letters of a text that no font has, in order of their code points."""
    known = known_letters(fonts)
    return [letter for letter in sorted(set(text)) if ord(letter) not in known]


def without(value: Any, letters: Iterable[str]) -> Any:
    """A JSON value with each of the letters replaced by the replacement character."""
    table = str.maketrans(dict.fromkeys(letters, REPLACEMENT))
    return _translate(value, table) if table else value


def _translate(value: Any, table: dict[int, str]) -> Any:
    if isinstance(value, str):
        return value.translate(table)
    if isinstance(value, dict):
        return {key: _translate(item, table) for key, item in value.items()}
    if isinstance(value, list):
        return [_translate(item, table) for item in value]
    return value
