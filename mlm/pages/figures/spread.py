"""Residuals in order of something: their means with intervals, and their standard deviations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.look import BROKEN, GREY, MUTED
from mlm.pages.drawing.numbers import span_of
from mlm.pages.drawing.panel import LOW, Frame, side_by_side


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """Means, where they are told, then standard deviations."""
    places = data["at"] if "at" in data else [float(i) for i, _ in enumerate(data["sd"])]
    names = list(zip(places, data["wave"], strict=True)) if "wave" in data else []
    x = (-0.4, len(places) - 0.6) if names else span_of(places)
    top = 1.12 * max([*data["sd"], options["sigma"]])
    frames = [Frame(x, (0.0, top), "", options["sd"], options["x"], names)]
    if options["has_means"]:
        ends = span_of([*data["lower"], *data["upper"]], with_zero=True)
        frames.insert(0, Frame(x, ends, "", options["mean"], options["x"], names, zero="y"))
    panels = side_by_side(canvas, frames, LOW)
    if options["has_means"]:
        for place, low, high in zip(places, data["lower"], data["upper"], strict=True):
            panels[0].upright(place, low, high, GREY, 2.0)
        for pair in zip(places, data["mean"], strict=True):
            canvas.mark(*panels[0].at(*pair), GREY)
    last = panels[-1]
    canvas.path([last.at(end, options["sigma"]) for end in x], MUTED, 1.1, BROKEN)
    points = [last.at(*pair) for pair in zip(places, data["sd"], strict=True)]
    canvas.path(points, GREY, 1.1)
    for at in points:
        canvas.mark(*at, GREY)
