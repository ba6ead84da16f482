"""Bars: the deviance that each dropped term cost by itself, in the order of dropping."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.look import NAVY
from mlm.pages.drawing.rows import Row, lay_rows
from mlm.pages.rounding import render


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """One bar a term."""
    costs = data["cost"]
    rows = [
        Row(name, value=render(cost, 1, "number"))
        for name, cost in zip(data["dropped"], costs, strict=True)
    ]
    span = (min(0.0, *costs), 1.04 * max([*costs, 1e-9]))
    track = lay_rows(canvas, rows, span, options["x"], 9.0)
    for middle, cost in zip(track.middles, costs, strict=True):
        start, end = sorted((track.x(0.0), track.x(cost)))
        canvas.box(start, middle - 4, max(end - start, 0.5), 8, NAVY)
