"""Attrition: for each step from wave to wave, who stays, who leaves and who is new."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlm.pages.figures.style import INK, PALETTE, PAPER, canvas, grid, shorten, to_svg
from mlm.pages.rounding import CONFIDENTIAL, render

SERIES = (("stay", PALETTE[0], ""), ("leave", PALETTE[3], "//"), ("new", PALETTE[1], ""))


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of the flow; those who leave are drawn to the left of zero."""
    count = len(data["step"])
    with canvas(1.2 + 0.52 * count, fonts) as (figure, axes):
        for row in range(count):
            _bars(axes, row, {key: data[key][row] for key, *_rest in SERIES})
        axes.axvline(0, color=INK, linewidth=0.9)
        axes.set_yticks(range(count), [shorten(name, 34) for name in data["step"]])
        axes.set_ylim(count - 0.45, -0.55)
        axes.set_xlabel(options["x"])
        axes.margins(x=0.06)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_formatter(lambda value, _place: render(abs(value), 0, "count"))
        grid(axes, "x")
        _key(axes, options["names"])
        return to_svg(figure)


def _bars(axes, row: int, values: Mapping[str, int | None]) -> None:
    left = 0.0
    for key, colour, hatch in SERIES:
        value = values[key]
        width = -(value or 0) if key == "leave" else (value or 0)
        start = 0.0 if key == "leave" else left
        axes.barh(row, width, 0.6, start, color=colour, edgecolor=PAPER, linewidth=1.2, hatch=hatch)
        left += 0.0 if key == "leave" else width
        text = CONFIDENTIAL if value is None else render(value, 0, "count")
        if value != 0:
            label = axes.text(start + width / 2, row, text, ha="center", va="center", fontsize=9.5)
            label.set_bbox({"facecolor": PAPER, "edgecolor": "none", "pad": 1.2})


def _key(axes, names: Mapping[str, str]) -> None:
    from matplotlib.patches import Patch

    axes.legend(
        handles=[
            Patch(facecolor=colour, edgecolor=PAPER, hatch=hatch, label=names[key])
            for key, colour, hatch in SERIES
        ],
        loc="lower left",
        bbox_to_anchor=(-0.01, 1.0),
        ncols=3,
        handlelength=1.4,
        borderaxespad=0.2,
    )
