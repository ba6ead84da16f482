"""Shares of the variance by value of a variable with a random slope."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlm.pages.figures.style import canvas, grid, level_style, to_svg
from mlm.pages.rounding import render

DASHES = ("solid", (0, (6, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (3, 1, 1, 1, 1, 1)))


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of the shares, one line a level, told apart by dashes as well as colours."""
    with canvas(2.9, fonts) as (figure, axes):
        for place, level in enumerate(options["levels"]):
            rows = [i for i, name in enumerate(data["level"]) if name == level]
            axes.plot(
                [data["value"][i] for i in rows],
                [data["share"][i] for i in rows],
                color=level_style(level, options["levels"])[0],
                linewidth=1.8,
                linestyle=DASHES[place % len(DASHES)],
                label=options["names"][place],
            )
        axes.set_ylim(0, 1)
        axes.yaxis.set_major_formatter(lambda share, __: render(share, 0, "percent"))
        axes.set_xlabel(options["x"])
        axes.set_ylabel(options["y"])
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.16), ncols=3)
        grid(axes, "y")
        return to_svg(figure)
