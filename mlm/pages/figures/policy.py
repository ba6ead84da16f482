"""The difference a policy variable makes, wave by wave, one mark a category."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlm.pages.drawing.canvas import Canvas
from mlm.pages.drawing.key import key, mark_entry
from mlm.pages.drawing.look import category_style
from mlm.pages.drawing.panel import APART, Panel, panel_over_waves


def draw(data: Mapping[str, Any], options: Mapping[str, Any], canvas: Canvas) -> None:
    """Filled marks of the model, open ones of each wave alone."""
    waves = list(dict.fromkeys(data["wave"]))
    pairs = list(zip(data["category"], data["told"], strict=True))
    series = list(dict.fromkeys(pairs))
    series.sort(key=lambda pair: list(dict.fromkeys(data["category"])).index(pair[0]))
    told = data["told"][0] if data["told"] else ""
    styles = {pair: category_style(options["places"][pair[0]]) for pair in series}
    key(
        canvas,
        [
            mark_entry(
                f"{category}: {words}" if words else category,
                styles[category, words],
                words != told,
                False,
            )
            for category, words in series
        ],
    )
    values = [*data["lower"], *data["upper"], *data["estimate"]]
    panel = panel_over_waves(canvas, waves, values, options, (0.5, 0.5))
    for position, pair in enumerate(series):
        shift = (position - (len(series) - 1) / 2) * min(APART, 0.8 / len(series))
        rows = [i for i, each in enumerate(pairs) if each == pair]
        places = [waves.index(data["wave"][i]) + shift for i in rows]
        _marks(panel, data, rows, places, styles[pair], pair[1] != told)


def _name(category: str, words: str) -> str:
    """A series in the key; the category alone where all marks are of one kind."""
    return f"{category}: {words}" if words else category


def _marks(
    panel: Panel, data: Mapping[str, Any], rows: list[int], places: list[float], style, is_open
) -> None:
    for place, i in zip(places, rows, strict=True):
        if data["estimate"][i] is None:
            continue
        if data["lower"][i] is not None:
            width = 1.0 if is_open else 2.0
            panel.upright(place, data["lower"][i], data["upper"][i], style.colour, width)
        at = panel.at(place, data["estimate"][i])
        panel.canvas.mark(*at, style.colour, style.shape, is_open=is_open)
