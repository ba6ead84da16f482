"""Gaps between groups over waves: a panel a variable, all on one scale."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.key import key, mark_entry
from mlm.pages.drawing.look import category_style
from mlm.pages.drawing.numbers import span_of
from mlm.pages.drawing.panel import APART, LOW, Frame, Panel, side_by_side


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """One panel a variable; groups of a variable with several keep one colour each."""
    waves = options.get("waves") or list(dict.fromkeys(data["wave"]))
    variables = list(dict.fromkeys(data["variable"]))
    _key(canvas, data, options)
    ends = span_of([*data["lower"], *data["upper"], *data["estimate"]], with_zero=True)
    frames = [
        Frame(
            (-0.4, len(waves) - 0.6),
            ends,
            variable if len(variables) > 1 else "",
            _between(data, options, variable),
            options["x"],
            list(enumerate(waves)),
            options.get("style", "number"),
            zero="y",
        )
        for variable in variables
    ]
    panels = side_by_side(canvas, frames, LOW, 3 if len(variables) > 4 else 2)
    for variable, panel in zip(variables, panels, strict=True):
        groups = _groups(data, variable)
        for position, group in enumerate(groups):
            shift = (position - (len(groups) - 1) / 2) * APART
            place = options["places"][variable][group]
            _line(panel, data, (variable, group), waves, shift, place)


def _groups(data: Mapping[str, Any], variable: str) -> list[str]:
    pairs = zip(data["variable"], data["group"], strict=True)
    return list(dict.fromkeys(group for name, group in pairs if name == variable))


def _between(data: Mapping[str, Any], options: Mapping[str, Any], variable: str) -> str:
    """What is compared in a panel, and the unit."""
    groups = _groups(data, variable)
    reference = data["reference"][data["variable"].index(variable)]
    if len(groups) == 1:
        words = options["between"].format(group=groups[0], reference=reference)
    else:
        words = options["against"].format(reference=reference)
    return f"{words} ({options['unit']})"


def _key(canvas: Canvas, data: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """Names of groups, where a variable has several."""
    entries = []
    for variable in dict.fromkeys(data["variable"]):
        groups = _groups(data, variable)
        if len(groups) > 1:
            places = options["places"][variable]
            entries += [mark_entry(name, category_style(places[name])) for name in groups]
    if entries:
        key(canvas, entries)


def _line(
    panel: Panel,
    data: Mapping[str, Any],
    group: tuple[str, str],
    waves: list[str],
    shift: float,
    place: int,
) -> None:
    pairs = zip(data["variable"], data["group"], strict=True)
    rows = [i for i, pair in enumerate(pairs) if pair == group and data["estimate"][i] is not None]
    style = category_style(place)
    at = [waves.index(data["wave"][i]) + shift for i in rows]
    points = [panel.at(x, data["estimate"][i]) for x, i in zip(at, rows, strict=True)]
    panel.canvas.path(points, style.colour, 1.5, style.dash)
    for x, i, point in zip(at, rows, points, strict=True):
        if data["lower"][i] is not None:
            panel.upright(x, data["lower"][i], data["upper"][i], style.colour, 1.8)
        panel.canvas.mark(*point, style.colour, style.shape)
