"""Names that are bare numbers: in a sentence they would read as values."""

from __future__ import annotations

import re

from mlm.pages.language import _

BARE = re.compile(r"[-+]?\d+([.,]\d+)?")
YEAR = re.compile(r"[12]\d{3}")


def is_bare(name: str) -> bool:
    """Whether a name is nothing but a number."""
    return BARE.fullmatch(name) is not None


def wave_words(name: str) -> str:
    """A wave by its name: ``wave 0`` for a bare number, unless it is a year."""
    if not is_bare(name) or YEAR.fullmatch(name):
        return name
    return _("wave {name}").format(name=name)
