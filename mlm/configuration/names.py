"""Names that a configuration may give, and the small grammar of its terms."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from pydantic import StringConstraints

from mlm.errors import LONGEST_NAME, listed
from mlm.nouns.levels import OCCASION, RESIDUAL, ROW, WAVE
from mlm.nouns.model import INTERCEPT

_PATH_PART = r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,31}$"
_FORMULA_PART = r"^[A-Za-z][A-Za-z0-9_]{0,31}$"

COLOUR = "^#[0-9A-Fa-f]{6}$"
"""Pattern of a colour."""

HASH = r"^[0-9a-fA-F]{64}$"
"""Pattern of a SHA-256."""

SafeName = Annotated[str, StringConstraints(pattern=_PATH_PART)]
"""Name of a survey, a wave or an analysis: it becomes part of a path."""

Identifier = Annotated[str, StringConstraints(pattern=_FORMULA_PART)]
"""Name of a variable, a level or the time: it becomes part of a formula."""

PATTERN_HINTS = {
    _PATH_PART: "use 1 to 32 letters, digits, _ or -, not - at the beginning (it becomes part of a "
    "path and of a command)",
    _FORMULA_PART: "use a letter, then letters, digits or _, 32 at most (it becomes part of a "
    "formula)",
    HASH: "a SHA-256 has 64 hexadecimal digits",
    COLOUR: 'a colour is # and six hexadecimal digits, in quotation marks: "#12436d"',
}
"""What to write where a name does not fit its pattern."""

RESERVED = frozenset({INTERCEPT, "I", ROW, RESIDUAL, WAVE, OCCASION})
"""Identifiers with a meaning of their own in formulas and in the names of groups."""

RESERVED_ANALYSES = frozenset({"clean", "completed", "intake", "statistics", "simulated"})
"""Folders of a survey's results that no analysis may be named after."""

RESERVED_SURVEYS = frozenset({"publish"})
"""Folders of the results that no survey may be named after."""

MOST_COMPARED = 300
"""Candidates that a name is compared with."""

MOST_LISTED = 12
"""Candidates that are listed where none is near."""

_POWER = re.compile(r"([A-Za-z][A-Za-z0-9_]*)\^([23])")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True)
class TermText:
    """A term as the configuration writes it: ``a``, ``a:b``, ``a^2`` or ``a^3``.

    Attributes
    ----------
    variables : tuple of str
        One variable (main effect, power) or two (product).
    power : int
        1, or the exponent of a power.
    """

    variables: tuple[str, ...]
    power: int = 1

    @property
    def is_main_effect(self) -> bool:
        """Whether the term is one variable by itself."""
        return len(self.variables) == 1 and self.power == 1


def parse_term(text: str) -> TermText:
    """Term that a text of the configuration stands for.

    Raises
    ------
    ValueError
        The text is not of the form ``a``, ``a:b``, ``a^2`` or ``a^3``.

    Examples
    --------
    >>> parse_term("class_type:ses").variables
    ('class_type', 'ses')
    >>> parse_term("experience^2").power
    2
    """
    if power := _POWER.fullmatch(text):
        return TermText((power[1],), int(power[2]))
    parts = tuple(text.split(":"))
    if len(parts) <= 2 and all(_NAME.fullmatch(part) for part in parts):
        if len(set(parts)) == len(parts):
            return TermText(parts)
        raise ValueError(f"{text!r} multiplies a variable by itself; write {parts[0]}^2")
    raise ValueError(
        f"{text!r} is not a term; write a variable (a), a product of two (a:b) "
        "or a power of a number (a^2, a^3)"
    )


def close(name: str, candidates: Iterable[str]) -> list[str]:
    """The candidate that a name seems to be misspelt from, if there is one.

    One that differs in capital letters alone comes first. Of very many candidates only the first
    are looked at that begin as the name does.
    """
    if len(name) > LONGEST_NAME:
        return []
    compared = [str(candidate) for candidate in candidates]
    same = [text for text in compared if text.casefold() == name.casefold()]
    if same:
        return same[:1]
    if len(compared) > MOST_COMPARED:
        begins = name[:1].casefold()
        compared = [text for text in compared if text[:1].casefold() == begins][:MOST_COMPARED]
    compared = [text for text in compared if len(text) <= LONGEST_NAME]
    return difflib.get_close_matches(name, compared, n=1, cutoff=0.6)


def nearest(name: str, candidates: Iterable[str]) -> str:
    """Sentence part that suggests the candidate nearest to a name, or lists a few candidates."""
    known = [str(candidate) for candidate in candidates]
    if found := close(name, known):
        return f"did you mean {found[0]!r}?"
    return f"known: {listed(known, MOST_LISTED)}" if known else "none is defined"
