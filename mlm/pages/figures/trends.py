"""Means by wave, one line a group, and how far each group lies from the first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.key import Entry, key, mark_entry
from mlm.pages.drawing.look import BROKEN, GREY, Style, category_style
from mlm.pages.drawing.numbers import span_of
from mlm.pages.drawing.panel import APART, HIGH, Frame, Panel, side_by_side
from mlm.pages.figures.waves import curve_of, rows_of_waves, wave_places

OBSERVED = 2.6  # radius of marks of observed means


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """Means, then differences."""
    shown = rows_of_waves(data)
    groups = list(dict.fromkeys(data["group"]))
    first = [i for i in shown if data["group"][i] == groups[0]]
    ticks, step = wave_places(data, first)
    waves = [data["wave"][i] for i in first]
    key(canvas, _entries(data, options, groups))
    left, right = side_by_side(canvas, _frames(data, options, shown, ticks, step, waves), HIGH)
    for position, group in enumerate(groups):
        items = [i for i in shown if data["group"][i] == group]
        places = [ticks[waves.index(data["wave"][i])] for i in items]
        style = category_style(options["places"][group])
        _means(left, data, items, places, style, options)
        if position:
            shift = (position - len(groups) / 2) * APART * step
            _differences(right, data, items, [place + shift for place in places], style)


def _frames(data, options, shown, ticks, step, waves) -> list[Frame]:
    means = [data["estimate"][i] for i in shown]
    means += [value for _time, value in curve_of(data)]
    means += [data["observed"][i] for i in shown] if "observed" in data else []
    apart = [data[f"difference_{end}"][i] for end in ("lower", "upper") for i in shown]
    x = (ticks[0] - 0.4 * step, ticks[-1] + 0.4 * step)
    names = list(zip(ticks, waves, strict=True))
    return [
        Frame(x, span_of(means), "", options["y"], options["x"], names),
        Frame(x, span_of(apart, True), "", options["difference"], options["x"], names, zero="y"),
    ]


def _means(
    panel: Panel,
    data: Mapping[str, Any],
    items: list[int],
    places: list[float],
    style: Style,
    options: Mapping[str, Any],
) -> None:
    """Means of a group, joined where no line or curve goes through them; observed ones behind."""
    canvas = panel.canvas
    if "observed" in data:
        seen = [
            (place, data["observed"][i])
            for place, i in zip(places, items, strict=True)
            if data["observed"][i] is not None
        ]
        canvas.path([panel.at(*pair) for pair in seen], GREY, 0.7, BROKEN)
        for pair in seen:
            canvas.mark(*panel.at(*pair), GREY, style.shape, OBSERVED, is_open=True)
    marks = [panel.at(x, data["estimate"][i]) for x, i in zip(places, items, strict=True)]
    rows = [i for i, name in enumerate(data["group"]) if name == data["group"][items[0]]]
    curve = [panel.at(*point) for point in curve_of(data, rows)]
    rejected = options.get("rejected", True)
    if curve:
        canvas.path(curve, style.colour, 0.8 if rejected else 1.5, style.dash)
    if rejected or not curve:
        canvas.path(marks, style.colour, 1.5, style.dash)
    for at in marks:
        canvas.mark(*at, style.colour, style.shape)


def _differences(
    panel: Panel, data: Mapping[str, Any], items: list[int], places: list[float], style: Style
) -> None:
    points = []
    for place, i in zip(places, items, strict=True):
        low, high = data["difference_lower"][i], data["difference_upper"][i]
        panel.upright(place, low, high, style.colour, 1.8)
        points.append(panel.at(place, data["difference_estimate"][i]))
    panel.canvas.path(points, style.colour, 1.5, style.dash)
    for at in points:
        panel.canvas.mark(*at, style.colour, style.shape)


def _entries(data: Mapping[str, Any], options: Mapping[str, Any], groups: list[str]) -> list[Entry]:
    entries = [mark_entry(name, category_style(options["places"][name])) for name in groups]
    if "observed" in data:
        style = Style(GREY, "circle", BROKEN)
        entries.append(mark_entry(options["observed"], style, is_open=True))
    return entries
