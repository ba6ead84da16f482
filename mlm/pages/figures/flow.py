"""Flow of units under a policy: a column a group, from who was allocated to the last wave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
INSET = 10.0  # of a line that tells a part of the one above it


@dataclass(frozen=True)
class BoxLine:
    """One line of a box; a weight of its own makes it a heading."""

    text: str
    weight: int | None = None
    inset: float = 0.0


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
    canvas.box(left, y, wide, STRIPE, category_style(options["places"][group]).colour)
    y = _box(canvas, left, y, wide, [BoxLine(group, STRONG), *_told(data, options, rows[0])])
    for i in rows[1:]:
        canvas.line(left + wide / 2, y, left + wide / 2, y + ARROW - 4, MUTED, 1.0)
        canvas.mark(left + wide / 2, y + ARROW - 4, MUTED, "down", 3.0)
        y = _box(canvas, left, y + ARROW, wide, _told(data, options, i))
    return y


def _told(data: Mapping[str, Any], options: Mapping[str, Any], row: int) -> list[BoxLine]:
    """The lines of a wave: who is seen, what of them, and who is not."""
    is_first = data["wave"][row] == options["start"]
    count = {
        name: _count(data[name][row])
        for name in ("seen", "with_outcome", "moved", "gone")
        if name in data
    }
    head = options["allocated" if is_first else "seen"]
    lines = [BoxLine(head.format(place=data["wave"][row], n=count["seen"]))]
    lines.append(BoxLine(options["with_outcome"].format(n=count["with_outcome"]), inset=INSET))
    if not is_first and "moved" in count:
        lines.append(BoxLine(options["moved"].format(n=count["moved"]), inset=INSET))
    if not is_first:
        lines.append(BoxLine(options["gone"].format(n=count["gone"])))
    return lines


def _box(canvas: Canvas, x: float, y: float, wide: float, words: Sequence[BoxLine]) -> float:
    """A box around lines of words; returns its foot."""
    lines = []
    for part in words:
        size, strong = (LETTERS, part.weight) if part.weight else (SMALLER, 400)
        room = wide - 2 * BOX_EDGE - part.inset
        lines += [
            (line, size, strong, part.inset) for line in canvas.wrap(part.text, room, size, strong)
        ]
    high = sum(LINE if size == LETTERS else SMALL_LINE for __, size, *_rest in lines) + 2 * BOX_EDGE
    canvas.box(x, y, wide, high, "none", MUTED)
    foot = y + BOX_EDGE + SMALLER
    for line, size, weight, inset in lines:
        canvas.text(x + BOX_EDGE + inset, foot, line, size=size, weight=weight, colour=INK)
        foot += LINE if size == LETTERS else SMALL_LINE
    return y + high


def _count(value: int | None) -> str:
    return CONFIDENTIAL if value is None else render(value, 0, "count")
