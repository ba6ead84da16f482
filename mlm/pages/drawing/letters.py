"""Letters of charts: how wide a text is, and its outlines where no font may be at hand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

REGULAR, STRONG = 400, 600
FACES = {REGULAR: "SourceSansPro-Regular.otf", STRONG: "SourceSansPro-Semibold.otf"}
FALLBACK = "DejaVuSans.ttf"


def fallback_folder() -> Path:
    """Fonts that come with matplotlib; they have Greek, Cyrillic, Arabic and more."""
    return Path(find_spec("matplotlib").origin).parent / "mpl-data" / "fonts" / "ttf"


class _Face:
    """One font file: advance widths and outlines of its letters, in parts of the letter size."""

    def __init__(self, path: Path):
        from fontTools.ttLib import TTFont

        font = TTFont(path, lazy=True)
        self._font = font
        self.em = font["head"].unitsPerEm
        self._names: dict[int, str] = font.getBestCmap()
        self._advances = font["hmtx"].metrics

    def has(self, letter: str) -> bool:
        return ord(letter) in self._names

    def advance(self, letter: str) -> float:
        name = self._names.get(ord(letter), ".notdef")
        return self._advances[name][0] / self.em

    def outline(self, letter: str) -> str:
        """SVG path commands of a letter, in the units of the font, upwards."""
        from fontTools.pens.svgPathPen import SVGPathPen

        glyphs: Any = self._font.getGlyphSet()
        pen = SVGPathPen(glyphs, ntos=lambda value: f"{value:.0f}")
        glyphs[self._names.get(ord(letter), ".notdef")].draw(pen)
        return pen.getCommands()


@cache
def _face(path: Path) -> _Face:
    return _Face(path)


@lru_cache(maxsize=4096)
def _face_of(letter: str, fonts: Path, weight: int) -> _Face:
    """The font that has a letter: the one of the reports, else the one that has nearly all."""
    own = _face(fonts / FACES[weight])
    return own if own.has(letter) else _face(fallback_folder() / FALLBACK)


@lru_cache(maxsize=8192)
def width_of(text: str, fonts: Path, size: float, weight: int = REGULAR) -> float:
    """Width of a text on one line, in the unit of the letter size."""
    return size * sum(_face_of(letter, fonts, weight).advance(letter) for letter in text)


@dataclass(frozen=True)
class Outline:
    """A letter as a shape: its commands, and the size of the font's units to one of its size."""

    commands: str
    scale: float
    advance: float


@lru_cache(maxsize=2048)
def outline_of(letter: str, fonts: Path, weight: int = REGULAR) -> Outline:
    """The shape of a letter."""
    face = _face_of(letter, fonts, weight)
    return Outline(face.outline(letter), 1.0 / face.em, face.advance(letter))
