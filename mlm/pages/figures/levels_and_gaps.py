"""Levels of groups over waves with their intervals, and how far each lies from the first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.key import key, mark_entry
from mlm.pages.drawing.look import category_style
from mlm.pages.drawing.numbers import span_of
from mlm.pages.drawing.panel import APART, HIGH, Frame, Panel, side_by_side

ENDS = ("estimate", "lower", "upper")


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """Levels, then differences where there are any."""
    groups = list(dict.fromkeys(data["group"]))
    waves = [wave for wave in options["waves"] if wave in data["wave"]]
    if len(groups) > 1:
        key(canvas, [mark_entry(g, category_style(options["places"][g])) for g in groups])
    parts = [prefix for prefix in ("", "difference_") if _values(data, prefix)]
    frames = [_frame(data, options, waves, prefix) for prefix in parts]
    for prefix, panel in zip(parts, side_by_side(canvas, frames, HIGH), strict=True):
        for position, group in enumerate(groups):
            shift = (position - (len(groups) - 1) / 2) * min(APART, 0.6 / len(groups))
            _series(panel, data, options, prefix, group, waves, shift)


def _values(data: Mapping[str, Any], prefix: str) -> list[float]:
    return [v for end in ENDS for v in data[f"{prefix}{end}"] if v is not None]


def _frame(
    data: Mapping[str, Any], options: Mapping[str, Any], waves: list[str], prefix: str
) -> Frame:
    return Frame(
        (-0.4, len(waves) - 0.6),
        span_of(_values(data, prefix), with_zero=bool(prefix)),
        "",
        options["difference"] if prefix else options["y"],
        options["x"],
        list(enumerate(waves)),
        style=options["difference_style" if prefix else "style"],
        zero="y" if prefix else "",
    )


def _series(
    panel: Panel,
    data: Mapping[str, Any],
    options: Mapping[str, Any],
    prefix: str,
    group: str,
    waves: list[str],
    shift: float,
) -> None:
    """One group: its marks with their intervals, joined from wave to wave."""
    style = category_style(options["places"][group])
    means, lower, upper = (data[f"{prefix}{end}"] for end in ENDS)
    rows = [i for i, name in enumerate(data["group"]) if name == group and means[i] is not None]
    at = [waves.index(data["wave"][i]) + shift for i in rows]
    points = [panel.at(x, means[i]) for x, i in zip(at, rows, strict=True)]
    panel.canvas.path(points, style.colour, 1.5, style.dash)
    for x, i, point in zip(at, rows, points, strict=True):
        if lower[i] is not None:
            panel.upright(x, lower[i], upper[i], style.colour, 1.8)
        panel.canvas.mark(*point, style.colour, style.shape)
