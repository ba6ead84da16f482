"""Raw against shrunken effects: one mark a unit (a band for thousands), the line of no change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mlm.pages.figures.style import INK, PAPER, canvas, grid, level_style, to_svg, zero_line

MAX_MARKS = 400
BANDS = 120


def draw(data: Mapping[str, Any], options: Mapping[str, Any], fonts: Path) -> str:
    """The SVG of raw against shrunken effects; marks grow with the rows of a unit."""
    raw, shrunken = (np.asarray(data[key], dtype=float) for key in ("raw", "estimate"))
    colour, _hatch = level_style(options["level"], options["levels"])
    reach = 1.08 * max(np.abs(raw).max(), np.abs(shrunken).max(), 1e-9)
    with canvas(4.4, fonts) as (figure, axes):
        axes.plot([-reach, reach], [-reach, reach], color=INK, linewidth=0.9, linestyle=(0, (5, 3)))
        zero_line(axes, vertical=False)
        (_marks if len(raw) <= MAX_MARKS else _band)(axes, raw, shrunken, colour)
        axes.set_xlim(-reach, reach)
        axes.set_ylim(-reach, reach)
        axes.set_xlabel(options["x"])
        axes.set_ylabel(options["y"])
        grid(axes, "both")
        return to_svg(figure)


def _marks(axes, raw, shrunken, colour) -> None:
    axes.scatter(raw, shrunken, s=34, color=colour, edgecolors=PAPER, linewidths=0.6, zorder=3)


def _band(axes, raw, shrunken, colour) -> None:
    """Beyond 400 units: bins of units with near raw effects, their mean and their range."""
    parts = np.array_split(np.argsort(raw, kind="stable"), BANDS)
    middle = [raw[part].mean() for part in parts]
    low, high = ([end(shrunken[part]) for part in parts] for end in (np.min, np.max))
    axes.fill_between(middle, low, high, color=colour, alpha=0.3, linewidth=0)
    axes.plot(middle, [shrunken[part].mean() for part in parts], color=colour, linewidth=2)
