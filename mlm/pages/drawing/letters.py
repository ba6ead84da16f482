"""Letters: font files in the order in which they are asked, widths of texts, outlines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

REGULAR, STRONG = 400, 600
FALLBACK = "DejaVuSans.ttf"
SOURCE_SANS = {REGULAR: "SourceSansPro-Regular.otf", STRONG: "SourceSansPro-Semibold.otf"}
USUAL_FAMILIES = ("Source Sans Pro", "DejaVu Sans")


def fallback_folder() -> Path:
    """Fonts that come with matplotlib; they have Greek, Cyrillic, Arabic and more."""
    return Path(find_spec("matplotlib").origin).parent / "mpl-data" / "fonts" / "ttf"


@dataclass(frozen=True)
class Typeface:
    """The letters of a house.

    Parameters
    ----------
    regular, strong : tuple of Path
        Font files; a letter is that of the first which has it. The last has nearly all.
    families : tuple of str
        Names of their families, in the same order.
    """

    regular: tuple[Path, ...]
    strong: tuple[Path, ...]
    families: tuple[str, ...] = USUAL_FAMILIES

    def files(self, weight: int) -> tuple[Path, ...]:
        """Font files of a weight."""
        return self.strong if weight == STRONG else self.regular


def usual_typeface(fonts: Path) -> Typeface:
    """The letters without a house style.

    Parameters
    ----------
    fonts : Path
        Folder with the fonts of the reports.
    """
    last = fallback_folder() / FALLBACK
    return Typeface((fonts / SOURCE_SANS[REGULAR], last), (fonts / SOURCE_SANS[STRONG], last))


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

    @property
    def letters(self) -> frozenset[int]:
        """Code points of the letters that it has."""
        return frozenset(self._names)

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


def letters_of(path: Path) -> frozenset[int]:
    """Code points of the letters that a font file has."""
    return _face(path).letters


@lru_cache(maxsize=4096)
def _face_of(letter: str, typeface: Typeface, weight: int) -> _Face:
    """The first font that has a letter, else the last one."""
    faces = map(_face, typeface.files(weight))
    return next((face for face in faces if face.has(letter)), _face(typeface.files(weight)[-1]))


@lru_cache(maxsize=8192)
def width_of(text: str, typeface: Typeface, size: float, weight: int = REGULAR) -> float:
    """Width of a text on one line, in the unit of the letter size."""
    return size * sum(_face_of(letter, typeface, weight).advance(letter) for letter in text)


@dataclass(frozen=True)
class Outline:
    """A letter as a shape: its commands, and the size of the font's units to one of its size."""

    commands: str
    scale: float
    advance: float


@lru_cache(maxsize=2048)
def outline_of(letter: str, typeface: Typeface, weight: int = REGULAR) -> Outline:
    """The shape of a letter."""
    face = _face_of(letter, typeface, weight)
    return Outline(face.outline(letter), 1.0 / face.em, face.advance(letter))
