"""Correlation of the true effects of groups for every pair of waves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlm.pages.figures.style import PAPER, canvas, grid, level_style, shorten, to_svg, zero_line
from mlm.pages.rounding import render


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of the correlations, one line a pair, nearest waves first."""
    order = sorted(range(len(data["correlation"])), key=lambda i: (data["apart"][i], i))
    values = [data["correlation"][i] for i in order]
    labels = [f"{shorten(data['first'][i], 20)} – {shorten(data['second'][i], 20)}" for i in order]
    colour, _ = level_style(options["level"], options["levels"])
    with canvas(0.9 + 0.33 * len(values), fonts) as (figure, axes):
        rows = range(len(values))
        axes.hlines(rows, 0, values, color=colour, linewidth=2)
        axes.plot(values, rows, "o", color=colour, markersize=8, markeredgecolor=PAPER)
        for row, value in zip(rows, values, strict=True):
            axes.annotate(
                render(value, 2, "number"),
                (value, row),
                xytext=(9, 0),
                textcoords="offset points",
                va="center",
            )
        axes.set_yticks(rows, labels)
        axes.set_ylim(len(values) - 0.5, -0.5)
        axes.set_xlim(min([0.0, *values]) - 0.04, 1.08)
        zero_line(axes)
        axes.set_xlabel(options["x"])
        axes.tick_params(axis="y", length=0)
        grid(axes, "x")
        return to_svg(figure)
