"""Effects of groups against normal quantiles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlm.pages.figures.style import MUTED, canvas, grid, level_style, to_svg


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of the quantiles, with the line on which normal effects lie."""
    colour, _ = level_style(options["level"], options["levels"])
    both = [*data["expected"], *data["observed"]]
    ends = (min(both) - 0.2, max(both) + 0.2)
    with canvas(3.1, fonts, width=4.6) as (figure, axes):
        axes.plot(ends, ends, color=MUTED, linewidth=1.1, linestyle=(0, (5, 3)))
        axes.plot(
            data["expected"],
            data["observed"],
            "o",
            color=colour,
            markersize=4.5,
            markeredgewidth=0,
        )
        axes.set_xlim(*ends)
        axes.set_ylim(*ends)
        axes.set_xlabel(options["x"])
        axes.set_ylabel(options["y"])
        grid(axes, "both")
        return to_svg(figure)
