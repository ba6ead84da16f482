"""The colours of a house: those of pages, documents and charts, in light and dark."""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass
from functools import lru_cache

from mlm.configuration.style.colour import channels, contrast, lighter, mixed, of_channels
from mlm.pages.drawing.look import DARK, INK, LEVELS, NAVY, ON_COLOUR, PAPER

DARK_PAPER = "#14191e"
BLACK = "#000000"
TEXT_RATIO = 4.5
BAND_RATIO, DARK_ACCENT_RATIO, DARK_SERIES_RATIO = 7.0, 8.0, 6.0
DARK_BAND_LIGHTNESS = 0.16
USUAL_BAND, USUAL_MARK = "#c9d8e6", "#1d7a72"
DEEPEST = 0.55  # of a colour behind text
DARK_INK = "#e7ebef"
PRINTED = "#333333"
WORDS = re.compile(r"(>[^<>]*</(?:text|title|desc)>)")


@dataclass(frozen=True)
class Palette:
    """The colours of a house.

    Charts are drawn in the usual colours, which stand for their places: :func:`recoloured` gives
    them those of the house.

    Parameters
    ----------
    accent : str
        Of the head of a page, links and headings.
    series : tuple of str
        The four of charts.
    """

    accent: str = NAVY
    series: tuple[str, ...] = LEVELS

    @property
    def is_usual(self) -> bool:
        """Whether these are the colours without a house style."""
        return self == USUAL

    def of(self, colour: str) -> str:
        """The colour of the house that a usual colour of charts stands for."""
        return self.series[LEVELS.index(colour)] if colour in LEVELS else colour

    def on(self, colour: str) -> str:
        """The colour of text on a filled mark: paper, or dark where that cannot be read."""
        if self.is_usual:
            return ON_COLOUR[colour]
        filled = self.of(colour)
        if contrast(filled, PAPER) >= TEXT_RATIO:
            return PAPER
        return DARK if contrast(filled, DARK) >= TEXT_RATIO else BLACK

    def deepest(self, colour: str) -> float:
        """How deep a colour may be behind text: its share over paper, light and dark."""
        if self.is_usual:
            return DEEPEST
        filled = self.of(colour)
        light = (filled, PAPER, INK)
        dark = (_in_the_dark(filled), DARK_PAPER, DARK_INK)
        return min(DEEPEST, _most_behind_text(*light), _most_behind_text(*dark))

    @property
    def band(self) -> str:
        """Of the lesser text on the accent."""
        return USUAL_BAND if self.accent == NAVY else lighter(self.accent, self.accent, BAND_RATIO)

    @property
    def mark(self) -> str:
        """Of the bar beside a finding on paper."""
        return USUAL_MARK if self.is_usual else self.series[1]

    @property
    def css(self) -> str:
        """Style sheet that comes after the usual one; empty for the usual colours."""
        if self.is_usual:
            return ""
        series = {f"c{place}": colour for place, colour in enumerate(self.series, 1)}
        light = {"accent": self.accent, "band": self.accent, "band-muted": self.band, **series}
        dark = {name: _in_the_dark(colour) for name, colour in series.items()} | {
            "accent": lighter(self.accent, DARK_PAPER, DARK_ACCENT_RATIO),
            "band": _dark_band(self.accent),
        }
        printed = light | {"band": PAPER, "band-muted": PRINTED}
        return "".join(
            [
                _variables(light),
                f"@media (prefers-color-scheme: dark) {{ {_variables(dark)} }}\n",
                f"@media print {{ {_variables(printed)} }}\n",
            ]
        )


USUAL = Palette()


def recoloured(svg: str, palette: Palette) -> str:
    """A chart in the colours of the house; its words are left alone."""
    if palette.is_usual:
        return svg
    new = {usual: palette.of(usual) for usual in LEVELS}
    pattern = re.compile("|".join(LEVELS))
    parts = WORDS.split(svg)
    parts[::2] = [pattern.sub(lambda found: new[found[0]], part) for part in parts[::2]]
    return "".join(parts)


def _most_behind_text(colour: str, paper: str, ink: str) -> float:
    """How deep a colour over paper may be for text in ink to be read; in hundredths."""
    shares = (share / 100 for share in range(100, -1, -1))
    return next(s for s in shares if contrast(mixed(colour, paper, 1 - s), ink) >= TEXT_RATIO)


@lru_cache(maxsize=64)
def _in_the_dark(colour: str) -> str:
    """A colour of charts on dark paper: lighter, and a little less strong."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*channels(colour))
    calmer = of_channels(colorsys.hls_to_rgb(hue, lightness, 0.8 * saturation))
    return lighter(calmer, DARK_PAPER, DARK_SERIES_RATIO)


def _dark_band(accent: str) -> str:
    """The accent as the dark head of a page."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*channels(accent))
    lightness = min(lightness, DARK_BAND_LIGHTNESS)
    return of_channels(colorsys.hls_to_rgb(hue, lightness, 0.8 * saturation))


def _variables(colours: dict[str, str]) -> str:
    said = " ".join(f"--{name}: {colour};" for name, colour in colours.items())
    return f":root {{ {said} }}\n"
