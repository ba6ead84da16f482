"""Colours as ``#rrggbb``: how they contrast, how far they lie apart, lighter and darker ones."""

from __future__ import annotations

import colorsys
import math
import re
from collections.abc import Iterable

HEX = re.compile(r"#[0-9a-fA-F]{6}")
_STEPS = 200


def channels(colour: str) -> tuple[float, float, float]:
    """Red, green and blue of a colour, each between 0 and 1."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def of_channels(parts: Iterable[float]) -> str:
    """The colour of red, green and blue, each between 0 and 1."""
    return "#" + "".join(f"{round(255 * min(max(part, 0.0), 1.0)):02x}" for part in parts)


def luminance(colour: str) -> float:
    """Relative luminance between 0 (black) and 1 (white), as WCAG 2.2 defines it."""
    red, green, blue = map(_linear, channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, between 1 and 21, as WCAG 2.2 defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def distance(one: str, other: str) -> float:
    """How different two colours look: their distance in CIE L*a*b* (1976); 2 is just seen."""
    return math.dist(_lab(one), _lab(other))


def mixed(one: str, other: str, share: float) -> str:
    """A colour laid over another one, of which `share` is left, between 0 and 1."""
    pairs = zip(channels(one), channels(other), strict=True)
    return of_channels((1 - share) * a + share * b for a, b in pairs)


def lighter(colour: str, background: str, ratio: float) -> str:
    """The colour, or the nearest lighter one that contrasts enough with a dark background."""
    return _shifted(colour, (background,), ratio, 1.0)


def darker(colour: str, backgrounds: Iterable[str], ratio: float) -> str:
    """The colour, or the nearest darker one that contrasts enough with all light backgrounds."""
    return _shifted(colour, tuple(backgrounds), ratio, 0.0)


def _shifted(colour: str, backgrounds: tuple[str, ...], ratio: float, end: float) -> str:
    """The first colour with the ratio on the way to black (0) or white (1), its hue kept."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*channels(colour))
    for step in range(_STEPS + 1):
        way = lightness + (end - lightness) * step / _STEPS
        found = of_channels(colorsys.hls_to_rgb(hue, way, saturation)) if step else colour
        if all(contrast(found, each) >= ratio for each in backgrounds):
            return found
    return found


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _lab(colour: str) -> tuple[float, float, float]:
    """L*, a*, b* of a colour under daylight (D65)."""
    red, green, blue = map(_linear, channels(colour))
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (
        v ** (1 / 3) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in (x, y, z)
    )
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)
