"""Cuts of an outcome in words."""

from __future__ import annotations

from mlm.pages.language import _

MINIMUM = "minimum_proficiency"  # a cut that the configuration gives without a name


def cut_words(name: str) -> str:
    """A cut inside a sentence: the level that those at or above it reach."""
    return _("the minimum proficiency") if name == MINIMUM else _("“{name}”").format(name=name)
