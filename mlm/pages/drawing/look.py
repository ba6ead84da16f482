"""The look of all charts: colours of levels and of categories, dashes, shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

INK = "#1f2933"
MUTED = "#5c6670"
RULE = "#c9cfd6"
PAPER = "#ffffff"
DARK = "#111111"
GREY = "#6b7785"
NAVY, TEAL, PLUM, ORANGE = "#12436d", "#28a197", "#801650", "#f46a25"
LEVELS = (NAVY, TEAL, PLUM, ORANGE)
HATCHED = (False, False, True, True)
CATEGORIES = (GREY, NAVY, ORANGE, TEAL, PLUM, INK)
SHAPES = ("circle", "circle", "square", "diamond", "triangle", "down")
DASHES = ("", "", "5 2", "1 2", "5 2 1 2", "8 2")
BROKEN = "5 3"
ON_COLOUR = {GREY: PAPER, NAVY: PAPER, TEAL: DARK, PLUM: PAPER, ORANGE: DARK, INK: PAPER}


@dataclass(frozen=True)
class Style:
    """How a series is drawn: told apart by its shape and dashes as well as by its colour."""

    colour: str
    shape: str = "circle"
    dash: str = ""


def category_style(place: int) -> Style:
    """The style of a category by its place in the codebook; 0 is the reference, always grey."""
    if place == 0:
        return Style(CATEGORIES[0], SHAPES[0], DASHES[0])
    turn = 1 + (place - 1) % (len(CATEGORIES) - 1)
    return Style(CATEGORIES[turn], SHAPES[turn], DASHES[turn])


def level_style(level: str, levels: Sequence[str]) -> tuple[str, bool]:
    """Colour of a level, and whether it is hatched; the lowest level is grey."""
    if level == levels[-1]:
        return GREY, False
    place = levels.index(level) % len(LEVELS) if level in levels else 0
    return LEVELS[place], HATCHED[place]
