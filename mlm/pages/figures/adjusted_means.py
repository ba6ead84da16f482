"""Adjusted means by wave with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlm.pages.figures.style import PALETTE, PAPER, canvas, grid, name_ticks, to_svg
from mlm.pages.rounding import render


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of the standards."""
    places = range(len(data["wave"]))
    with canvas(3.1, fonts) as (figure, axes):
        axes.vlines(places, data["lower"], data["upper"], color=PALETTE[0], linewidth=2.2)
        axes.plot(
            places,
            data["estimate"],
            "-o",
            color=PALETTE[0],
            linewidth=1.3,
            markersize=7,
            markeredgecolor=PAPER,
        )
        for place, mean in zip(places, data["estimate"], strict=True):
            axes.annotate(
                render(mean, 1, "number"),
                (place, mean),
                xytext=(9, -11),
                textcoords="offset points",
            )
        name_ticks(axes, places, data["wave"])
        axes.set_xlim(-0.4, len(data["wave"]) - 0.4)
        axes.margins(y=0.15)
        axes.set_ylabel(options["y"])
        axes.set_xlabel(options["x"])
        grid(axes, "y")
        return to_svg(figure)
