"""Raw against shrunken effects: one mark a unit, the line of no change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.look import BROKEN, INK, level_style
from mlm.pages.drawing.panel import SLIM, TALL, Frame, Panel, side_by_side

MOST_MARKS = 400
BINS = 120


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """Marks, or a band for thousands of units."""
    canvas.width = min(canvas.width, SLIM)
    raw, shrunken = data["raw"], data["estimate"]
    colour, _hatched = level_style(options["level"], options["levels"])
    reach = 1.08 * max(*map(abs, raw), *map(abs, shrunken), 1e-9)
    span = (-reach, reach)
    frame = Frame(span, span, "", options["y"], options["x"], zero="both")
    panel = side_by_side(canvas, [frame], TALL)[0]
    ends = panel.at(-reach, -reach), panel.at(reach, reach)
    canvas.path(ends, INK, 0.9, BROKEN)
    if len(raw) > MOST_MARKS:
        _band(panel, raw, shrunken, colour)
        return
    for pair in zip(raw, shrunken, strict=True):
        canvas.mark(*panel.at(*pair), colour, radius=2.8)


def _band(panel: Panel, raw: list[float], shrunken: list[float], colour: str) -> None:
    """Bins of units with near raw effects: their mean and their range."""
    order = sorted(range(len(raw)), key=raw.__getitem__)
    edges = [len(order) * k // BINS for k in range(BINS + 1)]
    parts = [order[a:b] for a, b in zip(edges, edges[1:], strict=False)]
    middle = [sum(raw[i] for i in part) / len(part) for part in parts]
    ends = [[end(shrunken[i] for i in part) for part in parts] for end in (max, min)]
    upper, lower = ([panel.at(*pair) for pair in zip(middle, e, strict=True)] for e in ends)
    panel.canvas.area([*upper, *reversed(lower)], colour, 0.3)
    means = [sum(shrunken[i] for i in part) / len(part) for part in parts]
    panel.canvas.path([panel.at(*pair) for pair in zip(middle, means, strict=True)], colour, 2.0)
