"""Cuts of an outcome in words."""

from __future__ import annotations

from mlm.nouns.sampled_plan import MINIMUM
from mlm.pages.language import _


def cut_words(name: str) -> str:
    """A cut inside a sentence: the level that those at or above it reach."""
    return _("the minimum proficiency") if name == MINIMUM else _("“{name}”").format(name=name)
