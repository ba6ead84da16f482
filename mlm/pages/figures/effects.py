"""Sizes of effects in standard deviations, the largest first, with their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.look import NAVY
from mlm.pages.drawing.numbers import span_of
from mlm.pages.drawing.rows import Row, lay_rows
from mlm.pages.rounding import render


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """One row an effect, its size printed at the end; hollow where the direction is open."""
    rows = [
        Row(label, value=render(value, 2, "signed"))
        for label, value in zip(data["label"], data["estimate"], strict=True)
    ]
    span = span_of([*data["lower"], *data["upper"]], with_zero=True, room=0.03)
    track = lay_rows(canvas, rows, span, options["x"])
    for i, y in enumerate(track.middles):
        low, high = data["lower"][i], data["upper"][i]
        canvas.line(track.x(low), y, track.x(high), y, NAVY, 1.8)
        canvas.mark(track.x(data["estimate"][i]), y, NAVY, is_open=low <= 0 <= high)
