"""Names that tell nothing alone: bare numbers, which would read as values, and yes or no."""

from __future__ import annotations

import re

from mlm.pages.language import _

BARE = re.compile(r"[-+]?\d+([.,]\d+)?")
ANSWERS = ("yes", "no", "true", "false", "ja", "nein", "oui", "non", "sí", "sì", "si", "sim", "não")
YEAR = re.compile(r"[12]\d{3}")


def is_bare(name: str) -> bool:
    """Whether a name is nothing but a number."""
    return BARE.fullmatch(name) is not None


def is_mute(name: str) -> bool:
    """Whether a name of a category tells nothing without that of its variable."""
    return is_bare(name) or name.strip().strip(".").casefold() in ANSWERS


def wave_words(name: str) -> str:
    """A wave by its name: ``wave 0`` for a bare number, unless it is a year."""
    if not is_bare(name) or YEAR.fullmatch(name):
        return name
    return _("wave {name}").format(name=name)
