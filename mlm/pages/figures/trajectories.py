"""Effects of groups by wave: a line each, or bands of quantiles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mlm.pages.figures.style import (
    INK,
    MUTED,
    PAPER,
    canvas,
    grid,
    key_above,
    level_style,
    name_ticks,
    shorten,
    to_svg,
    zero_line,
)

FIFTH = 0.2
OTHER = {"linewidth": 0.8, "linestyle": "-"}


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of the effects by wave."""
    waves = list(dict.fromkeys(data["wave"]))
    colour, _hatch = level_style(options["level"], options["levels"])
    with canvas(4.0 if options["mode"] == "lines" else 3.4, fonts) as (figure, axes):
        if options["mode"] == "lines":
            _lines(axes, data, waves, colour, options["names"])
        else:
            _bands(axes, data, waves, colour, options["middle"])
        zero_line(axes, vertical=False)
        name_ticks(axes, range(len(waves)), waves)
        axes.set_xlim(-0.25, len(waves) - 0.75)
        axes.set_ylabel(options["y"])
        axes.set_xlabel(options["x"])
        grid(axes, "y")
        return to_svg(figure)


def _lines(axes, data, waves: list[str], colour: str, names: Mapping[str, str]) -> None:
    units = list(dict.fromkeys(data["unit"]))
    values = np.array(data["estimate"], dtype=float).reshape(len(units), len(waves))
    first = values[:, 0]
    low, high = np.nanquantile(first, (FIFTH, 1.0 - FIFTH))
    styles = {
        "other": {"color": MUTED, "alpha": 0.55, **OTHER},
        "low": {"color": colour, "linewidth": 1.3, "linestyle": (0, (4, 2))},
        "high": {"color": colour, "linewidth": 1.5, "linestyle": "-"},
    }
    parts = np.where(first >= high, "high", np.where(first <= low, "low", "other"))
    for part, style in styles.items():
        for position, row in enumerate(values[parts == part]):
            label = {"label": shorten(names[part], 40)} if position == 0 else {}
            mark = "o" if np.isnan(row).any() else ""
            axes.plot(range(len(waves)), row, marker=mark, markersize=3, **style, **label)
    key_above(axes, 3)


def _bands(axes, data, waves: list[str], colour: str, middle: str) -> None:
    columns = [np.array(values) for name, values in data.items() if name != "wave"]
    places = range(len(waves))
    pairs = len(columns) // 2
    for position in range(pairs):
        axes.fill_between(
            places,
            columns[position],
            columns[-1 - position],
            color=colour,
            alpha=0.16 + 0.1 * (position == pairs - 1),
            linewidth=0,
        )
        for column in (columns[position], columns[-1 - position]):
            axes.plot(places, column, color=colour, linewidth=0.9, linestyle=(0, (4, 2)))
    axes.plot(places, data[middle], color=INK, linewidth=2.2, marker="o", markersize=4)
    for name in (n for n in data if n != "wave"):
        axes.annotate(
            name,
            (len(waves) - 1, data[name][-1]),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=9.5,
            annotation_clip=False,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.8},
        )
