"""Characters that no name, label or id may hold, since pages and logs cannot show them.

They are control characters other than tab and line breaks, halves of surrogate pairs, the two that
XML forbids, and the marks that turn the direction of all text after them.
"""

from __future__ import annotations

import re
import unicodedata

_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
_REPLACEMENT = "\ufffd"


def unprintable(text: str) -> str | None:
    """What the first such character of a text is, as ``the character U+001B (control)``.

    Examples
    --------
    >>> unprintable("a\\x1b[31m")
    'the character U+001B (control)'
    >>> unprintable("Grundschule")
    """
    found = _UNPRINTABLE.search(text)
    if found is None:
        return None
    number = ord(found[0])
    if number < 0xA0:
        kind = "control"
    elif 0xD800 <= number <= 0xDFFF:
        kind = "half of a surrogate pair"
    else:
        kind = "not a character" if number >= 0xFFFE else "turns the direction of text"
    return f"the character U+{number:04X} ({kind})"


def made_visible(text: str) -> str:
    """Same text with the mark for an unknown character in place of each."""
    return _UNPRINTABLE.sub(_REPLACEMENT, text)


def nfc(text: str) -> str:
    """A text in Unicode's form NFC (UAX 15): letters with accents are one character each."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)
