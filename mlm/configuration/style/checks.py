"""Checks of the house style: logo, fonts, and colours that can be read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import floor

from mlm.configuration.document import KeyPath
from mlm.configuration.models import Configuration
from mlm.configuration.publication import PACKAGED_FONTS, Colours, Fonts
from mlm.configuration.style.colour import contrast, darker, distance
from mlm.configuration.style.font_file import SUFFIXES, font_problems
from mlm.configuration.style.logo import read_logo
from mlm.errors import quoted

Problem = tuple[KeyPath, str]

STYLE = ("publication", "style")
PAPER, WASH, CAUTION = "#ffffff", "#f4f6f8", "#fdf1e8"
BACKGROUNDS = {PAPER: "white", WASH: "the grey of notes", CAUTION: "the orange of cautions"}
TEXT_RATIO, MARK_RATIO = 4.5, 3.0
"""Contrast of text, and of marks of charts (WCAG 2.2, 1.4.3 and 1.4.11)."""
GREY = "#6b7785"
"""Of categories that others are compared with."""
LEAST_DISTANCE = 15.0
"""Distance in CIE L*a*b* of two colours of charts that are told apart."""


def style_problems(configuration: Configuration) -> Iterator[Problem]:
    """All problems of the house style, with the key path of each."""
    style, root = configuration.publication.style, configuration.root
    if style.logo is not None:
        for problem in read_logo(root / style.logo, style.logo).problems:
            yield (*STYLE, "logo"), problem
    yield from _fonts(configuration, style.font)
    yield from _colours(style.colours)


def _fonts(configuration: Configuration, font: Fonts) -> Iterator[Problem]:
    where = (*STYLE, "font")
    regular = where if font.bold is None else (*where, "regular")
    if font.is_packaged:
        if font.bold is not None:
            message = f"{quoted(font.regular)} comes with its own bold letters; remove the key"
            yield (*where, "bold"), message
        return
    if not font.regular.lower().endswith(SUFFIXES):
        yield (
            regular,
            f"{quoted(font.regular)} is neither a .ttf or .otf file nor a font that comes with "
            f"mlm; those are {', '.join(PACKAGED_FONTS)}",
        )
    else:
        for problem in font_problems(configuration.root / font.regular, font.regular):
            yield regular, problem
    if font.bold is not None:
        for problem in font_problems(configuration.root / font.bold, font.bold):
            yield (*where, "bold"), problem


def _colours(colours: Colours) -> Iterator[Problem]:
    where = (*STYLE, "colours")
    fault = _faint(colours.accent, BACKGROUNDS, TEXT_RATIO, "text needs", "1.4.3")
    if fault:
        yield (*where, "accent"), fault
    for place, colour in enumerate(colours.series):
        fault = _faint(
            colour, {PAPER: BACKGROUNDS[PAPER]}, MARK_RATIO, "marks of charts need", "1.4.11"
        )
        if fault:
            yield (*where, "series", place), fault
    yield from _alike(colours)


def _faint(
    colour: str, backgrounds: dict[str, str], needed: float, use: str, criterion: str
) -> str | None:
    """Why a colour cannot be read on a background, if so, with one that can."""
    ratio, background = min((contrast(colour, each), each) for each in backgrounds)
    if ratio >= needed:
        return None
    return (
        f"'{colour}' has a contrast of {floor(ratio * 100) / 100:.2f}:1 with "
        f"{backgrounds[background]}; {use} {needed:g}:1 (WCAG 2.2, {criterion}). Choose a "
        f"darker colour, such as '{darker(colour, backgrounds, needed)}'"
    )


def _alike(colours: Colours) -> Iterator[Problem]:
    """Colours of charts that cannot be told from each other, the usual ones after those given."""
    used = (*colours.of_charts, GREY)
    for (first, one), (second, other) in combinations(enumerate(used), 2):
        apart = distance(one, other)
        if apart >= LEAST_DISTANCE:
            continue
        last = min(second, len(colours.series) - 1)
        where = ("series", last) if colours.series else ("accent",)
        yield (
            (*STYLE, "colours", *where),
            f"{_named(first, one)} and {_named(second, other)} of charts cannot be told apart "
            f"(distance {apart:.0f} in CIE L*a*b*, {LEAST_DISTANCE:g} is needed); choose another, "
            "or give all four colours as series",
        )


def _named(place: int, colour: str) -> str:
    """A colour of charts with its place among them."""
    return f"the grey '{colour}'" if colour == GREY else f"'{colour}' (colour {place + 1})"
