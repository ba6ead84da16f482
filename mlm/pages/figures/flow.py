"""Flow of units under a policy: a column a group, from who was assigned to the last wave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlm.pages.drawing.canvas import LETTERS, LINE, SMALL_LINE, SMALLER, Canvas
from mlm.pages.drawing.letters import STRONG
from mlm.pages.drawing.look import INK, MUTED, category_style
from mlm.pages.drawing.panel import GAP
from mlm.pages.rounding import CONFIDENTIAL, render

BOX_EDGE = 7.0  # from the edge of a box to its words
ARROW = 16.0  # between two boxes
STRIPE = 4.0  # of the colour of a group, at the top of its first box
ABREAST = 3  # groups beside each other on paper


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """A column a group, beside each other on paper, below each other on a phone."""
    groups = list(dict.fromkeys(data["category"]))
    columns = 1 if canvas.is_narrow else min(ABREAST, len(groups))
    wide = (canvas.width - 1 - GAP * (columns - 1)) / columns
    for start in range(0, len(groups), columns):
        top, foot = canvas.height + 2, canvas.height
        for place, group in enumerate(groups[start : start + columns]):
            rows = [i for i, name in enumerate(data["category"]) if name == group]
            end = _column(canvas, data, options, rows, (place * (wide + GAP) + 0.5, top, wide))
            foot = max(foot, end)
        canvas.height = foot + 14


def _column(
    canvas: Canvas,
    data: Mapping[str, Any],
    options: Mapping[str, Any],
    rows: Sequence[int],
    place: tuple[float, float, float],
) -> float:
    """The boxes of one group; returns the foot of the last."""
    left, y, wide = place
    group = data["category"][rows[0]]
    first = options["start"].format(n=_count(data["assigned"][rows[0]]))
    colour = category_style(options["places"][group]).colour
    canvas.box(left, y, wide, STRIPE, colour)
    y = _box(canvas, left, y, wide, [(group, STRONG), (first, None)])
    for i in rows:
        canvas.line(left + wide / 2, y, left + wide / 2, y + ARROW - 4, MUTED, 1.0)
        canvas.mark(left + wide / 2, y + ARROW - 4, MUTED, "down", 3.0)
        seen = options["seen"].format(place=data["wave"][i], n=_count(data["seen"][i]))
        moved = options["moved"].format(n=_count(data["moved"][i]))
        gone = options["gone"].format(n=_count(data["gone"][i]))
        y = _box(canvas, left, y + ARROW, wide, [(seen, None), (moved, None), (gone, None)])
    return y


def _box(
    canvas: Canvas, x: float, y: float, wide: float, words: Sequence[tuple[str, int | None]]
) -> float:
    """A box around lines of words; returns its foot."""
    room, lines = wide - 2 * BOX_EDGE, []
    for text, weight in words:
        size, strong = (LETTERS, weight) if weight else (SMALLER, 400)
        lines += [(line, size, strong) for line in canvas.wrap(text, room, size, strong)]
    high = sum(LINE if size == LETTERS else SMALL_LINE for _line, size, _w in lines) + 2 * BOX_EDGE
    canvas.box(x, y, wide, high, "none", MUTED)
    foot = y + BOX_EDGE + SMALLER
    for line, size, weight in lines:
        canvas.text(x + BOX_EDGE, foot, line, size=size, weight=weight, colour=INK)
        foot += LINE if size == LETTERS else SMALL_LINE
    return y + high


def _count(value: int | None) -> str:
    return CONFIDENTIAL if value is None else render(value, 0, "count")
