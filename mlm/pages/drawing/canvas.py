"""A chart in the making: texts and marks at places, measured before they are set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mlm.pages.drawing.letters import REGULAR, Typeface, width_of
from mlm.pages.drawing.look import INK, PAPER
from mlm.pages.drawing.numbers import short
from mlm.pages.drawing.palette import USUAL, Palette

WIDE, NARROW = 518.0, 240.0  # of a chart on paper and large screens, and on a phone
LETTERS = 10.5
SMALLER = 9.5
LEADING = 1.22  # height of a line, in letter sizes
HALO = 3.0
DENSE = 2.5  # radius up to which marks stand so close that an edge would hide them
LINE, SMALL_LINE = LEADING * LETTERS, LEADING * SMALLER
SIDES = {"square": 4, "diamond": 4, "triangle": 3, "down": 3}


@dataclass(frozen=True)
class Text:
    """Words set at a place: `anchor` is start, middle or end; `halo` parts them from lines."""

    words: str
    x: float
    y: float
    anchor: str
    size: float
    weight: int
    colour: str
    halo: bool


class Canvas:
    """A chart in the making, `width` units wide; `height` grows with what is drawn.

    Parameters
    ----------
    typeface : Typeface
        The letters, by which texts are measured.
    is_narrow : bool
        Whether the chart is for a phone: labels above marks, panels below each other.
    palette : Palette
        Colours of the house, in which the usual ones will be shown.

    Attributes
    ----------
    height : float
        Of what is drawn so far; what follows is drawn below it.
    margin : float
        Of paper to the left and the right.
    """

    def __init__(self, typeface: Typeface, is_narrow: bool = False, palette: Palette = USUAL):
        self.typeface = typeface
        self.palette = palette
        self.is_narrow = is_narrow
        self.width = NARROW if is_narrow else WIDE
        self.height = 0.0
        self.margin = 0.0
        self.parts: list[str | Text] = []
        self.hatches: set[str] = set()

    def width_of(self, words: str, size: float = LETTERS, weight: int = REGULAR) -> float:
        """Width of words on one line."""
        return width_of(words, self.typeface, size, weight)

    def wrap(
        self, words: str, width: float, size: float = LETTERS, weight: int = REGULAR
    ) -> list[str]:
        """Words on as many lines as they need; a word that is too long is parted."""
        lines: list[str] = []
        for word in words.split(" "):
            joined = f"{lines[-1]} {word}" if lines else word
            if lines and self.width_of(joined, size, weight) <= width:
                lines[-1] = joined
                continue
            lines += self._parted(word, width, size, weight)
        return lines or [""]

    def _parted(self, word: str, width: float, size: float, weight: int) -> list[str]:
        if self.width_of(word, size, weight) <= width or len(word) < 2:
            return [word]
        end = len(word) - 1
        while end > 1 and self.width_of(word[:end], size, weight) > width:
            end -= 1
        return [word[:end], *self._parted(word[end:], width, size, weight)]

    def text(
        self,
        x: float,
        y: float,
        words: str,
        anchor: str = "start",
        size: float = LETTERS,
        weight: int = REGULAR,
        colour: str = INK,
        halo: bool = False,
    ) -> None:
        """Words on one line, whose foot is at `y`."""
        if words:
            self.parts.append(Text(words, x, y, anchor, size, weight, colour, halo))

    def lines(
        self, x: float, y: float, lines: Sequence[str], size: float = LETTERS, **look
    ) -> float:
        """Lines below each other, the foot of the first at `y`; returns the foot of the next."""
        for line in lines:
            self.text(x, y, line, size=size, **look)
            y += LEADING * size
        return y

    def line(
        self, x1: float, y1: float, x2: float, y2: float, colour: str, width: float, dash: str = ""
    ) -> None:
        """A straight line."""
        at = f'x1="{short(x1)}" y1="{short(y1)}" x2="{short(x2)}" y2="{short(y2)}"'
        self.parts.append(f"<line {at}{_stroke(colour, width, dash)}/>")

    def path(
        self, points: Iterable[tuple[float, float]], colour: str, width: float, dash: str = ""
    ) -> None:
        """A line through points."""
        drawn = " ".join(f"{short(x)},{short(y)}" for x, y in points)
        self.parts.append(f'<polyline points="{drawn}" fill="none"{_stroke(colour, width, dash)}/>')

    def area(self, points: Iterable[tuple[float, float]], colour: str, opacity: float) -> None:
        """A filled shape."""
        drawn = " ".join(f"{short(x)},{short(y)}" for x, y in points)
        self.parts.append(f'<polygon points="{drawn}" fill="{colour}" opacity="{opacity:g}"/>')

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str = "none",
        edge: str = "",
        opacity: float = 1.0,
        is_hatched: bool = False,
    ) -> None:
        """A rectangle."""
        at = f'x="{short(x)}" y="{short(y)}" width="{short(width)}" height="{short(height)}"'
        look = f' fill="{fill}"' + (f' opacity="{opacity:.2g}"' if opacity < 1 else "")
        self.parts.append(f"<rect {at}{look}{_stroke(edge, 0.8, '') if edge else ''}/>")
        if is_hatched:
            self.hatches.add(PAPER)
            self.parts.append(f'<rect {at} fill="url(#hatch)"/>')

    def mark(
        self,
        x: float,
        y: float,
        colour: str,
        shape: str = "circle",
        radius: float = 3.6,
        is_open: bool = False,
    ) -> None:
        """A circle, square, diamond or triangle; an open one shows paper inside."""
        fill, edge = (PAPER, colour) if is_open else (colour, PAPER)
        thick = 1.3 if is_open else 0.7 if radius > DENSE else 0.0
        look = f' fill="{fill}"' + (_stroke(edge, thick, "") if thick else "")
        if shape == "circle":
            at = f'cx="{short(x)}" cy="{short(y)}" r="{short(radius)}"'
            self.parts.append(f"<circle {at}{look}/>")
            return
        corners = " ".join(f"{short(x + a)},{short(y + b)}" for a, b in _corners(shape, radius))
        self.parts.append(f'<polygon points="{corners}"{look}/>')

    def shifted(self, down: float) -> list[str | Text]:
        """What is drawn, moved down: marks in one group, texts one by one."""
        moved: list[str | Text] = [f'<g transform="translate(0 {short(down)})">']
        moved += [part for part in self.parts if isinstance(part, str)]
        moved.append("</g>")
        texts = [part for part in self.parts if isinstance(part, Text)]
        return moved + [replace(part, y=part.y + down) for part in texts]


def _stroke(colour: str, width: float, dash: str) -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f' stroke="{colour}" stroke-width="{width:g}"{dashes}'


def _corners(shape: str, radius: float) -> list[tuple[float, float]]:
    r = radius
    return {
        "square": [
            (-0.9 * r, -0.9 * r),
            (0.9 * r, -0.9 * r),
            (0.9 * r, 0.9 * r),
            (-0.9 * r, 0.9 * r),
        ],
        "diamond": [(0, -1.25 * r), (1.25 * r, 0), (0, 1.25 * r), (-1.25 * r, 0)],
        "triangle": [(0, -1.15 * r), (1.1 * r, 0.85 * r), (-1.1 * r, 0.85 * r)],
        "down": [(0, 1.15 * r), (1.1 * r, -0.85 * r), (-1.1 * r, -0.85 * r)],
    }[shape]
