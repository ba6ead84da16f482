"""Random slopes: the mean effect and the range of the effects of groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.key import Entry, box_entry, key, mark_entry
from mlm.pages.drawing.look import INK, Style, level_style
from mlm.pages.drawing.numbers import span_of
from mlm.pages.drawing.rows import Row, lay_rows


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """One row a slope."""
    key(canvas, _entries(data, options))
    span = span_of([*data["lower"], *data["upper"]], with_zero=True, room=0.03)
    track = lay_rows(canvas, [Row(name) for name in data["label"]], span, options["x"])
    for i, y in enumerate(track.middles):
        colour, _hatched = level_style(data["level"][i], options["levels"])
        low, high = track.x(data["lower"][i]), track.x(data["upper"][i])
        canvas.box(low, y - 3.5, max(high - low, 0.5), 7, colour, opacity=0.4)
        canvas.mark(track.x(data["mean"][i]), y, colour, is_open=not data["kept"][i])


def _entries(data: Mapping[str, Any], options: Mapping[str, Any]) -> list[Entry]:
    words, style = options["words"], Style(INK)
    entries = [
        mark_entry(words[name], style, name == "not_kept", False)
        for name, kept in (("kept", True), ("not_kept", False))
        if kept in data["kept"]
    ]
    levels = dict.fromkeys(data["level"])
    if len(levels) < 2:
        return entries
    names = options["names"]
    return entries + [
        box_entry(names[level], level_style(level, options["levels"])[0], opacity=0.4)
        for level in levels
    ]
