"""Adjusted means by wave with intervals, beside the observed means and the line of time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import SMALLER, Canvas
from mlm.pages.drawing.key import Entry, key, line_entry, mark_entry
from mlm.pages.drawing.look import BROKEN, GREY, MUTED, NAVY, Style
from mlm.pages.drawing.numbers import span_of, told_decimals
from mlm.pages.drawing.panel import TALL, Frame, Panel, side_by_side
from mlm.pages.figures.waves import curve_of, rows_of_waves, wave_places
from mlm.pages.rounding import render

OBSERVED = Style(GREY, "square")


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """Marks of the waves; the line of the model is weak where it does not fit."""
    waves = rows_of_waves(data)
    places, step = wave_places(data, waves)
    means = [data["estimate"][i] for i in waves]
    values = [data[name][i] for name in _columns(data) for i in waves]
    curve = curve_of(data)
    key(canvas, _entries(data, options))
    frame = Frame(
        (places[0] - 0.4 * step, places[-1] + 0.4 * step),
        span_of([*values, *(value for _time, value in curve)]),
        "",
        options["y"],
        options["x"],
        [(place, data["wave"][i]) for place, i in zip(places, waves, strict=True)],
    )
    panel = side_by_side(canvas, [frame], TALL)[0]
    _course(panel, curve or list(zip(places, means, strict=True)), options)
    for place, i in zip(places, waves, strict=True):
        panel.upright(place, data["lower"][i], data["upper"][i], NAVY, 2.2)
    for name, style, is_open in (
        ("observed", OBSERVED, False),
        ("saturated", Style(MUTED, "diamond"), True),
    ):
        for place, i in zip(places, waves, strict=True):
            if name in data and data[name][i] is not None:
                panel.canvas.mark(
                    *panel.at(place, data[name][i]), style.colour, style.shape, 3.4, is_open
                )
    decimals = told_decimals(means)
    for place, mean in zip(places, means, strict=True):
        x, y = panel.at(place, mean)
        canvas.mark(x, y, NAVY)
        words = render(mean, decimals, "number")
        wide = canvas.width_of(words, SMALLER)
        at = min(x + 6, canvas.width - wide)
        below = y + 13 if y + 13 <= panel.y.start else y - 6  # not on the axis
        canvas.text(at, below, words, size=SMALLER, halo=True)


def _columns(data: Mapping[str, Any]) -> list[str]:
    names = ("estimate", "lower", "upper", "observed", "saturated")
    return [name for name in names if name in data]


def _course(panel: Panel, points: list[tuple[float, float]], options: Mapping[str, Any]) -> None:
    """The line through the means or that of the model, weak where it does not fit."""
    drawn = [panel.at(*point) for point in points]
    if options.get("rejected"):
        panel.canvas.path(drawn, MUTED, 1.1, BROKEN)
    else:
        panel.canvas.path(drawn, NAVY, 1.3)


def _entries(data: Mapping[str, Any], options: Mapping[str, Any]) -> list[Entry]:
    entries = [mark_entry(options["told"], Style(NAVY), has_line="curve" not in options)]
    if "observed" in data:
        entries.append(mark_entry(options["observed"], OBSERVED, has_line=False))
    if "curve" in options:
        weak = options["rejected"]
        entries.append(
            line_entry(options["curve"], MUTED if weak else NAVY, 1.3, BROKEN if weak else "")
        )
    if "saturated" in data:
        style = Style(MUTED, "diamond")
        entries.append(mark_entry(options["saturated"], style, is_open=True, has_line=False))
    return entries
