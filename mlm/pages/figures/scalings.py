"""What moves under other weights: a row a share or coefficient, a mark a scaling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.key import key, mark_entry
from mlm.pages.drawing.look import category_style
from mlm.pages.drawing.numbers import span_of
from mlm.pages.drawing.rows import Row, lay_rows

APART_BY = 5.0  # from a scaling to the next, so that marks of one value stay apart
RADIUS = 3.0
ROOM_OF_ROW = 30.0


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """Marks about zero, which is the answer told."""
    styles = {name: category_style(place) for name, place in options["places"].items()}
    key(canvas, [mark_entry(name, style, has_line=False) for name, style in styles.items()])
    names = list(dict.fromkeys(data["what"]))
    span = span_of(data["in_se"], with_zero=True, room=0.08)
    track = lay_rows(canvas, [Row(name) for name in names], span, options["x"], ROOM_OF_ROW)
    order = list(styles)
    for i, value in enumerate(data["in_se"]):
        if value is None:
            continue
        style = styles[data["scaling"][i]]
        shift = (order.index(data["scaling"][i]) - (len(order) - 1) / 2) * APART_BY
        y = track.middles[names.index(data["what"][i])] + shift
        canvas.mark(track.x(value), y, style.colour, style.shape, RADIUS)
