"""Panels: a pair of axes with their words, side by side on paper, below each other on a phone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlm.pages.drawing.canvas import LETTERS, LINE, SMALL_LINE, SMALLER, Canvas
from mlm.pages.drawing.letters import STRONG
from mlm.pages.drawing.look import INK, MUTED, RULE
from mlm.pages.drawing.numbers import Scale, span_of, tick_words, ticks

GAP = 24.0  # between panels side by side
BELOW = 14.0  # between panels below each other
LOW, HIGH, TALL = 125.0, 150.0, 190.0  # of what the axes enclose
SLIM = 330.0  # width of a chart that is as high as wide
APART = 0.12  # of a wave, between marks of two groups


@dataclass(frozen=True)
class Frame:
    """What stands around a panel.

    Parameters
    ----------
    x, y : tuple of float
        Lowest and highest value of each axis.
    title, y_label, x_label : str
    names : sequence of (float, str)
        Names at places of the horizontal axis; without them it has round numbers.
    style : str
        How numbers of the vertical axis are printed; see :func:`mlm.pages.rounding.render`.
    zero : str
        ``y`` or ``x``: the axis whose zero has a line; ``both``; or nothing.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    title: str = ""
    y_label: str = ""
    x_label: str = ""
    names: Sequence[tuple[float, str]] = ()
    style: str = "number"
    zero: str = ""


@dataclass(frozen=True)
class Panel:
    """Scales of a panel that is drawn."""

    canvas: Canvas
    x: Scale
    y: Scale

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The place of a pair of values."""
        return self.x(x), self.y(y)

    def upright(self, x: float, low: float, high: float, colour: str, width: float) -> None:
        """An interval of the vertical axis."""
        self.canvas.line(self.x(x), self.y(low), self.x(x), self.y(high), colour, width)


def panel_over_waves(
    canvas: Canvas,
    waves: Sequence[str],
    values: Sequence[float | None],
    options: Mapping[str, Any],
    beside: tuple[float, float],
) -> Panel:
    """One panel of effects about zero, a place a wave.

    Parameters
    ----------
    waves : sequence of str
        The waves in order.
    values : sequence of float
        All values that are drawn.
    options : mapping
        Those of the chart; ``x`` and ``y`` name the axes.
    beside : tuple of float
        Parts of a wave before the first and after the last.
    """
    ends = (-beside[0], len(waves) - 1 + beside[1])
    places = list(enumerate(waves))
    values = span_of(values, with_zero=True)
    frame = Frame(ends, values, "", options["y"], options["x"], places, zero="y")
    return side_by_side(canvas, [frame], TALL)[0]


def side_by_side(
    canvas: Canvas, frames: Sequence[Frame], height: float, columns: int = 2
) -> list[Panel]:
    """The panels of some frames, below what is drawn; on a phone one in a line.

    Parameters
    ----------
    height : float
        Of the part that the axes enclose.
    columns : int
        Panels in a line on paper.
    """
    columns = 1 if canvas.is_narrow else min(columns, len(frames))
    wide = (canvas.width - GAP * (columns - 1)) / columns
    made: list[Panel] = []
    for start in range(0, len(frames), columns):
        line = frames[start : start + columns]
        words = [_words_above(canvas, frame, wide) for frame in line]
        above = max(_height(each) for each in words)
        top = canvas.height + above + 5
        foot = top
        for place, (frame, lines) in enumerate(zip(line, words, strict=True)):
            left = place * (wide + GAP)
            _write_above(canvas, lines, left, top - 5 - _height(lines))
            panel, end = _axes(canvas, frame, left, top, wide, height)
            made.append(panel)
            foot = max(foot, end)
        canvas.height = foot + BELOW
    canvas.height += 6 - BELOW
    return made


def _words_above(canvas: Canvas, frame: Frame, width: float) -> tuple[list[str], list[str]]:
    title = canvas.wrap(frame.title, width, LETTERS, STRONG) if frame.title else []
    label = canvas.wrap(frame.y_label, width, SMALLER) if frame.y_label else []
    return title, label


def _height(words: tuple[list[str], list[str]]) -> float:
    return LINE * len(words[0]) + SMALL_LINE * len(words[1])


def _write_above(canvas: Canvas, words: tuple[list[str], list[str]], x: float, y: float) -> None:
    foot = canvas.lines(x, y + LETTERS, words[0], weight=STRONG)
    canvas.lines(x, foot - LETTERS + SMALLER, words[1], size=SMALLER, colour=MUTED)


def _axes(
    canvas: Canvas, frame: Frame, left: float, top: float, width: float, height: float
) -> tuple[Panel, float]:
    """Grid, numbers and names of one panel; its scales and its foot."""
    marks = ticks(*frame.y, most=5)
    words = tick_words(marks, frame.style)
    margin = max((canvas.width_of(word, SMALLER) for word in words), default=0.0) + 6
    y = Scale(*frame.y, top + height, top)
    x = Scale(*frame.x, left + margin, left + width - 2)
    for value, word in zip(marks, words, strict=True):
        canvas.line(x.start, y(value), x.end, y(value), RULE, 0.6)
        canvas.text(x.start - 5, y(value) + 3.2, word, anchor="end", size=SMALLER)
    canvas.line(x.start, y.start, x.end, y.start, MUTED, 0.8)
    if frame.zero in ("y", "both") and frame.y[0] <= 0 <= frame.y[1]:
        canvas.line(x.start, y(0), x.end, y(0), INK, 0.9)
    if frame.zero in ("x", "both") and frame.x[0] <= 0 <= frame.x[1]:
        canvas.line(x(0), y.start, x(0), y.end, INK, 0.9)
    foot = _below(canvas, frame, x, y.start)
    return Panel(canvas, x, y), foot


def _below(canvas: Canvas, frame: Frame, x: Scale, y: float) -> float:
    """Names or numbers below a panel, and what they are; returns its foot."""
    names = frame.names
    if not names:
        marks = ticks(*frame.x, most=5 if canvas.is_narrow else 8)
        names = list(zip(marks, tick_words(marks), strict=True))
    foot = write_names(canvas, [(x(place), name) for place, name in names], y, x.end + 2)
    if frame.x_label:
        lines = canvas.wrap(frame.x_label, x.end - x.start, SMALLER)
        foot = canvas.lines(x.start, foot + 3, lines, size=SMALLER, colour=MUTED)
    return foot - SMALLER


def write_names(
    canvas: Canvas,
    names: Sequence[tuple[float, str]],
    y: float,
    right: float,
    has_marks: bool = True,
) -> float:
    """Names centred below places of a line at height `y`, on lines that do not touch.

    Where they would touch even so, only every second, third, ... is written.

    Returns
    -------
    float
        Foot of the next line.
    """
    step = 1
    shown, lines = list(names), _name_lines(canvas, names)
    while (len(shown) > 2 and not _fit(canvas, shown, lines, right)) or (
        len(names) > len(shown) == 2 and _gap(canvas, shown, lines, right) < 0
    ):
        step += 1
        shown = list(names)[::step]
        lines = _name_lines(canvas, shown)
    for place, _name in shown:
        if has_marks:
            canvas.line(place, y, place, y + 3, MUTED, 0.8)
    most = 1
    for (left, end), words in zip(_extents(canvas, shown, lines, right), lines, strict=True):
        middle = (left + end) / 2
        canvas.lines(middle, y + 4 + SMALLER, words, anchor="middle", size=SMALLER)
        most = max(most, len(words))
    return y + 4 + SMALLER + SMALL_LINE * most


def _name_lines(canvas: Canvas, names: Sequence[tuple[float, str]]) -> list[list[str]]:
    """Each name on the lines that the way to its neighbours leaves room for."""
    places = [place for place, _name in names]
    ways = [b - a for a, b in zip(places, places[1:], strict=False)]
    room = min(ways, default=canvas.width) - 4
    return [canvas.wrap(name, max(room, _longest(canvas, name)), SMALLER) for _p, name in names]


def _longest(canvas: Canvas, name: str) -> float:
    """Width of the longest word of a name, which is not parted."""
    return max(canvas.width_of(word, SMALLER) for word in name.split(" "))


def _extents(
    canvas: Canvas, names: Sequence[tuple[float, str]], lines: list[list[str]], right: float
) -> list[tuple[float, float]]:
    """Left and right end of each name, moved inwards where it would leave the picture."""
    ends = []
    for (place, _name), words in zip(names, lines, strict=True):
        wide = max(canvas.width_of(word, SMALLER) for word in words)
        middle = min(max(place, wide / 2), right - wide / 2)
        ends.append((middle - wide / 2, middle + wide / 2))
    return ends


def _fit(
    canvas: Canvas, names: Sequence[tuple[float, str]], lines: list[list[str]], right: float
) -> bool:
    """Whether names do not touch, keep their words whole and need three lines at most."""
    if any(len(words) > 3 for words in lines):
        return False
    whole = all(" ".join(words) == name for (_place, name), words in zip(names, lines, strict=True))
    return whole and _gap(canvas, names, lines, right) >= 3


def _gap(
    canvas: Canvas, names: Sequence[tuple[float, str]], lines: list[list[str]], right: float
) -> float:
    """The least way from the end of a name to the next; below zero where they touch."""
    ends = _extents(canvas, names, lines, right)
    return min((b[0] - a[1] for a, b in zip(ends, ends[1:], strict=False)), default=canvas.width)
