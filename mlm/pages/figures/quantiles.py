"""Residuals or effects of groups against normal quantiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.look import BROKEN, MUTED, level_style
from mlm.pages.drawing.panel import SLIM, TALL, Frame, side_by_side


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """Marks, and the line on which normal quantiles lie."""
    canvas.width = min(canvas.width, SLIM)
    colour, _hatched = level_style(options["level"], options["levels"])
    both = [*data["expected"], *data["observed"]]
    span = (min(both) - 0.2, max(both) + 0.2)
    frame = Frame(span, span, "", options["y"], options["x"])
    panel = side_by_side(canvas, [frame], TALL)[0]
    canvas.path([panel.at(end, end) for end in span], MUTED, 1.1, BROKEN)
    for pair in zip(data["expected"], data["observed"], strict=True):
        canvas.mark(*panel.at(*pair), colour, radius=2.3)
