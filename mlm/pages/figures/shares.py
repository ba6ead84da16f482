"""Stacked bars: the share of the variation at each level, one bar a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import LETTERS, SMALLER, Canvas
from mlm.pages.drawing.key import box_entry, key
from mlm.pages.drawing.letters import STRONG
from mlm.pages.drawing.look import MUTED, PAPER, level_style
from mlm.pages.drawing.numbers import Scale
from mlm.pages.drawing.rows import Row, lay_rows
from mlm.pages.rounding import render

THICK = 30.0
FIFTHS = (0.0, 20.0, 40.0, 60.0, 80.0, 100.0)


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """A key, then the bars; a piece too small for its number has it above the bar."""
    models = list(dict.fromkeys(data["model"]))
    _key(canvas, data, options)
    names = ["" if options["compact"] else model for model in models]
    rows = [Row(name) for name in names]
    track = lay_rows(canvas, rows, (0.0, 100.0), options["x"], THICK + 26, marks=FIFTHS, zero=False)
    for middle, model in zip(track.middles, models, strict=True):
        items = [i for i, name in enumerate(data["model"]) if name == model]
        _bar(canvas, track.x, middle, items, data, options)


def _bar(
    canvas: Canvas,
    x: Scale,
    middle: float,
    items: list[int],
    data: Mapping[str, Any],
    options: Mapping[str, Any],
) -> None:
    left, free = 0.0, x(0.0)
    for i in items:
        width = 100 * (data["share"][i] or 0.0)
        start, end = x(left), x(left + width)
        colour, hatched = level_style(data["level"][i], options["levels"])
        top, wide = middle - THICK / 2, max(end - start, 0.4)
        canvas.box(start, top, wide, THICK, colour, PAPER, is_hatched=hatched)
        words = render(width, 1, "number")
        needed = canvas.width_of(words, LETTERS, STRONG)
        place = (start + end) / 2
        if needed + 4 <= end - start:
            look = {"anchor": "middle", "weight": STRONG, "colour": canvas.palette.on(colour)}
            if hatched:
                canvas.box(place - needed / 2 - 2, middle - 7, needed + 4, 14, colour)
            canvas.text(place, middle + 3.7, words, **look)
        elif width > 0:
            needed = canvas.width_of(words, SMALLER)
            at = min(max(place - needed / 2, free), canvas.width - needed)
            canvas.line(place, top - 3, place, top, MUTED, 0.7)
            canvas.text(at, top - 4, words, size=SMALLER)
            free = at + needed + 4
        left += width


def _key(canvas: Canvas, data: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    labels: dict[str, str] = {}
    for level, label in zip(data["level"], data["label"], strict=True):
        labels.setdefault(level, label)  # a piece that holds others too keeps its own name
    entries = []
    for i, (level, label) in enumerate(labels.items()):
        colour, hatched = level_style(level, options["levels"])
        share = f" {render(data['share'][i] or 0.0, 1, 'percent')}" if options["compact"] else ""
        entries.append(box_entry(f"{label}{share}", colour, hatched))
    key(canvas, entries)
