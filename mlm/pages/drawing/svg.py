"""A canvas as the text of an SVG: with letters for pages, with outlines where no font may be."""

from __future__ import annotations

from html import escape

from mlm.pages.drawing.canvas import HALO, LETTERS, Canvas, Text
from mlm.pages.drawing.letters import REGULAR, outline_of
from mlm.pages.drawing.look import INK, PAPER
from mlm.pages.drawing.numbers import short

HATCH = (
    '<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="6" '
    f'stroke="{PAPER}" stroke-width="1.2"/></pattern>'
)
BACK = {"start": 0.0, "middle": 0.5, "end": 1.0}


def to_svg(canvas: Canvas, title: str = "", description: str = "", outlined: bool = False) -> str:
    """The SVG of a canvas.

    Parameters
    ----------
    canvas : Canvas
    title, description : str
        Told to those who do not see the chart; left out where empty.
    outlined : bool
        Whether letters become paths, so that the file needs no font, on white paper.
    """
    wide, high = short(canvas.width + 2 * canvas.margin), short(canvas.height)
    view = f'viewBox="{short(-canvas.margin)} 0 {wide} {high}"'
    size = f'width="{wide}pt" height="{high}pt"'
    about = "".join(
        f"<{name}>{escape(text, quote=False)}</{name}>"
        for name, text in (("title", title), ("desc", description))
        if text
    )
    defs = f"<defs>{HATCH}</defs>" if canvas.hatches else ""
    if outlined:
        letters = Letters(canvas)
        body = "\n".join(letters.part(part) for part in canvas.parts)
        paper = f'<rect x="{short(-canvas.margin)}" width="{wide}" height="{high}" fill="{PAPER}"/>'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f"{size} {view}>{about}{defs}<defs>{letters.shapes()}</defs>{paper}"
            f'<g fill="{INK}">\n{body}\n</g></svg>\n'
        )
    family = ", ".join(f"'{name}'" for name in canvas.typeface.families)
    body = "\n".join(_written(part) if isinstance(part, Text) else part for part in canvas.parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view}>{about}{defs}'
        f'<g fill="{INK}" font-family="{family}" font-size="{LETTERS}">\n{body}\n</g></svg>\n'
    )


def _written(text: Text) -> str:
    look = f' text-anchor="{text.anchor}"' if text.anchor != "start" else ""
    look += f' font-size="{text.size:g}"' if text.size != LETTERS else ""
    look += f' font-weight="{text.weight}"' if text.weight != REGULAR else ""
    look += f' fill="{text.colour}"' if text.colour != INK else ""
    if text.halo:
        look += f' stroke="{PAPER}" stroke-width="{HALO:g}" paint-order="stroke"'
    words = escape(text.words, quote=False)
    return f'<text x="{short(text.x)}" y="{short(text.y)}"{look}>{words}</text>'


class Letters:
    """Letters of a canvas as shapes, each stored once and placed where it is needed."""

    def __init__(self, canvas: Canvas):
        self._canvas = canvas
        self._names: dict[tuple[str, int], str] = {}

    def part(self, part: str | Text) -> str:
        """A part of the drawing, a text as its letters."""
        if isinstance(part, str):
            return part
        drawn = self._placed(part)
        halo = ""
        if part.halo and part.words:
            scale = part.size * outline_of(part.words[0], self._canvas.typeface, part.weight).scale
            wide = f"{HALO / scale:.0f}"
            halo = f'<g stroke="{PAPER}" stroke-width="{wide}" fill="{PAPER}">{drawn}</g>'
        colour = f' fill="{part.colour}"' if part.colour != INK else ""
        return f"{halo}<g{colour}>{drawn}</g>"

    def shapes(self) -> str:
        """The shapes of all letters that were placed, for the head of the file."""
        return "".join(
            f'<path id="{name}" d="{outline_of(letter, self._canvas.typeface, weight).commands}"/>'
            for (letter, weight), name in self._names.items()
        )

    def _placed(self, text: Text) -> str:
        canvas = self._canvas
        x = text.x - BACK[text.anchor] * canvas.width_of(text.words, text.size, text.weight)
        placed = []
        for letter in text.words:
            shape = outline_of(letter, canvas.typeface, text.weight)
            scale = text.size * shape.scale
            if shape.commands:
                name = self._names.setdefault((letter, text.weight), f"l{len(self._names)}")
                move = f"matrix({scale:.5f} 0 0 {-scale:.5f} {x:.2f} {text.y:.2f})"
                placed.append(f'<use xlink:href="#{name}" transform="{move}"/>')
            x += text.size * shape.advance
        return "".join(placed)
