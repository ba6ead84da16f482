"""Distribution of the outcome: one panel a wave, bars on one scale, the mean marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.key import key, line_entry
from mlm.pages.drawing.look import INK, NAVY, PAPER
from mlm.pages.drawing.panel import Frame, side_by_side

PANEL = 62.0  # height of a panel


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """Bars whose areas are shares."""
    waves = list(dict.fromkeys(data["wave"]))
    heights = [
        share * options["width"] / (high - low)
        for low, high, share in zip(data["low"], data["high"], data["share"], strict=True)
    ]
    span = (min(data["low"]), max(data["high"]))
    last = len(waves) - 1
    frames = [
        Frame(
            span,
            (0.0, 1.08 * max(heights)),
            wave,
            options["y"] if place == 0 else "",
            options["x"] if place >= last - (not canvas.is_narrow) else "",
            style="percent",
        )
        for place, wave in enumerate(waves)
    ]
    key(canvas, [line_entry(options["mean"], INK, 1.4)])
    panels = side_by_side(canvas, frames, PANEL)
    for wave, panel in zip(waves, panels, strict=True):
        for i in (i for i, name in enumerate(data["wave"]) if name == wave):
            left, top = panel.at(data["low"][i], heights[i])
            right, foot = panel.at(data["high"][i], 0.0)
            canvas.box(left, top, right - left, foot - top, NAVY, PAPER, opacity=0.75)
        mean = options["means"].get(wave)
        if mean is not None and span[0] <= mean <= span[1]:
            canvas.line(*panel.at(mean, 0.0), *panel.at(mean, frames[0].y[1]), INK, 1.4)
