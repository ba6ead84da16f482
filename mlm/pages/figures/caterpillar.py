"""Caterpillar: effects of units in order, with the intervals that compare and that decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.key import Entry, key, line_entry, mark_entry
from mlm.pages.drawing.look import Style, level_style
from mlm.pages.drawing.numbers import span_of
from mlm.pages.drawing.panel import TALL, Frame, Panel, side_by_side
from mlm.pages.drawing.rows import Row, lay_rows

NAMED_ROWS = 40
MOST_SINGLE = 400
BANDS = 300
BARS = ("goldstein_lower", "goldstein_upper")
ENDS = ("lower", "upper", *BARS)


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """Rows with names for tens of units, marks for hundreds, a band for thousands.

    Bars in which pairs are compared are drawn where the data have them.
    """
    colour, _hatched = level_style(options["level"], options["levels"])
    count = len(data["estimate"])
    span = span_of([value for end in ENDS for value in data.get(end, [])], with_zero=True)
    key(canvas, _entries(options["words"], colour, count, BARS[0] in data))
    if count <= NAMED_ROWS:
        _rows(canvas, data, options, colour, span)
        return
    frame = Frame((0.0, count + 1.0), span, "", options["y"], options["x"], zero="y")
    panel = side_by_side(canvas, [frame], TALL)[0]
    (_single if count <= MOST_SINGLE else _band)(panel, data, colour)


def _entries(words: Mapping[str, str], colour: str, count: int, has_bars: bool) -> list[Entry]:
    if count > MOST_SINGLE:
        return []
    style = Style(colour)
    return [
        mark_entry(words["apart"], style, has_line=False),
        mark_entry(words["expected"], style, is_open=True, has_line=False),
        *([line_entry(words["comparative"], colour, 5.0)] if has_bars else []),
        line_entry(words["interval"], colour, 1.0),
    ]


def _rows(
    canvas: Canvas,
    data: Mapping[str, Any],
    options: Mapping[str, Any],
    colour: str,
    span: tuple[float, float],
) -> None:
    """One row a unit with its name, the highest first, as in the table."""
    order = range(len(data["estimate"]) - 1, -1, -1)
    rows = [Row(str(data["unit"][i])) for i in order]
    track = lay_rows(canvas, rows, span, options["y"], 10.0)
    for i, y in zip(order, track.middles, strict=True):
        x = track.x
        canvas.line(x(data["lower"][i]), y, x(data["upper"][i]), y, colour, 1.0)
        if BARS[0] in data:
            low, high = (x(data[end][i]) for end in BARS)
            canvas.box(low, y - 2.6, high - low, 5.2, colour, opacity=0.4)
        is_open = data["side"][i] == "expected"
        canvas.mark(x(data["estimate"][i]), y, colour, radius=3.6, is_open=is_open)


def _single(panel: Panel, data: Mapping[str, Any], colour: str) -> None:
    count = len(data["estimate"])
    for place in range(1, count + 1):
        i = count - place
        panel.upright(place, data["lower"][i], data["upper"][i], colour, 0.7)
        if BARS[0] not in data:
            continue
        low, high = (data[end][i] for end in BARS)
        wide = max(0.55 * (panel.x(1) - panel.x(0)), 0.8)
        top = panel.y(high)
        panel.canvas.box(
            panel.x(place) - wide / 2, top, wide, panel.y(low) - top, colour, opacity=0.4
        )
    for place in range(1, count + 1):
        i = count - place
        is_open = data["side"][i] == "expected"
        radius = 2.6 if count <= 100 else 1.7
        panel.canvas.mark(
            *panel.at(place, data["estimate"][i]), colour, radius=radius, is_open=is_open
        )


def _band(panel: Panel, data: Mapping[str, Any], colour: str) -> None:
    """Bins of neighbours in the order: their mean, and their widest interval."""
    count = len(data["estimate"])
    edges = [count * k // BANDS for k in range(BANDS + 1)]
    parts = [range(a, b) for a, b in zip(edges, edges[1:], strict=False) if b > a]
    places = [count - (part[0] + part[-1]) / 2 for part in parts]
    ends = BARS if BARS[0] in data else ENDS[:2]
    low = [min(data[ends[0]][i] for i in part) for part in parts]
    high = [max(data[ends[1]][i] for i in part) for part in parts]
    means = [sum(data["estimate"][i] for i in part) / len(part) for part in parts]
    upper = [panel.at(x, y) for x, y in zip(places, high, strict=True)]
    lower = [panel.at(x, y) for x, y in zip(places, low, strict=True)]
    panel.canvas.area([*upper, *reversed(lower)], colour, 0.3)
    panel.canvas.path([panel.at(x, y) for x, y in zip(places, means, strict=True)], colour, 2.0)
