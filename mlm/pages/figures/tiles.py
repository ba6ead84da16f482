"""Tile map: one tile a unit, its colour and mark the side of expectation on which it lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import LEADING, SMALLER, Canvas
from mlm.pages.drawing.key import Entry, key
from mlm.pages.drawing.look import MUTED, NAVY, ORANGE, PAPER, RULE

WIDEST_TILE = 44.0  # of a tile
SIDES = {"above": NAVY, "expected": RULE, "below": ORANGE}


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """The key of the sides that occur, then the tiles."""
    shown = [side for side in (*SIDES, "unknown") if side in data["side"]]
    key(canvas, [_entry(options["words"][side], side) for side in shown])
    left, top = min(data["column"]), min(data["row"])
    columns = max(data["column"]) - left + 1
    rows = max(data["row"]) - top + 1
    wide = min(canvas.width / columns, WIDEST_TILE)
    for unit, column, row, side in zip(
        data["unit"], data["column"], data["row"], data["side"], strict=True
    ):
        place = (column - left) * wide, canvas.height + (row - top) * wide
        _tile(canvas, *place, wide - 2, side)
        size = SMALLER if canvas.width_of(unit, SMALLER) <= wide - 5 else SMALLER - 2
        lines = canvas.wrap(unit, wide - 5, size)
        foot = place[1] + wide / 2 + 2.2 - (len(lines) - 1) * LEADING * size / 2
        canvas.lines(place[0] + (wide - 2) / 2, foot, lines, size=size, anchor="middle")
    canvas.width = max(columns * wide, min(canvas.width, 240.0))
    canvas.height += rows * wide + 4


def _entry(words: str, side: str) -> Entry:
    return Entry(words, lambda canvas, x, y: _tile(canvas, x, y - 6, 13.0, side))


def _tile(canvas: Canvas, x: float, y: float, wide: float, side: str) -> None:
    """A tile; those above have a triangle at the top, those below one at the foot."""
    if side not in SIDES:
        canvas.box(x + 0.5, y + 0.5, wide - 1, wide - 1, PAPER, MUTED)
        return
    colour = SIDES[side]
    canvas.box(x, y, wide, wide, PAPER)
    canvas.box(x, y, wide, wide, colour, opacity=canvas.palette.deepest(colour))
    middle = x + wide / 2
    if side == "above":
        canvas.mark(middle, y + 4.5, colour, "triangle", 3.2)
    elif side == "below":
        canvas.mark(middle, y + wide - 4.5, colour, "down", 3.2)
