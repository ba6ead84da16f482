"""Attrition: for each step from wave to wave, who stays, who leaves and who is new."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import SMALLER, Canvas
from mlm.pages.drawing.key import box_entry, key
from mlm.pages.drawing.look import NAVY, ORANGE, PAPER, TEAL
from mlm.pages.drawing.numbers import Scale, tick_words, ticks
from mlm.pages.drawing.rows import Row, lay_rows
from mlm.pages.rounding import CONFIDENTIAL, render

SERIES = (("stay", NAVY), ("leave", ORANGE), ("new", TEAL))
STEP_BAR = 22.0


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """One bar a step; those who leave are drawn to the left of zero.

    Hidden numbers of a step have one mark together.
    """
    key(canvas, [box_entry(options["names"][name], colour) for name, colour in SERIES])
    count = len(data["step"])
    left = max((data["leave"][i] or 0 for i in range(count)), default=0)
    right = max(((data["stay"][i] or 0) + (data["new"][i] or 0) for i in range(count)), default=0)
    room = 0.05 * (left + right or 1)
    span = (-left - room, right + room)
    rows = [Row(step) for step in data["step"]]
    marks = ticks(*span, most=4 if canvas.is_narrow else 7)
    words = tick_words([abs(mark) for mark in marks], "count")
    track = lay_rows(canvas, rows, span, options["x"], STEP_BAR + 4, marks=marks, words=words)
    for row, middle in enumerate(track.middles):
        _bars(canvas, track.x, middle, {name: data[name][row] for name, _colour in SERIES})


def _bars(canvas: Canvas, x: Scale, middle: float, values: Mapping[str, int | None]) -> None:
    sides = {"leave": (-(values["leave"] or 0), 0), "stay": (0, values["stay"] or 0)}
    sides["new"] = (sides["stay"][1], sides["stay"][1] + (values["new"] or 0))
    free, is_marked = x(0), False
    for name, colour in SERIES:
        start, end = (x(value) for value in sides[name])
        if end > start:
            canvas.box(start, middle - STEP_BAR / 2, end - start, STEP_BAR, colour, PAPER)
        value = values[name]
        if value == 0 or (value is None and is_marked):
            continue
        is_marked |= value is None
        words = CONFIDENTIAL if value is None else render(value, 0, "count")
        wide = canvas.width_of(words, SMALLER)
        if wide + 4 <= end - start:
            look = {"anchor": "middle", "colour": canvas.palette.on(colour)}
            canvas.text((start + end) / 2, middle + 3.3, words, size=SMALLER, **look)
        elif name == "leave":
            canvas.text(start - 3, middle + 3.3, words, "end", SMALLER, halo=True)
        else:
            at = max(end + 3, free)
            canvas.text(at, middle + 3.3, words, size=SMALLER, halo=True)
            free = at + wide + 4
