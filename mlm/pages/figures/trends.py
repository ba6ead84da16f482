"""Adjusted means by wave, one line a group, and how far each lies from the first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlm.pages.figures.style import (
    GROUP_COLOURS,
    GROUP_LINES,
    GROUP_SHAPES,
    PAPER,
    canvas,
    grid,
    name_ticks,
    panels,
    shorten,
    to_svg,
    zero_line,
)

MARKS_APART = 0.09  # between the marks of two groups in one wave
ENDS = ("lower", "upper")
LEGEND_LETTERS = 80  # that a line of the legend holds


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of the trends: means on the left, differences on the right."""
    waves = list(dict.fromkeys(data["wave"]))
    groups = list(dict.fromkeys(data["group"]))
    with canvas(2.6, fonts) as (figure, axes):
        left, right = panels(figure, axes, 2)
        for position, group in enumerate(groups):
            items = [i for i, name in enumerate(data["group"]) if name == group]
            places = [waves.index(data["wave"][i]) for i in items]
            _line(left, places, [data["estimate"][i] for i in items], position, group)
            if position:
                shift = (position - len(groups) / 2) * MARKS_APART
                _differences(right, [p + shift for p in places], data, items, position)
        zero_line(right, vertical=False)
        for each, label in ((left, options["y"]), (right, options["difference"])):
            name_ticks(each, range(len(waves)), waves, 40)
            each.set_xlim(-0.4, len(waves) - 0.6)
            each.margins(y=0.1)
            each.set_ylabel(label)
            each.set_xlabel(options["x"])
            grid(each, "y")
        handles, names = left.get_legend_handles_labels()
        beside = len(names) if sum(len(name) + 8 for name in names) < LEGEND_LETTERS else 3
        figure.legend(handles, names, loc="outside upper left", ncols=beside, handletextpad=0.5)
        return to_svg(figure)


def _style(position: int) -> dict[str, Any]:
    return {
        "color": GROUP_COLOURS[position % len(GROUP_COLOURS)],
        "linestyle": GROUP_LINES[position % len(GROUP_LINES)],
        "marker": GROUP_SHAPES[position % len(GROUP_SHAPES)],
        "linewidth": 1.5,
        "markersize": 7,
        "markeredgecolor": PAPER,
    }


def _line(axes, places: list[int], values: list[float], position: int, group: str) -> None:
    axes.plot(places, values, **_style(position), label=shorten(group, 38))


def _differences(axes, places: list[float], data, items: list[int], position: int) -> None:
    style = _style(position)
    ends = [[data[f"difference_{end}"][i] for i in items] for end in ENDS]
    axes.vlines(places, *ends, color=style["color"], linewidth=1.8)
    axes.plot(places, [data["difference_estimate"][i] for i in items], **style)
