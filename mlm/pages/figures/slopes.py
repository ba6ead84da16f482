"""Random slopes: the mean effect and the range of the effects of groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.key import Entry, key, mark_entry
from mlm.pages.drawing.look import INK, Style, level_style
from mlm.pages.drawing.numbers import span_of
from mlm.pages.drawing.rows import Row, lay_rows


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """One row a slope."""
    key(canvas, _entries(data, options))
    span = span_of([*data["lower"], *data["upper"]], with_zero=True, room=0.03)
    rows, order = _rows(data, options)
    track = lay_rows(canvas, rows, span, options["x"])
    for i, y in zip(order, track.middles, strict=True):
        if i is None:
            continue
        colour, _hatched = level_style(data["level"][i], options["levels"])
        low, high = track.x(data["lower"][i]), track.x(data["upper"][i])
        canvas.box(low, y - 3.5, max(high - low, 0.5), 7, colour, opacity=0.4)
        canvas.mark(track.x(data["mean"][i]), y, colour, is_open=not data["kept"][i])


def _rows(
    data: Mapping[str, Any], options: Mapping[str, Any]
) -> tuple[list[Row], list[int | None]]:
    """Rows under a heading a level, where there are several; which slope each is."""
    levels = list(dict.fromkeys(data["level"]))
    rows, order = [], []
    for level in levels:
        if len(levels) > 1:
            rows.append(Row(options["between"][level], is_heading=True))
            order.append(None)
        for i in (i for i, own in enumerate(data["level"]) if own == level):
            rows.append(Row(data["label"][i], is_indented=len(levels) > 1))
            order.append(i)
    return rows, order


def _entries(data: Mapping[str, Any], options: Mapping[str, Any]) -> list[Entry]:
    words, style = options["words"], Style(INK)
    return [
        mark_entry(words[name], style, name == "not_kept", False)
        for name, kept in (("kept", True), ("not_kept", False))
        if kept in data["kept"]
    ]
