"""Charts of rows: a name and a line of marks each; on a phone the name stands above the marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mlm.pages.drawing.canvas import LETTERS, LINE, SMALLER, Canvas
from mlm.pages.drawing.letters import REGULAR, STRONG
from mlm.pages.drawing.look import INK, MUTED, RULE
from mlm.pages.drawing.numbers import Scale, tick_words, ticks
from mlm.pages.drawing.panel import write_names

MOST_OF_WIDTH = 0.42  # that names may take on paper
INDENT = 8.0


@dataclass(frozen=True)
class Row:
    """A row: its name, whether it is a heading without marks, a text at its right end."""

    name: str
    is_heading: bool = False
    is_indented: bool = False
    value: str = ""


@dataclass(frozen=True)
class Rail:
    """Where the marks of the rows stand: the scale along them, and the middle of each."""

    x: Scale
    middles: list[float]


def lay_rows(
    canvas: Canvas,
    rows: Sequence[Row],
    span: tuple[float, float],
    label: str,
    thick: float = 15.0,
    style: str = "number",
    marks: Sequence[float] | None = None,
    words: Sequence[str] | None = None,
    zero: bool = True,
) -> Rail:
    """Names, grid and axis of rows, below what is drawn.

    Parameters
    ----------
    span : tuple of float
        Lowest and highest value along the rows.
    label : str
        What the values are, below the axis.
    thick : float
        Height that the marks of a row need.
    style : str
        How the numbers of the axis are printed; see :func:`mlm.pages.rounding.render`.
    marks : sequence of float, optional
        Of the axis; default: round values.
    words : sequence of str, optional
        What is printed at the marks; default: their values.
    zero : bool
        Whether zero has a line.
    """
    left, right = _sides(canvas, rows)
    x = Scale(*span, left, right)
    top = canvas.height + 2
    middles, feet, y = [], [], top
    for row in rows:
        lines = canvas.wrap(row.name, _room(canvas, row, left), LETTERS, _weight(row))
        beside, high = _heights(canvas, row, len(lines), thick)
        middles.append(y + high - beside / 2 - (5 if canvas.is_narrow else 0))
        feet.append((y, lines))
        y += high
    chosen = list(ticks(*span, most=4 if canvas.is_narrow else 7)) if marks is None else list(marks)
    parts = [(top, y)]
    if canvas.is_narrow:
        parts = [
            (middle - thick / 2, middle + thick / 2)
            for row, middle in zip(rows, middles, strict=True)
            if not row.is_heading
        ]
    for start, end in parts:
        _grid(canvas, x, chosen, start, end, zero and span[0] <= 0 <= span[1])
    for row, middle, (start, lines) in zip(rows, middles, feet, strict=True):
        _name(canvas, row, lines, start, middle)
    printed = tick_words(chosen, style) if words is None else words
    _axis(canvas, x, list(zip(chosen, printed, strict=True)), y, label)
    return Rail(x, middles)


def _grid(
    canvas: Canvas, x: Scale, marks: Sequence[float], start: float, end: float, zero: bool
) -> None:
    for value in marks:
        canvas.line(x(value), start, x(value), end, RULE, 0.6)
    if zero:
        canvas.line(x(0), start, x(0), end, INK, 0.9)


def _sides(canvas: Canvas, rows: Sequence[Row]) -> tuple[float, float]:
    """Where marks begin and end."""
    if canvas.is_narrow:
        return 6.0, canvas.width - 6.0
    names = [canvas.width_of(row.name, LETTERS, _weight(row)) for row in rows if not row.is_heading]
    values = [canvas.width_of(row.value, SMALLER) for row in rows]
    left = min(max(names, default=0.0) + INDENT, MOST_OF_WIDTH * canvas.width) + 10
    return left, canvas.width - 8 - max(values, default=0.0)


def _room(canvas: Canvas, row: Row, left: float) -> float:
    """Width for the name of a row."""
    if row.is_heading:
        return canvas.width
    if canvas.is_narrow:
        return canvas.width - canvas.width_of(row.value, SMALLER) - 6
    return left - 10 - (INDENT if row.is_indented else 0)


def _weight(row: Row) -> int:
    return STRONG if row.is_heading else REGULAR


def _heights(canvas: Canvas, row: Row, lines: int, thick: float) -> tuple[float, float]:
    """Height of the part with marks, and of the whole row."""
    words = LINE * lines
    if row.is_heading:
        return 0.0, words + 5
    if canvas.is_narrow:
        return thick, words + thick + 7
    high = max(words + 4, thick + 3)
    return high, high


def _name(canvas: Canvas, row: Row, lines: list[str], start: float, middle: float) -> None:
    x = INDENT if row.is_indented and not canvas.is_narrow else 0.0
    if row.is_heading or canvas.is_narrow:
        y = start + LETTERS + (4 if row.is_heading else 1)
    else:
        y = middle - LINE * (len(lines) - 1) / 2 + 3.6
    canvas.lines(x, y, lines, weight=_weight(row), halo=row.is_heading or canvas.is_narrow)
    if row.value:
        foot = y if canvas.is_narrow else middle + 3.4
        canvas.text(canvas.width, foot, row.value, anchor="end", size=SMALLER, halo=True)


def _axis(canvas: Canvas, x: Scale, names: list[tuple[float, str]], y: float, label: str) -> None:
    canvas.line(x.start, y, x.end, y, MUTED, 0.8)
    foot = write_names(canvas, [(x(value), word) for value, word in names], y, canvas.width)
    wide = canvas.width if canvas.is_narrow else canvas.width - x.start
    start = 0.0 if canvas.is_narrow else x.start
    lines = canvas.wrap(label, wide, SMALLER) if label else []
    foot = canvas.lines(start, foot + 3, lines, size=SMALLER, colour=MUTED)
    canvas.height = foot - SMALLER + 6
