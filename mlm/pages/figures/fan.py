"""Slopes fan: the effect of a variable in groups from the least to the most affected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import LEADING, SMALLER, Canvas
from mlm.pages.drawing.look import INK, level_style
from mlm.pages.drawing.numbers import span_of
from mlm.pages.drawing.panel import TALL, Frame, side_by_side
from mlm.pages.rounding import render


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """Lines from a common point, the mean one strong."""
    colour, _hatched = level_style(options["level"], options["levels"])
    effects = data["effect"]
    end = 1.9 if canvas.is_narrow else 1.6
    frame = Frame(
        (-0.12, end),
        span_of(effects, with_zero=True),
        "",
        options["y"],
        "",
        list(enumerate(options["ends"])),
        zero="y",
    )
    panel = side_by_side(canvas, [frame], TALL)[0]
    fan = [panel.at(0, 0), panel.at(1, effects[0]), panel.at(1, effects[-1])]
    canvas.area(fan, colour, 0.12)
    middle = len(effects) // 2
    for place, effect in enumerate(effects):
        mean = place == middle
        ends = [panel.at(0, 0), panel.at(1, effect)]
        canvas.path(ends, INK if mean else colour, 2.4 if mean else 1.3, "" if mean else "4 2")
        if place in (0, middle, len(effects) - 1):
            words = options["label"].format(
                name=data["group"][place], value=render(effect, options["decimals"], "signed")
            )
            x, y = panel.at(1, effect)
            lines = canvas.wrap(words, canvas.width - x - 8, SMALLER)
            foot = y + 3.2 - LEADING * SMALLER * (len(lines) - 1) / 2
            canvas.lines(x + 7, foot, lines, size=SMALLER, halo=True)
