"""Random slopes: the mean effect and the range of the effects of groups."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlm.pages.figures.style import (
    PAPER,
    canvas,
    grid,
    level_style,
    on_two_lines,
    to_svg,
    zero_line,
)


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of the slopes."""
    count = len(data["mean"])
    with canvas(1.0 + 0.36 * count, fonts) as (figure, axes):
        for row in range(count):
            colour, _ = level_style(data["level"][row], options["levels"])
            axes.hlines(
                row, data["lower"][row], data["upper"][row], color=colour, linewidth=7, alpha=0.4
            )
            axes.plot(
                [data["mean"][row]],
                [row],
                "o",
                color=colour,
                markersize=8,
                markerfacecolor=colour if data["kept"][row] else PAPER,
                markeredgewidth=1.6,
            )
        zero_line(axes)
        axes.set_yticks(range(count), [on_two_lines(text) for text in data["label"]])
        axes.set_ylim(count - 0.5, -0.5)
        axes.set_xlabel(options["x"])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        grid(axes, "x")
        return to_svg(figure)
