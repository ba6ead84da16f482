"""Raw against shrunken effects: one mark a unit, the line where both are equal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mlm.pages.figures.style import INK, PAPER, canvas, grid, level_style, to_svg, zero_line
from mlm.pages.language import _

MANY = 400


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of raw against shrunken effects; marks grow with the rows of a unit."""
    raw, shrunken = (np.asarray(data[key], dtype=float) for key in ("raw", "estimate"))
    colour, _hatch = level_style(options["level"], options["levels"])
    reach = 1.08 * max(np.abs(raw).max(), np.abs(shrunken).max(), 1e-9)
    with canvas(4.4, fonts) as (figure, axes):
        axes.plot([-reach, reach], [-reach, reach], color=INK, linewidth=0.9, linestyle=(0, (5, 3)))
        zero_line(axes, vertical=False)
        size = 34 if len(raw) <= MANY else 6
        axes.scatter(
            raw,
            shrunken,
            s=size,
            color=colour,
            edgecolors=PAPER,
            linewidths=0.6,
            zorder=3,
            rasterized=False,
        )
        axes.set_xlim(-reach, reach)
        axes.set_ylim(-reach, reach)
        axes.annotate(
            _("no shrinkage"),
            (reach * 0.98, reach * 0.72),
            xytext=(-6, 0),
            textcoords="offset points",
            ha="right",
            va="top",
        )
        axes.set_xlabel(options["x"])
        axes.set_ylabel(options["y"])
        grid(axes, "both")
        return to_svg(figure)
