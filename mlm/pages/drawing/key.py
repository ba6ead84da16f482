"""The key of a chart: samples of its marks with their names, on as many lines as they need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mlm.pages.drawing.canvas import LEADING, LETTERS, Canvas
from mlm.pages.drawing.look import Style

SAMPLE = 22.0  # width of a sample with the space behind it
BETWEEN = 14.0  # two entries


@dataclass(frozen=True)
class Entry:
    """A name in the key, and what draws its sample around a place."""

    name: str
    sample: Callable[[Canvas, float, float], None]


def mark_entry(name: str, style: Style, is_open: bool = False, has_line: bool = True) -> Entry:
    """A mark, on its line where it has one."""

    def sample(canvas: Canvas, x: float, y: float) -> None:
        if has_line:
            canvas.line(x, y, x + SAMPLE - 6, y, style.colour, 1.5, style.dash)
        canvas.mark(x + (SAMPLE - 6) / 2, y, style.colour, style.shape, 3.4, is_open)

    return Entry(name, sample)


def line_entry(name: str, colour: str, width: float = 1.5, dash: str = "") -> Entry:
    """A line."""
    return Entry(
        name, lambda canvas, x, y: canvas.line(x, y, x + SAMPLE - 6, y, colour, width, dash)
    )


def box_entry(name: str, colour: str, is_hatched: bool = False, opacity: float = 1.0) -> Entry:
    """A filled box."""
    return Entry(
        name,
        lambda canvas, x, y: canvas.box(
            x, y - 4.5, SAMPLE - 8, 9, colour, opacity=opacity, is_hatched=is_hatched
        ),
    )


def key(canvas: Canvas, entries: Sequence[Entry]) -> None:
    """The key below what is drawn."""
    x, height = 0.0, LEADING * LETTERS
    y = canvas.height + height
    for entry in entries:
        lines = canvas.wrap(entry.name, canvas.width - SAMPLE)
        wide = SAMPLE + max(canvas.width_of(line) for line in lines)
        if x and x + wide > canvas.width:
            x, y = 0.0, y + height + 2
        entry.sample(canvas, x, y - 3.6)
        foot = canvas.lines(x + SAMPLE, y, lines)
        y = foot - height
        x += wide + BETWEEN
    canvas.height = y + 8
