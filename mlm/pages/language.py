"""The language of a report: every word goes through ``_``, and numbers through `separators`.

English texts stand in the code and in the templates; they are the keys of the catalogues in
``reports/text/``. The language holds while a report is being made: see `using`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from mlm.errors import ResultError
from mlm.pages.template_folder import template_folder

DEFAULT = "en"
NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
TEXTS = template_folder() / "text"


@dataclass(frozen=True)
class Language:
    """A language: its code, its texts by the English text, and how it writes numbers.

    ``plurals`` holds the forms of texts on a count, by the English plural, and ``form`` tells which
    of them a count has. ``decimal`` and ``thousands`` part a number's digits, ``percent`` stands
    between a number and its percent sign.
    """

    code: str = DEFAULT
    texts: Mapping[str, str] = field(default_factory=dict)
    plurals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    form: Callable[[int], int] = lambda count: int(count != 1)
    decimal: str = "."
    thousands: str = ","
    percent: str = ""

    @cached_property
    def marks(self) -> dict[int, str]:
        """What stands for the comma and the point of a number that is written in English."""
        return {ord(","): self.thousands, ord("."): self.decimal}

    @property
    def plural_last(self) -> bool:
        """Whether the last word of a name alone takes the plural, as in English."""
        return self.code == DEFAULT


ENGLISH = Language()
JOINED = {  # a preposition and an article that become one word
    "fr": {"de les": "des", "de le": "du", "à les": "aux", "à le": "au"},
}
ELIDED = {  # words whose last vowel falls before a vowel, and the vowels
    "fr": (
        ("de", "que", "le", "la", "ne", "se", "lorsque", "puisque", "jusque"),
        "aàâeéèêëiîïoôuùûœæ",
    ),
}
REFERRING = {  # how sentences begin that speak of what the one before said
    "en": r"(It|Its|They|Their|Them|These|Those|That|This|Such|Both|Neither|Of these|Of them)\b"
    r"(?! (page|report|table|chart)\b)",
    "fr": r"(Il|Ils|Elle|Elles|Ce|Cet|Cette|Ces|Cela|Celui|Celle|Ceux|Celles|Son|Sa|Ses|Leur|Leurs"
    r"|Parmi eux|Parmi elles|D’entre eux|D’entre elles)\b"
    r"(?! (page|rapport|tableau|graphique|y a|n’y a|est possible|faut)\b)",
}
_current: ContextVar[Language] = ContextVar("language", default=ENGLISH)


def _(text: str) -> str:
    """The text in the language of the report; English where the catalogue has none."""
    return _current.get().texts.get(text) or text


def ngettext(one: str, many: str, count: float | None) -> str:
    """The text on a count, in the form that the language of the report has for it.

    Parameters
    ----------
    one, many : str
        The English text for one, and for any other number.
    count : float or None
        The number; None where it is not told. That and parts of one are many.
    """
    language = _current.get()
    number = int(count) if count is not None and float(count).is_integer() else 2
    forms = language.plurals.get(many)
    if forms is None:
        return one if number == 1 else many
    return forms[language.form(number)]


def N_(text: str) -> str:
    """Mark a text for the catalogues; `_` translates it where it is used."""
    return text


def current() -> Language:
    """The language of the report that is being made."""
    return _current.get()


def joined_words(text: str) -> str:
    """The text with prepositions and articles joined, as the language of the report has it."""
    for apart, word in JOINED.get(current().code, {}).items():
        text = re.sub(rf"\b{apart}\b", word, text)
    return text


def elided(before: str, after: str) -> str:
    """A text as it ends before another one: French ``de`` before ``écoles`` is ``d’``.

    Parameters
    ----------
    before : str
        The text, with the space between the two at its end.
    after : str
        What follows.
    """
    words, vowels = ELIDED.get(current().code, ((), ""))
    if not before.endswith(" ") or after[:1].lower() not in (*vowels,):
        return before
    word = re.split(r"[\s(«]", before[:-1])[-1]
    return before[:-2] + "\N{RIGHT SINGLE QUOTATION MARK}" if word.lower() in words else before


def refers_back(sentence: str) -> bool:
    """Whether a sentence begins with a word that stands for what the one before it named."""
    return re.match(REFERRING.get(current().code, "(?!)"), sentence) is not None


@contextmanager
def using(code: str, texts: Path | None = None) -> Iterator[Language]:
    """Make a report in the language with this code.

    Raises
    ------
    ResultError
        When there is no catalogue for the language.
    """
    token = _current.set(language(code, texts or TEXTS))
    try:
        yield _current.get()
    finally:
        _current.reset(token)


def known_languages(texts: Path = TEXTS) -> list[str]:
    """Codes of the languages that a report can be written in."""
    return sorted({DEFAULT, *(path.stem for path in texts.glob("*.po"))})


@cache
def language(code: str, texts: Path = TEXTS) -> Language:
    """The language with this code, its texts read from ``<code>.po``."""
    if code == DEFAULT:
        return ENGLISH
    path = texts / f"{code}.po"
    if not path.is_file():
        raise ResultError(
            f"there is no catalogue for the language {code}; known: "
            f"{', '.join(known_languages(texts))}. Add {path.name} to reports/text/."
        )
    return Language(code, *_texts(path), *_separators(code))


def _texts(path: Path) -> tuple[dict[str, str], dict[str, tuple[str, ...]], Callable[[int], int]]:
    """Texts by the English one, forms of texts on a count by the plural, and their rule."""
    from gettext import c2py

    from babel.messages.plurals import get_plural
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    texts: dict[str, str] = {}
    plurals: dict[str, tuple[str, ...]] = {}
    for item in catalogue:
        if isinstance(item.id, str):
            texts |= {item.id: item.string} if item.id and item.string else {}
        elif all(item.string):
            plurals[item.id[1]] = tuple(item.string)
    return texts, plurals, c2py(get_plural(path.stem).plural_expr)


def _separators(code: str) -> tuple[str, str, str]:
    """Decimal mark, mark between thousands, and what stands before a percent sign."""
    from babel import Locale

    locale = Locale.parse(code)
    symbols = locale.number_symbols["latn"]
    spaced = locale.percent_formats[None].pattern.rstrip("%")[-1:].isspace()
    return symbols["decimal"], symbols["group"], NARROW_SPACE if spaced else ""
