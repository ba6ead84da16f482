"""Slopes fan: the effect of a variable in groups from the least to the most affected."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlm.pages.figures.style import INK, canvas, grid, level_style, shorten, to_svg
from mlm.pages.rounding import render


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of the fan: lines from a common point, the mean one strong."""
    colour, _hatch = level_style(options["level"], options["levels"])
    count = len(data["effect"])
    with canvas(3.2, fonts) as (figure, axes):
        axes.fill_between(
            [0, 1], [0, data["effect"][0]], [0, data["effect"][-1]], color=colour, alpha=0.12, lw=0
        )
        for position, effect in enumerate(data["effect"]):
            is_mean = position == count // 2
            axes.plot(
                [0, 1],
                [0, effect],
                color=INK if is_mean else colour,
                linewidth=2.4 if is_mean else 1.3,
                linestyle="-" if is_mean else (0, (4, 2)),
            )
            if position in (0, count // 2, count - 1):
                axes.annotate(
                    options["label"].format(
                        name=data["group"][position],
                        value=render(effect, options["decimals"], "signed"),
                    ),
                    (1, effect),
                    xytext=(8, 0),
                    textcoords="offset points",
                    va="center",
                    annotation_clip=False,
                )
        axes.axhline(0, color=INK, linewidth=0.9, zorder=1)
        axes.set_xticks([0, 1], [shorten(name, 30) for name in options["ends"]])
        axes.set_xlim(-0.12, 1.75)
        axes.set_ylabel(options["y"])
        grid(axes, "y")
        return to_svg(figure)
