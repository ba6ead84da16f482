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
from mlm.pages.figures.waves import curve_of, rows_of_waves, wave_places

MARKS_APART = 0.09  # between the marks of two groups in one wave
ENDS = ("lower", "upper")
LEGEND_LETTERS = 80  # that a line of the legend holds


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of the trends: means on the left, differences on the right."""
    shown = rows_of_waves(data)
    groups = list(dict.fromkeys(data["group"]))
    first = [i for i in shown if data["group"][i] == groups[0]]
    ticks, step = wave_places(data, first)
    waves = [data["wave"][i] for i in first]
    with canvas(2.6, fonts) as (figure, axes):
        left, right = panels(figure, axes, 2)
        for position, group in enumerate(groups):
            items = [i for i in shown if data["group"][i] == group]
            places = [ticks[waves.index(data["wave"][i])] for i in items]
            means = [data["estimate"][i] for i in items]
            _line(left, places, means, position, group, options.get("rejected", True))
            if "curve" in data:
                _curve(left, data, group, position, options["rejected"])
            if position:
                shift = (position - len(groups) / 2) * MARKS_APART * step
                _differences(right, [p + shift for p in places], data, items, position)
        zero_line(right, vertical=False)
        for each, label in ((left, options["y"]), (right, options["difference"])):
            name_ticks(each, ticks, waves, 40)
            each.set_xlim(ticks[0] - 0.4 * step, ticks[-1] + 0.4 * step)
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


def _line(axes, places, values: list[float], position: int, group: str, joined: bool) -> None:
    """Means of a group, joined where no line or curve goes through them."""
    style = _style(position) | ({} if joined else {"linestyle": "none"})
    axes.plot(places, values, **style, label=shorten(group, 38))


def _curve(axes, data: Mapping[str, Any], group: str, position: int, rejected: bool) -> None:
    """The line or curve of a group, thin where it does not fit."""
    rows = [i for i, name in enumerate(data["group"]) if name == group]
    style = _style(position) | {"marker": "", "linewidth": 0.8 if rejected else 1.5}
    axes.plot(*curve_of(data, rows), **style, alpha=0.5 if rejected else 1.0)


def _differences(axes, places: list[float], data, items: list[int], position: int) -> None:
    style = _style(position)
    ends = [[data[f"difference_{end}"][i] for i in items] for end in ENDS]
    axes.vlines(places, *ends, color=style["color"], linewidth=1.8)
    axes.plot(places, [data["difference_estimate"][i] for i in items], **style)
