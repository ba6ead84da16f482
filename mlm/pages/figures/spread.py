"""Residuals in order of something: their means with intervals, and their standard deviations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlm.pages.figures.style import (
    LOWEST,
    MUTED,
    PAPER,
    canvas,
    grid,
    name_ticks,
    on_two_lines,
    panels,
    to_svg,
    zero_line,
)

MARK = {"color": LOWEST, "markersize": 7, "markeredgecolor": PAPER}


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of the residuals: means on the left, standard deviations on the right."""
    places = data["at"] if "at" in data else list(range(len(data["mean"])))
    with canvas(2.7, fonts) as (figure, axes):
        left, right = panels(figure, axes, 2)
        left.vlines(places, data["lower"], data["upper"], color=LOWEST, linewidth=2)
        left.plot(places, data["mean"], "o", **MARK)
        zero_line(left, vertical=False)
        right.plot(places, data["sd"], "-o", linewidth=1.1, **MARK)
        right.axhline(options["sigma"], color=MUTED, linewidth=1.1, linestyle=(0, (5, 3)))
        right.set_ylim(0, max([*data["sd"], options["sigma"]]) * 1.12)
        for each, label in ((left, options["mean"]), (right, options["sd"])):
            each.set_xlabel(on_two_lines(options["x"], 40))
            each.set_ylabel(label)
            if options["labels"]:
                name_ticks(each, places, options["labels"], 40)
                each.set_xlim(-0.4, len(places) - 0.6)
            grid(each, "y")
        return to_svg(figure)
