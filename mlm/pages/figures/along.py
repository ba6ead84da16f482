"""Shares of the variance by value of a variable with a random slope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.key import key, line_entry
from mlm.pages.drawing.look import DASHES, level_style
from mlm.pages.drawing.panel import HIGH, Frame, side_by_side

LINES = (DASHES[0], *DASHES[2:])


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """One line a level, told apart by dashes as well as colours."""
    levels = options["levels"]
    colours = [level_style(level, levels)[0] for level in levels]
    names = zip(options["names"], colours, strict=True)
    key(
        canvas,
        [
            line_entry(name, colour, 1.8, LINES[i % len(LINES)])
            for i, (name, colour) in enumerate(names)
        ],
    )
    span = (min(data["value"]), max(data["value"]))
    frame = Frame(span, (0.0, 1.0), "", options["y"], options["x"], style="percent")
    panel = side_by_side(canvas, [frame], HIGH)[0]
    for place, level in enumerate(levels):
        rows = [i for i, name in enumerate(data["level"]) if name == level]
        points = [panel.at(data["value"][i], data["share"][i]) for i in rows]
        canvas.path(points, colours[place], 1.8, LINES[place % len(LINES)])
